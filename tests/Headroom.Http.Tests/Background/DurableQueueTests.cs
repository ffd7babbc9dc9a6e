using System.Data.Common;
using Headroom.Http.Tests.Streaming;
using Headroom.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Headroom.Http.Tests.Background;

/// <summary>Durable queues whatever their database.</summary>
public sealed class DurableQueueTests
{
    [Fact]
    public async Task Store_ThatIsAwayForAWhile_IsAskedAgainAndNothingIsLost()
    {
        var store = new FlakyStore { Fails = true };
        var desk = new OrderDesk();
        await using var host = await DurableQueueSuite.StartAsync(store, desk);
        await Assert.ThrowsAsync<IOException>(async () => await host.Durable<Order>().EnqueueAsync(new Order(1)));
        await Eventually.TrueAsync(() => store.Asked > 2, "It is not asked again.");
        store.Fails = false;

        await host.Durable<Order>().EnqueueAsync(new Order(2));

        await Eventually.TrueAsync(() => host.Count("completed") == 1, "It was not done.");
        Assert.Equal([(2, 1)], desk.Handled);
    }

    /// <summary>Each look at the store that found nothing once left a waiter behind, which then took the wake-up.</summary>
    [Fact]
    public async Task Enqueue_AfterManyLooksThatFoundNothing_IsBegunAtOnce()
    {
        var (store, desk, time) = (new FlakyStore(), new OrderDesk(), new ManualTime());
        await using var host = await DurableQueueSuite.StartAsync(store, desk, time: time);
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return store.Leases > 5;
            },
            "The store is not asked.");

        await host.Durable<Order>().EnqueueAsync(new Order(1));

        await Eventually.TrueAsync(() => !desk.Handled.IsEmpty, "It waits for the next look at the store.");
    }

    /// <summary>Also where its driver keeps the thread, as SQLite's does.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Start_WithAStoreThatDoesNotAnswer_DoesNotWaitForIt(bool keepsTheThread)
    {
        var (time, answer) = (new ManualTime(), new TaskCompletionSource());
        var store = new FlakyStore { PrepareHangs = !keepsTheThread, PrepareKeepsTheThreadUntil = keepsTheThread ? answer.Task : null };
        var starting = Task.Run(() => DurableQueueSuite.StartAsync(store, new OrderDesk(), time: time), TestContext.Current.CancellationToken);
        try
        {
            await Eventually.TrueAsync(
                () =>
                {
                    time.Advance(TimeSpan.FromSeconds(1));
                    return starting.IsCompleted;
                },
                "It waits.");
        }
        finally
        {
            answer.SetResult();
        }

        await (await starting).DisposeAsync();
    }

    /// <summary>A database behind a network that swallows everything: it neither answers nor fails.</summary>
    [Fact]
    public async Task Stop_WithAStoreThatDoesNotAnswer_DoesNotWaitForIt()
    {
        var store = new FlakyStore { LeaseHangs = true };
        var host = await DurableQueueSuite.StartAsync(store, new OrderDesk(), options => options.DrainTime = TimeSpan.Zero);
        await Eventually.TrueAsync(() => store.Leases > 0, "It was not asked.");

        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Item_WhoseLeaseCannotBeRenewedBecauseTheStoreDoesNotAnswer_HasItsTokenCancelledWhenTheLeaseIsOver()
    {
        var (store, desk, time) = (new FlakyStore { RenewHangs = true }, new OrderDesk(), new ManualTime());
        var (cancelled, began) = (new TaskCompletionSource(), time.GetTimestamp());
        desk.Do = async (_, _, cancellation) =>
        {
            await using var registration = cancellation.Register(() => cancelled.TrySetResult());
            await Task.Delay(Timeout.Infinite, cancellation);
        };
        await using var host = await DurableQueueSuite.StartAsync(store, desk, options => (options.Lease, options.ItemTimeout) = (TimeSpan.FromSeconds(30), TimeSpan.FromDays(1)), time);
        await host.Durable<Order>().EnqueueAsync(new Order(1));
        await Eventually.TrueAsync(() => !desk.Handled.IsEmpty, "It was not begun.");

        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return cancelled.Task.IsCompleted;
            },
            "It goes on though another may have it.");
        Assert.True(time.GetElapsedTime(began) >= TimeSpan.FromSeconds(30), "It was cancelled while it had its lease.");
        await Eventually.TrueAsync(() => host.Count("lost") == 1, "It was not counted.");
    }

    /// <summary>The system's timers go by another clock than its time stamps: one that fires before the lease is over is no reason to ask again a third of a lease later, when another has the item.</summary>
    [Fact]
    public async Task Item_WhoseLeaseCannotBeRenewed_IsGivenUpWhenItsTimerSaysSo()
    {
        var (store, desk, time) = (new FlakyStore { RenewHangs = true }, new OrderDesk(), new ManualTime());
        desk.Do = static (_, _, cancellation) => Task.Delay(Timeout.Infinite, cancellation);
        await using var host = await DurableQueueSuite.StartAsync(
            store, desk, options => (options.Lease, options.ItemTimeout) = (TimeSpan.FromSeconds(30), TimeSpan.FromDays(1)), new HastyTime(time));
        await host.Durable<Order>().EnqueueAsync(new Order(1));
        await Eventually.TrueAsync(() => !desk.Handled.IsEmpty, "It was not begun.");

        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return host.Count("lost") == 1;
            },
            "It goes on though another may have it.");
        Assert.Equal(1, store.Renewals);
    }

    [Fact]
    public async Task Start_WithoutAStore_SaysWhatToRegister()
    {
        var missing = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            BackgroundHost.StartAsync(static services => services.AddSingleton<OrderDesk>().AddHeadroomDurableQueue<Order, OrderHandler>("orders", Order.Json)));

        Assert.Contains("The durable queue 'orders' has no store", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_WithMistakes_EndTheStartAndTellThemAll()
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => BackgroundHost.StartAsync(
            static services => services.AddSingleton<IDurableWorkStore>(new FlakyStore()).AddHeadroomDurableQueue<Order, OrderHandler>("orders", Order.Json),
            ("Headroom:Background:orders:Workers", "-1"),
            ("Headroom:Background:orders:Lease", "00:00:00.05"),
            ("Headroom:Background:orders:Capacity", "7")));

        Assert.Equal(3, refused.Failures.Count());
    }

    [Fact]
    public void Add_OfTheSameNameOrTheSameType_IsRefused()
    {
        var services = new ServiceCollection().AddHeadroomDurableQueue<Order, OrderHandler>("orders", Order.Json).AddHeadroomBackgroundQueue("audit");

        Assert.Throws<ArgumentException>(() => services.AddHeadroomDurableQueue<Order, OrderHandler>("more", Order.Json));
        Assert.Throws<ArgumentException>(() => services.AddHeadroomDurableQueue<Order, OrderHandler>("audit", Order.Json));
        Assert.Throws<ArgumentException>(() => services.AddHeadroomBackgroundQueue("orders"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0")]
    public async Task Enqueue_WithAnotherKindOfId_IsRefused(string id)
    {
        await using var host = await DurableQueueSuite.StartAsync(new FlakyStore(), new OrderDesk());

        await Assert.ThrowsAsync<ArgumentException>(async () => await host.Durable<Order>().EnqueueAsync(new Order(1), id));
        await Assert.ThrowsAsync<ArgumentException>(async () => await host.Durable<Order>().EnqueueAsync(new Order(1), new string('x', 201)));
    }

    /// <summary>A clock whose timers fire after nine tenths of their time.</summary>
    sealed class HastyTime(ManualTime time) : TimeProvider
    {
        public override long TimestampFrequency => time.TimestampFrequency;

        public override long GetTimestamp() => time.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => time.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime * 0.9 : dueTime, period);
    }

    /// <summary>Keeps one item in memory, when it is not away.</summary>
    sealed class FlakyStore : IDurableWorkStore
    {
        DurableWork? work;
        int asked;
        int leases;
        int renewals;

        public bool Fails { get; set; }

        public bool PrepareHangs { get; init; }

        public Task? PrepareKeepsTheThreadUntil { get; init; }

        public bool LeaseHangs { get; init; }

        public bool RenewHangs { get; init; }

        public int Asked => Volatile.Read(ref asked);

        public int Leases => Volatile.Read(ref leases);

        public int Renewals => Volatile.Read(ref renewals);

        public ValueTask PrepareAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref asked);
            PrepareKeepsTheThreadUntil?.Wait(CancellationToken.None);
            if (PrepareHangs)
                return new(Task.Delay(Timeout.Infinite, cancellationToken));
            return Fails ? throw new IOException("away") : ValueTask.CompletedTask;
        }

        public ValueTask<bool> AddAsync(string queue, string id, ReadOnlyMemory<byte> payload, DbTransaction? transaction, CancellationToken cancellationToken)
        {
            work = new DurableWork(id, payload, 1, "lease");
            return new(true);
        }

        public async ValueTask<IReadOnlyList<DurableWork>> LeaseAsync(string queue, int most, TimeSpan lease, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref leases);
            if (LeaseHangs)
                await Task.Delay(Timeout.Infinite, cancellationToken);
            return Interlocked.Exchange(ref work, null) is { } taken ? [taken] : [];
        }

        public async ValueTask<bool> RenewAsync(string queue, DurableWork renewed, TimeSpan lease, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref renewals);
            if (RenewHangs)
                await Task.Delay(Timeout.Infinite, cancellationToken);
            return true;
        }

        public ValueTask<bool> CompleteAsync(string queue, DurableWork done, CancellationToken cancellationToken) => new(true);

        public ValueTask<bool> RetryAsync(string queue, DurableWork failed, TimeSpan delay, string error, CancellationToken cancellationToken) => new(true);

        public ValueTask<bool> ReleaseAsync(string queue, DurableWork released, CancellationToken cancellationToken) => new(true);

        public ValueTask<bool> ParkAsync(string queue, DurableWork poison, string? error, CancellationToken cancellationToken) => new(true);

        public ValueTask<IReadOnlyList<ParkedWork>> ParkedAsync(string queue, int most, CancellationToken cancellationToken) => new([]);

        public ValueTask<bool> UnparkAsync(string queue, string id, CancellationToken cancellationToken) => new(false);

        public ValueTask<DurableWorkCounts> CountAsync(string queue, CancellationToken cancellationToken) => new(new DurableWorkCounts(0, 0));
    }
}
