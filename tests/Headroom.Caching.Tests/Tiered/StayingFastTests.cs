namespace Headroom.Caching.Tests.Tiered;

public sealed class StayingFastTests
{
    readonly ManualTime time = new();
    int runs;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    ValueTask<string> Make(CancellationToken cancellation) => new($"made {Interlocked.Increment(ref runs)}");

    static async Task EventuallyAsync(Func<bool> condition)
    {
        for (var i = 0; i < 500 && !condition(); i++)
            await Task.Delay(10, Cancellation);
        Assert.True(condition());
    }

    [Fact]
    public async Task EagerRefresh_UsedLateInItsLife_IsMadeAnewInTheBackground()
    {
        using var cache = Nodes.Alone(time, options =>
        {
            options.Expiration = TimeSpan.FromSeconds(100);
            options.EagerRefresh = 0.8;
        });
        await cache.GetOrCreateAsync("key", Make, cancellationToken: Cancellation);
        time.Advance(TimeSpan.FromSeconds(79));
        Assert.Equal("made 1", await cache.GetOrCreateAsync("key", Make, cancellationToken: Cancellation));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(cache.TryGet<string>("key", out _));
        Assert.Equal("made 1", await cache.GetOrCreateAsync("key", Make, cancellationToken: Cancellation));
        await EventuallyAsync(() => cache.TryGet<string>("key", out var value) && value == "made 2");
        Assert.Equal(0, cache.Stats().StaleServed);
    }

    [Fact]
    public async Task StaleWhileRevalidate_JustOver_IsServedAtOnceAndMadeAnewOnce()
    {
        using var cache = Nodes.Alone(time, options =>
        {
            options.Expiration = TimeSpan.FromSeconds(10);
            options.StaleWhileRevalidate = TimeSpan.FromSeconds(5);
        });
        await cache.GetOrCreateAsync("key", Make, cancellationToken: Cancellation);
        time.Advance(TimeSpan.FromSeconds(12));
        var release = new TaskCompletionSource();
        async ValueTask<string> Slow(CancellationToken cancellation)
        {
            Interlocked.Increment(ref runs);
            await release.Task;
            return "anew";
        }

        for (var i = 0; i < 10; i++)
        {
            var served = cache.GetOrCreateAsync("key", Slow, cancellationToken: Cancellation);
            Assert.True(served.IsCompletedSuccessfully);
            Assert.Equal("made 1", await served);
        }

        Assert.Equal(10, cache.Stats().StaleServed);
        release.SetResult();
        await EventuallyAsync(() => cache.TryGet<string>("key", out var value) && value == "anew");
        Assert.Equal(2, runs);
        time.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal("made 3", await cache.GetOrCreateAsync("key", Make, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task FailSafe_FactoryFails_StaleIsServedUpToItsBoundAndTheSourceLeftAloneMeanwhile()
    {
        using var cache = Nodes.Alone(time, options =>
        {
            options.Expiration = TimeSpan.FromSeconds(10);
            options.FailSafe = TimeSpan.FromSeconds(60);
            options.FailSafeRetry = TimeSpan.FromSeconds(5);
        });
        await cache.GetOrCreateAsync("key", Make, cancellationToken: Cancellation);
        ValueTask<string> Fail(CancellationToken cancellation)
        {
            runs++;
            throw new InvalidDataException("down");
        }

        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal("made 1", await cache.GetOrCreateAsync("key", Fail, cancellationToken: Cancellation));
        Assert.Equal("made 1", await cache.GetOrCreateAsync("key", Fail, cancellationToken: Cancellation));
        Assert.Equal(2, runs);
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("made 1", await cache.GetOrCreateAsync("key", Fail, cancellationToken: Cancellation));
        Assert.Equal(3, runs);

        // 10 s of life and 60 s beyond, however often it was retried.
        time.Advance(TimeSpan.FromSeconds(52));
        Assert.Equal("made 1", await cache.GetOrCreateAsync("key", Fail, cancellationToken: Cancellation));
        time.Advance(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAsync<InvalidDataException>(async () => await cache.GetOrCreateAsync("key", Fail, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task FailSafe_InvalidatedValue_IsNeverServedStale()
    {
        using var cache = Nodes.Alone(time, options => options.FailSafe = TimeSpan.FromHours(1));
        await cache.GetOrCreateAsync("key", Make, tags: ["t"], cancellationToken: Cancellation);
        await cache.RemoveByTagAsync("t", Cancellation);
        await Assert.ThrowsAsync<InvalidDataException>(async () => await cache.GetOrCreateAsync<string>("key", _ => throw new InvalidDataException(), tags: ["t"], cancellationToken: Cancellation));
    }

    [Fact]
    public async Task SoftTimeout_SlowFactory_StaleIsServedAndTheSlowValueKept()
    {
        using var cache = Nodes.Alone(time, options =>
        {
            options.Expiration = TimeSpan.FromSeconds(10);
            options.FailSafe = TimeSpan.FromMinutes(1);
            options.FactorySoftTimeout = TimeSpan.FromMilliseconds(100);
        });
        await cache.GetOrCreateAsync("key", Make, cancellationToken: Cancellation);
        time.Advance(TimeSpan.FromSeconds(11));
        var release = new TaskCompletionSource<string>();
        var waiting = cache.GetOrCreateAsync("key", async _ => await release.Task, cancellationToken: Cancellation).AsTask();
        Assert.False(waiting.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(101));
        Assert.Equal("made 1", await waiting);
        release.SetResult("slow");
        await EventuallyAsync(() => cache.TryGet<string>("key", out var value) && value == "slow");
    }

    [Fact]
    public async Task HardTimeout_SlowFactory_TimeoutExceptionAndTheSlowValueKept()
    {
        using var cache = Nodes.Alone(time, options => options.FactoryHardTimeout = TimeSpan.FromMilliseconds(100));
        var release = new TaskCompletionSource<string>();
        var waiting = cache.GetOrCreateAsync("key", async _ => await release.Task, cancellationToken: Cancellation).AsTask();
        time.Advance(TimeSpan.FromMilliseconds(101));
        Assert.Contains("did not finish within 00:00:00.1000000", (await Assert.ThrowsAsync<TimeoutException>(() => waiting)).Message, StringComparison.Ordinal);
        release.SetResult("slow");
        await EventuallyAsync(() => cache.TryGet<string>("key", out _));
    }

    [Fact]
    public async Task FailSafe_NodeWithoutTheValueInMemory_ServesTheStoresStaleOne()
    {
        using var nodes = new Nodes(time);
        void Configure(CacheOptions options)
        {
            options.Expiration = TimeSpan.FromSeconds(10);
            options.FailSafe = TimeSpan.FromSeconds(60);
        }

        await nodes.Add(configure: Configure).SetAsync("key", "stored", cancellationToken: Cancellation);
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal("stored", await nodes.Add(configure: Configure).GetOrCreateAsync<string>("key", _ => throw new InvalidDataException(), cancellationToken: Cancellation));
    }

    [Fact]
    public async Task StoreAway_EveryOperation_WorksWithoutIt()
    {
        using var nodes = new Nodes(time);
        var node = nodes.Add();
        nodes.Store.Before = (_, _, _) => throw new IOException("away");
        Assert.Equal("made 1", await node.GetOrCreateAsync("key", Make, tags: ["t"], cancellationToken: Cancellation));
        Assert.Equal("made 1", await node.GetOrCreateAsync("key", Make, cancellationToken: Cancellation));
        await node.SetAsync("key", "set", cancellationToken: Cancellation);
        await node.RemoveAsync("key", Cancellation);
        await node.RemoveByTagAsync("t", Cancellation);
        await node.ClearAsync(Cancellation);
        Assert.False(node.TryGet<string>("key", out _));
        Assert.True(node.Stats().DistributedErrors > 0);

        // What was removed meanwhile is over for everyone once the store is back.
        nodes.Store.Before = null;
        time.Advance(TimeSpan.FromSeconds(10));
        await EventuallyAsync(() => nodes.Store.Keys.Any(key => key.Contains("t:", StringComparison.Ordinal)));
    }
}
