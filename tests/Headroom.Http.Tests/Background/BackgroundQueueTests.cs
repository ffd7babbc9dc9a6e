using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Headroom.Http.Tests.Streaming;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Headroom.Http.Tests.Background;

public sealed class BackgroundQueueTests(ITestOutputHelper output)
{
    static readonly Func<IServiceProvider, CancellationToken, Task> Nothing = static (_, _) => Task.CompletedTask;

    [Fact]
    public async Task Enqueue_OfItems_RunsThemInOrderEachInAScopeOfItsOwn()
    {
        await using var host = await StartAsync(add: services => services.AddScoped<Scoped>());
        var ran = new ConcurrentQueue<(int Number, Scoped Scope)>();
        for (var number = 0; number < 100; number++)
        {
            var mine = number;
            Assert.Equal(EnqueueOutcome.Accepted, await host.Queue().EnqueueAsync((services, _) =>
            {
                ran.Enqueue((mine, services.GetRequiredService<Scoped>()));
                return Task.CompletedTask;
            }));
        }

        await Eventually.TrueAsync(() => host.Count("completed") == 100, "Not all were run.");
        Assert.Equal(Enumerable.Range(0, 100), ran.Select(each => each.Number));
        Assert.Equal(100, ran.Select(each => each.Scope).Distinct().Count());
        Assert.All(ran, each => Assert.True(each.Scope.IsDisposed));
        Assert.Equal((0, 0L), (host.Queue().Pending, host.Pending));
    }

    [Fact]
    public async Task Enqueue_IntoAFullQueueThatWaits_HoldsTheCallerUntilThereIsRoom()
    {
        await using var host = await StartAsync(options => options.Capacity = 2);
        var gate = await OccupyAsync(host);
        await host.Queue().EnqueueAsync(Nothing);
        await host.Queue().EnqueueAsync(Nothing);

        var third = host.Queue().EnqueueAsync(Nothing).AsTask();
        using var impatient = new CancellationTokenSource();
        var fourth = host.Queue().EnqueueAsync(Nothing, impatient.Token).AsTask();
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.False(third.IsCompleted);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fourth);
        gate.SetResult();

        Assert.Equal(EnqueueOutcome.Accepted, await third);
        await Eventually.TrueAsync(() => host.Count("completed") == 4, "The one whose caller gave up was run, or another was not.");
    }

    /// <summary>However long there is no room: the work of a handler that hangs is not the only thing in memory then.</summary>
    [Fact]
    public async Task Enqueue_WhoseCallerGivesUp_KeepsNothingOfItsWork()
    {
        await using var host = await StartAsync(options => options.Capacity = 1);
        var gate = await OccupyAsync(host);
        await host.Queue().EnqueueAsync(Nothing);
        using var impatient = new CancellationTokenSource();

        var (waiting, work) = EnqueueWork(host, impatient.Token);
        Assert.True(work.IsAlive);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        await Eventually.TrueAsync(
            () =>
            {
                GC.Collect();
                return !work.IsAlive;
            },
            "The queue keeps the work of a caller that has given up.");
        gate.SetResult();
    }

    // Not in the test itself, whose locals keep what they name.
    [MethodImpl(MethodImplOptions.NoInlining)]
    static (Task Waiting, WeakReference Work) EnqueueWork(BackgroundHost host, CancellationToken cancellation)
    {
        var held = new List<int>();
        return (host.Queue().EnqueueAsync((_, _) => Task.FromResult(held.Count), cancellation).AsTask(), new WeakReference(held));
    }

    [Fact]
    public async Task Enqueue_IntoAFullQueueThatRejects_IsRefusedAndCounted()
    {
        await using var host = await StartAsync(options => (options.Capacity, options.WhenFull) = (1, WhenFull.Reject));
        var gate = await OccupyAsync(host);

        Assert.Equal(EnqueueOutcome.Accepted, await host.Queue().EnqueueAsync(Nothing));
        Assert.Equal(EnqueueOutcome.Rejected, await host.Queue().EnqueueAsync(Nothing));
        Assert.Equal((1L, 1), (host.Count("rejected"), host.Queue().Pending));
        gate.SetResult();
    }

    [Fact]
    public async Task Enqueue_IntoAFullQueueThatDrops_TakesTheNewestAndCountsTheOldest()
    {
        await using var host = await StartAsync(options => (options.Capacity, options.WhenFull) = (3, WhenFull.DropOldest));
        var gate = await OccupyAsync(host);
        var ran = new ConcurrentQueue<int>();
        var outcomes = new List<EnqueueOutcome>();
        for (var number = 0; number < 10; number++)
        {
            var mine = number;
            outcomes.Add(await host.Queue().EnqueueAsync((_, _) =>
            {
                ran.Enqueue(mine);
                return Task.CompletedTask;
            }));
        }

        gate.SetResult();
        await Eventually.TrueAsync(() => ran.Count == 3, "Three were to run.");
        Assert.Equal([7, 8, 9], ran);
        Assert.Equal([.. Enumerable.Repeat(EnqueueOutcome.Accepted, 3), .. Enumerable.Repeat(EnqueueOutcome.AcceptedForOldest, 7)], outcomes);
        Assert.Equal(7, host.Count("dropped"));
    }

    [Fact]
    public async Task Item_ThatThrows_IsRetriedInAScopeOfItsOwnAndThenGivenUp()
    {
        await using var host = await StartAsync(options => (options.MaxAttempts, options.RetryDelay) = (3, TimeSpan.FromMilliseconds(20)));
        var attempts = 0;
        var healed = 0;
        await host.Queue().EnqueueAsync((_, _) => throw new InvalidOperationException($"{++attempts}"));
        await host.Queue().EnqueueAsync((_, _) => ++healed < 3 ? Task.FromException(new InvalidOperationException()) : Task.CompletedTask);

        await Eventually.TrueAsync(() => host.Count("failed") == 1 && host.Count("completed") == 1, "They were not tried to the end.");
        Assert.Equal((3, 3, 4L), (attempts, healed, host.Count("retried")));
        Assert.Equal(0, host.Queue().Pending);
    }

    [Fact]
    public async Task Item_ThatWaitsForItsNextAttempt_HoldsUpNobody()
    {
        await using var host = await StartAsync(options => options.RetryDelay = TimeSpan.FromMinutes(1));
        await host.Queue().EnqueueAsync((_, _) => throw new InvalidOperationException());
        await host.Queue().EnqueueAsync(Nothing);

        await Eventually.TrueAsync(() => host.Count("completed") == 1, "The second waits for the first.");
        Assert.Equal((1, 1L), (host.Queue().Pending, host.Count("retried")));
    }

    [Fact]
    public async Task Item_ThatTakesTooLong_HasFailed()
    {
        await using var host = await StartAsync(options => (options.MaxAttempts, options.ItemTimeout) = (1, TimeSpan.FromMilliseconds(50)));
        await host.Queue().EnqueueAsync((_, cancellation) => Task.Delay(Timeout.Infinite, cancellation));

        await Eventually.TrueAsync(() => host.Count("failed") == 1, "It goes on.");
    }

    [Fact]
    public async Task Stop_WithItemsThatWaitAndRetryAndRun_RunsThemAllAndTakesNoMore()
    {
        var host = await StartAsync(options => (options.Capacity, options.RetryDelay) = (3, TimeSpan.FromMinutes(10)));
        var attempts = 0;
        await host.Queue().EnqueueAsync((_, _) => ++attempts == 1 ? Task.FromException(new InvalidOperationException()) : Task.CompletedTask);
        await Eventually.TrueAsync(() => host.Count("retried") == 1, "The first did not fail.");
        var gate = await OccupyAsync(host);
        await host.Queue().EnqueueAsync(Nothing);
        await host.Queue().EnqueueAsync(Nothing);
        var waiting = host.Queue().EnqueueAsync(Nothing).AsTask();

        var stopping = host.StopAsync();
        Assert.Equal(EnqueueOutcome.Stopping, await waiting);
        Assert.Equal(EnqueueOutcome.Stopping, await host.Queue().EnqueueAsync(Nothing));
        gate.SetResult();
        await stopping;

        Assert.Equal((4L, 2, 0L), (host.Count("completed"), attempts, host.Count("lost")));
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Stop_WithAnItemThatDoesNotEnd_CancelsItAfterTheDrainTimeAndCountsWhatIsLost()
    {
        var host = await StartAsync(options => options.DrainTime = TimeSpan.FromMilliseconds(200));
        var cancelled = new TaskCompletionSource();
        await host.Queue().EnqueueAsync(async (_, cancellation) =>
        {
            using var registration = cancellation.Register(() => cancelled.SetResult());
            await Task.Delay(Timeout.Infinite, cancellation);
        });
        await Eventually.TrueAsync(() => host.Queue().Pending == 0, "It was not taken.");
        await host.Queue().EnqueueAsync(Nothing);
        await host.Queue().EnqueueAsync(Nothing);

        await host.StopAsync();

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal((3L, 0L), (host.Count("lost"), host.Count("completed")));
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Stop_WhenTheHostHurries_DoesNotWaitForTheDrainTime()
    {
        var host = await StartAsync(options => options.DrainTime = TimeSpan.FromHours(1));
        await host.Queue().EnqueueAsync(static (_, cancellation) => Task.Delay(Timeout.Infinite, cancellation));
        using var hurry = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));

        await host.StopAsync(hurry.Token);

        Assert.Equal(1, host.Count("lost"));
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Stop_UnderLoad_RunsExactlyWhatWasAccepted()
    {
        var seed = Seed.Printed(output);
        for (var round = 0; round < 10; round++)
        {
            var random = new Random(seed + round);
            var host = await StartAsync(options => (options.Capacity, options.Workers, options.RetryDelay) = (random.Next(1, 20), random.Next(1, 6), TimeSpan.FromMilliseconds(random.Next(3))));
            var (accepted, ran) = (0, 0);
            var queue = host.Queue();
            var producers = Enumerable.Range(0, 8).Select(number => Task.Run(async () =>
            {
                var chance = new Random(seed + (31 * number) + round);
                while (true)
                {
                    var fails = chance.Next(10) == 0 ? 1 : 0;
                    var outcome = await queue.EnqueueAsync(async (_, _) =>
                    {
                        await Task.Yield();
                        if (fails-- > 0)
                            throw new InvalidOperationException();
                        Interlocked.Increment(ref ran);
                    });
                    if (outcome == EnqueueOutcome.Stopping)
                        return;
                    Interlocked.Increment(ref accepted);
                }
            })).ToArray();
            await Eventually.TrueAsync(() => Volatile.Read(ref accepted) > 0, "Nothing was accepted.");
            await Task.Delay(random.Next(5, 60), TestContext.Current.CancellationToken);

            await host.StopAsync();
            await Task.WhenAll(producers);

            Assert.Equal((accepted, (long)accepted, 0L), (ran, host.Count("completed"), host.Count("lost")));
            Assert.Equal((0, 0L), (queue.Pending, host.Pending));
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task Queues_OfSeveralNames_AreApartAndConfiguredEach()
    {
        await using var host = await BackgroundHost.StartAsync(
            services => services.AddHeadroomBackgroundQueue("audit").AddHeadroomBackgroundQueue("mail").AddHeadroomBackgroundQueue("mail", options => options.Capacity = 1),
            ("Headroom:Background:mail:WhenFull", "Reject"));
        var gate = new TaskCompletionSource();
        await host.Queue("mail").EnqueueAsync((_, _) => gate.Task);
        await Eventually.TrueAsync(() => host.Queue("mail").Pending == 0, "It was not taken.");
        await host.Queue("mail").EnqueueAsync(Nothing);

        Assert.Equal(EnqueueOutcome.Rejected, await host.Queue("mail").EnqueueAsync(Nothing));
        Assert.Equal(EnqueueOutcome.Accepted, await host.Queue("audit").EnqueueAsync(Nothing));
        await Eventually.TrueAsync(() => host.Count("completed") == 1, "One queue waits for the other.");
        gate.SetResult();
    }

    [Fact]
    public async Task Options_WithMistakes_EndTheStartAndTellThemAll()
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => BackgroundHost.StartAsync(
            static services => services.AddHeadroomBackgroundQueue("audit"),
            ("Headroom:Background:audit:Capacity", "0"),
            ("Headroom:Background:audit:WhenFull", "Explode"),
            ("Headroom:Background:audit:Size", "1")));

        Assert.Equal(3, refused.Failures.Count());
        Assert.Contains("Headroom:Background:audit:Capacity is 0; allowed are 1 to 10000000.", refused.Failures);
        Assert.Contains("'Headroom:Background:audit:WhenFull' is 'Explode'; write one of Wait, Reject, DropOldest.", refused.Failures);
    }

    [Fact]
    public async Task Options_OfAQueueThatThereIsNot_EndTheStart()
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => BackgroundHost.StartAsync(
            static services => services.AddHeadroomBackgroundQueue("audit"), ("Headroom:Background:adit:Capacity", "5")));

        Assert.Equal(["'Headroom:Background:adit' is not a queue; the queues are audit."], refused.Failures);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a:b")]
    public void Add_WithAnotherKindOfName_IsRefused(string name) =>
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddHeadroomBackgroundQueue(name));

    [Fact]
    public void Add_WithANameThatDiffersInCaseOnly_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddHeadroomBackgroundQueue("audit").AddHeadroomBackgroundQueue("Audit"));

    static Task<BackgroundHost> StartAsync(Action<BackgroundQueueOptions>? configure = null, Action<IServiceCollection>? add = null) => BackgroundHost.StartAsync(services =>
    {
        services.AddHeadroomBackgroundQueue("work", configure);
        add?.Invoke(services);
    });

    /// <summary>Keeps the only worker busy until the result is set.</summary>
    static async Task<TaskCompletionSource> OccupyAsync(BackgroundHost host)
    {
        var gate = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        await host.Queue().EnqueueAsync((_, _) =>
        {
            begun.SetResult();
            return gate.Task;
        });
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        return gate;
    }

    sealed class Scoped : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
