using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Headroom.Http.Tests.Streaming;
using Headroom.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.Tests.Background;

/// <summary>What an item of a durable queue of these tests says.</summary>
public sealed record Order(int Number)
{
    public static JsonTypeInfo<Order> Json { get; } = (JsonTypeInfo<Order>)JsonSerializerOptions.Web.GetTypeInfo(typeof(Order));
}

/// <summary>Does what the test says, and remembers.</summary>
public sealed class OrderHandler(OrderDesk desk) : IDurableWorkHandler<Order>
{
    public Task HandleAsync(Order item, DurableAttempt attempt, CancellationToken cancellationToken)
    {
        desk.Handled.Enqueue((item.Number, attempt.Number));
        return desk.Do(item, attempt, cancellationToken);
    }
}

public sealed class OrderDesk
{
    public ConcurrentQueue<(int Number, int Attempt)> Handled { get; } = [];

    public Func<Order, DurableAttempt, CancellationToken, Task> Do { get; set; } = static (_, _, _) => Task.CompletedTask;
}

/// <summary>Durable queues over each database, from enqueuing to the end of a process.</summary>
public abstract class DurableQueueSuite(WorkDatabase database)
{
    const string Queue = "orders";
    static readonly TimeSpan Short = TimeSpan.FromMilliseconds(20);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Enqueue_OfItems_DoesThemAndLeavesNothing()
    {
        var (store, desk) = (await database.StoreAsync(), new OrderDesk());
        await using var host = await StartAsync(store, desk, options => options.PollInterval = TimeSpan.FromMinutes(1));
        for (var number = 0; number < 30; number++)
            Assert.True(await host.Durable<Order>().EnqueueAsync(new Order(number)));

        await Eventually.TrueAsync(() => host.Count("completed") == 30, "Not all were done, though each wakes the workers.");
        Assert.Equal(Enumerable.Range(0, 30), desk.Handled.Select(each => each.Number).Order());
        Assert.Equal(new DurableWorkCounts(0, 0), await store.CountAsync(Queue, Cancellation));
    }

    [Fact]
    public async Task Enqueue_InATransaction_IsDoneAfterItCommits()
    {
        var (store, desk) = (await database.StoreAsync(), new OrderDesk());
        await using var host = await StartAsync(store, desk);
        await using (var connection = await database.Source.OpenConnectionAsync(Cancellation))
        {
            // Opened before the transaction: SQLite has one writer at a time, and that is the transaction until it ends.
            await using var transaction = await connection.BeginTransactionAsync(Cancellation);
            Assert.True(await host.Durable<Order>().EnqueueAsync(new Order(1), id: "one", transaction));
            Assert.Empty(desk.Handled);
            await transaction.CommitAsync(Cancellation);
        }

        await Eventually.TrueAsync(() => host.Count("completed") == 1, "It was not done.");
        Assert.Equal([(1, 1)], desk.Handled);
    }

    [Fact]
    public async Task Item_ThatThrows_IsRetriedAndThenParkedWithItsError()
    {
        var (store, desk) = (await database.StoreAsync(), new OrderDesk());
        desk.Do = static (order, attempt, _) => order.Number == 1 || attempt.Number < 3 ? throw new InvalidOperationException($"not {order.Number}") : Task.CompletedTask;
        await using var host = await StartAsync(store, desk, options => (options.MaxAttempts, options.RetryDelay) = (3, Short));
        await host.Durable<Order>().EnqueueAsync(new Order(1), id: "poison");
        await host.Durable<Order>().EnqueueAsync(new Order(2));

        await Eventually.TrueAsync(() => host.Count("parked") == 1 && host.Count("completed") == 1, "They were not tried to the end.");
        var parked = Assert.Single(await store.ParkedAsync(Queue, 10, Cancellation));
        Assert.Equal(("poison", 3, "System.InvalidOperationException: not 1"), (parked.Id, parked.Attempts, parked.Error));
        Assert.Equal(4, host.Count("retried"));

        desk.Do = static (_, _, _) => Task.CompletedTask;
        await store.UnparkAsync(Queue, "poison", Cancellation);
        await Eventually.TrueAsync(() => host.Count("completed") == 2, "What was unparked was not done.");
    }

    /// <summary>By a clock of the test's own for the worker; the store has the database's, by which each renewal moves the end of the lease.</summary>
    [Fact]
    public async Task Item_LongerThanItsLease_KeepsItByRenewing()
    {
        var (store, desk, time, done) = (await database.StoreAsync(), new OrderDesk(), new ManualTime(), new TaskCompletionSource());
        desk.Do = (_, _, cancellation) => done.Task.WaitAsync(cancellation);
        await using var host = await StartAsync(store, desk, options => (options.Lease, options.ItemTimeout) = (TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)), time);
        await host.Durable<Order>().EnqueueAsync(new Order(1));
        await Eventually.TrueAsync(() => !desk.Handled.IsEmpty, "It was not begun.");

        for (var renewals = 0; renewals < 6; renewals++)
        {
            // The database counts milliseconds: one later, a renewal shows.
            await Task.Delay(5, Cancellation);
            var before = await ScalarAsync($"SELECT due_at FROM {TableOf(store)}");
            for (var waited = 0; await ScalarAsync($"SELECT due_at FROM {TableOf(store)}") == before; waited++)
            {
                Assert.True(waited < 3000, "Its lease was not renewed.");
                // Due after 20 s; from then on slowly, so that the lease lasts until a busy database has answered.
                time.Advance(TimeSpan.FromMilliseconds(waited < 25 || waited % 100 == 0 ? 1_000 : 0));
                await Task.Delay(10, Cancellation);
            }
        }

        done.SetResult();
        await Eventually.TrueAsync(() => host.Count("completed") == 1, "It was not done.");
        Assert.Equal([(1, 1)], desk.Handled);
    }

    [Fact]
    public async Task Item_WhoseLeaseIsAnothers_HasItsTokenCancelled()
    {
        var (store, desk, time, cancelled) = (await database.StoreAsync(), new OrderDesk(), new ManualTime(), new TaskCompletionSource());
        desk.Do = async (_, attempt, cancellation) =>
        {
            if (attempt.Number > 1)
                return;
            await using var registration = cancellation.Register(() => cancelled.TrySetResult());
            await Task.Delay(Timeout.Infinite, cancellation);
        };
        await using var host = await StartAsync(store, desk, options => (options.Lease, options.ItemTimeout) = (TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)), time);
        await host.Durable<Order>().EnqueueAsync(new Order(1), id: "one");
        await Eventually.TrueAsync(() => !desk.Handled.IsEmpty, "It was not begun.");

        // As after a pause of the process that was longer than the lease.
        await ExecuteAsync($"UPDATE {TableOf(store)} SET lease = 'another', due_at = 0");

        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return cancelled.Task.IsCompleted && host.Count("lost") == 1 && host.Count("completed") == 1;
            },
            "It was not cancelled, or not done by who has the lease.");
    }

    [Fact]
    public async Task Stop_WithAnItemThatGoesOn_WaitsForItAndWithOneThatDoesNotEnd_GivesItBackUncounted()
    {
        var (store, desk, time, goOn) = (await database.StoreAsync(), new OrderDesk(), new ManualTime(), new TaskCompletionSource());
        desk.Do = (order, _, cancellation) => order.Number == 1 ? goOn.Task : Task.Delay(Timeout.Infinite, cancellation);
        var host = await StartAsync(store, desk, options => options.DrainTime = TimeSpan.FromSeconds(4), time);
        await host.Durable<Order>().EnqueueAsync(new Order(1));
        await host.Durable<Order>().EnqueueAsync(new Order(2));
        await Eventually.TrueAsync(() => desk.Handled.Count == 2, "They were not begun.");

        var stopping = host.StopAsync();
        goOn.SetResult();
        await Eventually.TrueAsync(() => host.Count("completed") == 1, "What goes on was not waited for.");
        Assert.False(stopping.IsCompleted);

        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(0.1));
                return stopping.IsCompleted;
            },
            "It did not stop.");
        await stopping;
        await Eventually.TrueAsync(() => host.Count("lost") == 1, "It was not given back.");
        Assert.Equal(1, host.Count("completed"));
        var left = Assert.Single(await store.LeaseAsync(Queue, 5, TimeSpan.FromMinutes(1), Cancellation));
        Assert.Equal(1, left.Attempt);
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Items_OfManyNodesThatStopAndStart_AreAllDone()
    {
        const int Items = 120;
        var (store, desk) = (await database.StoreAsync(), new OrderDesk());
        desk.Do = static async (order, attempt, cancellation) =>
        {
            await Task.Delay(order.Number % 7, cancellation);
            if (attempt.Number == 1 && order.Number % 5 == 0)
                throw new InvalidOperationException();
        };
        var host = await StartAsync(store, desk, options => options.RetryDelay = Short);
        await using var other = await StartAsync(store, desk, options => options.RetryDelay = Short);
        for (var number = 0; number < Items; number++)
        {
            await other.Durable<Order>().EnqueueAsync(new Order(number));
            if (number % 30 == 29)
            {
                await host.DisposeAsync();
                host = await StartAsync(store, desk, options => options.RetryDelay = Short);
            }
        }

        var waited = Stopwatch.StartNew();
        while ((await store.CountAsync(Queue, Cancellation)).Pending > 0 && waited.Elapsed < TimeSpan.FromSeconds(30))
            await Task.Delay(20, Cancellation);
        await host.DisposeAsync();

        Assert.Equal(new DurableWorkCounts(0, 0), await store.CountAsync(Queue, Cancellation));
        Assert.Equal(Enumerable.Range(0, Items), desk.Handled.Select(each => each.Number).Distinct().Order());
    }

    /// <summary>Killed in the middle of an item, which the next process does when the lease is over.</summary>
    [Fact]
    public async Task Process_KilledInTheMiddleOfAnItem_LosesNothing()
    {
        var store = await database.StoreAsync();
        using (var child = KilledWorker.Start(database, TableOf(store)))
        {
            await Eventually.TrueAsync(() => child.HasBegun, "The other process did not begin the item.");
            child.Kill();
        }

        Assert.Equal(new DurableWorkCounts(2, 0), await store.CountAsync(Queue, Cancellation));
        var desk = new OrderDesk();
        await using var host = await StartAsync(store, desk);
        await Eventually.TrueAsync(() => host.Count("completed") == 2, "An item was lost.");
        Assert.Equal([(1, 2), (2, 1)], desk.Handled.OrderBy(each => each.Number));
    }

    [Fact]
    public async Task Item_WhoseProcessDiesEachTime_IsParked()
    {
        var (store, desk) = (await database.StoreAsync(), new OrderDesk());
        await store.AddAsync(Queue, "killer", JsonSerializer.SerializeToUtf8Bytes(new Order(1), Order.Json), null, Cancellation);
        for (var death = 0; death < 3; death++)
        {
            Assert.Single(await store.LeaseAsync(Queue, 1, TimeSpan.Zero, Cancellation));
            await Task.Delay(5, Cancellation);
        }

        await using var host = await StartAsync(store, desk, options => options.MaxAttempts = 3);
        await Eventually.TrueAsync(() => host.Count("parked") == 1, "It was not parked.");

        Assert.Empty(desk.Handled);
        Assert.Equal(new ParkedWork("killer", default, 3, null), (await store.ParkedAsync(Queue, 1, Cancellation)).Single() with { Payload = default });
    }

    internal static Task<BackgroundHost> StartAsync(IDurableWorkStore store, OrderDesk desk, Action<DurableQueueOptions>? configure = null, TimeProvider? time = null) => BackgroundHost.StartAsync(services => services
        .AddSingleton(store)
        .AddSingleton(desk)
        .AddSingleton(time ?? TimeProvider.System)
        .AddHeadroomDurableQueue<Order, OrderHandler>(Queue, Order.Json, options =>
        {
            options.PollInterval = Short;
            configure?.Invoke(options);
        }));

    static string TableOf(DbDurableWorkStore store) => store.Table;

    async Task<long> ScalarAsync(string sql)
    {
        await using var connection = await database.Source.OpenConnectionAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    async Task ExecuteAsync(string sql)
    {
        await using var connection = await database.Source.OpenConnectionAsync(Cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.Equal(1, await command.ExecuteNonQueryAsync(Cancellation));
    }
}

public sealed class SqliteDurableQueueTests(SqliteWorkDatabase database) : DurableQueueSuite(database), IClassFixture<SqliteWorkDatabase>;

public sealed class PostgresDurableQueueTests(PostgresWorkDatabase database) : DurableQueueSuite(database), IClassFixture<PostgresWorkDatabase>;
