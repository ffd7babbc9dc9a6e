namespace Headroom.Caching.Tests.Tiered;

public sealed class CoalescingTests
{
    readonly ManualTime time = new();

    [Fact]
    public async Task GetOrCreateAsync_ThousandCallersOnAColdKey_OneFactoryAndFewBytes()
    {
        using var cache = Nodes.Alone(time);
        var runs = 0;
        var release = new TaskCompletionSource();
        async ValueTask<string> Make(int state, CancellationToken cancellation)
        {
            Interlocked.Increment(ref runs);
            await release.Task;
            return "value";
        }

        Func<int, CancellationToken, ValueTask<string>> factory = Make;
        var waiting = new Task<string>[1_000];
        await cache.GetOrCreateAsync("warm", 1, static (_, _) => new ValueTask<string>("x"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < waiting.Length; i++)
            waiting[i] = cache.GetOrCreateAsync("key", 7, factory).AsTask();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        release.SetResult();
        foreach (var each in waiting)
            Assert.Equal("value", await each);
        Assert.Equal(1, runs);
        Assert.Equal(999, cache.Stats().Coalesced);
        Assert.InRange(allocated, 0, 130_000);
    }

    [Fact]
    public async Task GetOrCreateAsync_CallersOnManyThreads_OneFactory()
    {
        using var cache = Nodes.Alone(TimeProvider.System);
        var runs = 0;
        var values = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(async () => await cache.GetOrCreateAsync("key", async cancellation =>
        {
            Interlocked.Increment(ref runs);
            await Task.Delay(50, cancellation);
            return Guid.NewGuid();
        }))));
        Assert.Equal(1, runs);
        Assert.Single(values.Distinct());
    }

    [Fact]
    public async Task GetOrCreateAsync_OneCallerCancels_TheOthersGetTheValueAndTheFactoryGoesOn()
    {
        using var cache = Nodes.Alone(time);
        var release = new TaskCompletionSource<string>();
        CancellationToken seen = default;
        using var first = new CancellationTokenSource();
        var one = cache.GetOrCreateAsync("key", async cancellation =>
        {
            seen = cancellation;
            return await release.Task;
        }, cancellationToken: first.Token).AsTask();
        var two = cache.GetOrCreateAsync<string>("key", _ => throw new InvalidOperationException("a second factory"), cancellationToken: TestContext.Current.CancellationToken).AsTask();
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        Assert.False(seen.IsCancellationRequested);
        release.SetResult("value");
        Assert.Equal("value", await two);
    }

    [Fact]
    public async Task GetOrCreateAsync_AllCallersCancel_TheFactoryIsCancelledAndTheNextCallerStartsAnew()
    {
        using var cache = Nodes.Alone(time);
        var cancelled = new TaskCompletionSource();
        using var source = new CancellationTokenSource();
        async ValueTask<string> Make(CancellationToken cancellation)
        {
            cancellation.Register(() => cancelled.TrySetResult());
            await Task.Delay(Timeout.Infinite, cancellation);
            return "";
        }

        var callers = Enumerable.Range(0, 3).Select(_ => cache.GetOrCreateAsync("key", Make, cancellationToken: source.Token).AsTask()).ToArray();
        await source.CancelAsync();
        foreach (var caller in callers)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller);
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal("new", await cache.GetOrCreateAsync("key", _ => new ValueTask<string>("new")));
    }

    [Fact]
    public async Task GetOrCreateAsync_FactoryThrows_EveryCallerGetsItOnceAndItIsNotKept()
    {
        using var cache = Nodes.Alone(time);
        var release = new TaskCompletionSource();
        var runs = 0;
        async ValueTask<string> Fail(CancellationToken cancellation)
        {
            runs++;
            await release.Task;
            throw new InvalidDataException("broken");
        }

        var callers = Enumerable.Range(0, 3).Select(_ => cache.GetOrCreateAsync("key", Fail).AsTask()).ToArray();
        release.SetResult();
        foreach (var caller in callers)
            Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidDataException>(() => caller)).Message);
        Assert.Equal(1, runs);
        Assert.Equal("fine", await cache.GetOrCreateAsync("key", _ => new ValueTask<string>("fine")));
    }

    [Fact]
    public async Task GetOrCreateAsync_FactoryThrowsAndFailuresAreKept_TheSourceIsLeftAlone()
    {
        using var cache = Nodes.Alone(time, options => options.FailureExpiration = TimeSpan.FromSeconds(3));
        var runs = 0;
        ValueTask<string> Fail(CancellationToken cancellation)
        {
            runs++;
            throw new InvalidDataException("broken");
        }

        for (var i = 0; i < 3; i++)
            await Assert.ThrowsAsync<InvalidDataException>(async () => await cache.GetOrCreateAsync("key", Fail));
        Assert.Equal(1, runs);
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal("fine", await cache.GetOrCreateAsync("key", _ => new ValueTask<string>("fine")));
    }

    [Fact]
    public async Task GetOrCreateAsync_FactoryAsksForItsOwnKey_ClearErrorInsteadOfWaitingForEver()
    {
        using var cache = Nodes.Alone(time);
        async ValueTask<string> Inner(CancellationToken cancellation) => await cache.GetOrCreateAsync("a", _ => new ValueTask<string>("never"), cancellationToken: cancellation);
        async ValueTask<string> Outer(CancellationToken cancellation)
        {
            await Task.Yield();
            return await cache.GetOrCreateAsync("b", Inner, cancellationToken: cancellation);
        }

        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () => await cache.GetOrCreateAsync("a", Outer).AsTask().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        Assert.Contains("asked the cache for the very value that it is making", error.Message, StringComparison.Ordinal);
        Assert.Equal("fine", await cache.GetOrCreateAsync("a", _ => new ValueTask<string>("fine")));
    }

    [Fact]
    public async Task RemoveAsync_WhileAFactoryRuns_LaterCallersDoNotGetItsValueAndItIsNotKept()
    {
        using var cache = Nodes.Alone(time);
        var release = new TaskCompletionSource<string>();
        var early = cache.GetOrCreateAsync("key", async _ => await release.Task).AsTask();
        await cache.RemoveAsync("key", TestContext.Current.CancellationToken);
        var late = cache.GetOrCreateAsync("key", _ => new ValueTask<string>("new")).AsTask();
        release.SetResult("old");
        Assert.Equal("old", await early);
        Assert.Equal("new", await late);
        Assert.True(cache.TryGet<string>("key", out var kept));
        Assert.Equal("new", kept);
    }

    [Theory]
    [InlineData("t")]
    [InlineData("*")]
    public async Task RemoveByTagAsync_WhileAFactoryRuns_ItsValueIsNotKept(string tag)
    {
        using var cache = Nodes.Alone(time);
        var release = new TaskCompletionSource<string>();
        var early = cache.GetOrCreateAsync("key", async _ => await release.Task, tags: ["t"]).AsTask();
        await cache.RemoveByTagAsync(tag, TestContext.Current.CancellationToken);
        release.SetResult("old");
        await early;
        Assert.False(cache.TryGet<string>("key", out _));
    }

    [Fact]
    public async Task SetAsync_WhileAFactoryRuns_TheSetValueStays()
    {
        using var cache = Nodes.Alone(time);
        var release = new TaskCompletionSource<string>();
        var early = cache.GetOrCreateAsync("key", async _ => await release.Task).AsTask();
        await cache.SetAsync("key", "set", cancellationToken: TestContext.Current.CancellationToken);
        release.SetResult("made");
        await early;
        Assert.Equal("set", await cache.GetOrCreateAsync("key", _ => new ValueTask<string>("again")));
    }

    [Fact]
    public async Task GetOrCreateAsync_SameKeyAsAnotherType_IsMadeForEachType()
    {
        using var cache = Nodes.Alone(time);
        Assert.Equal("text", await cache.GetOrCreateAsync("key", _ => new ValueTask<string>("text")));
        Assert.Equal(7, await cache.GetOrCreateAsync("key", _ => new ValueTask<int>(7)));
    }
}
