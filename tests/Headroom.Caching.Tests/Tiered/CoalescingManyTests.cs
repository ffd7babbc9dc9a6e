using System.Collections.Concurrent;
using System.Globalization;
using Headroom.Caching.Tiered;

namespace Headroom.Caching.Tests.Tiered;

/// <summary>Callers of several keys share factories with each other and with callers of one.</summary>
public sealed class CoalescingManyTests(ITestOutputHelper output)
{
    readonly ManualTime time = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static Dictionary<string, string> Made(IEnumerable<string> keys, string by) => keys.ToDictionary(key => key, key => $"{key} by {by}", StringComparer.Ordinal);

    [Fact]
    public async Task GetOrCreateManyAsync_OverlappingCallers_EachFactoryIsAskedForWhatNobodyMakes()
    {
        using var cache = Nodes.Alone(time);
        var release = new TaskCompletionSource();
        var asked = new ConcurrentQueue<string>();
        Task<IReadOnlyDictionary<string, string>> GetAsync(string by, params string[] keys) => cache.GetOrCreateManyAsync<string>(
            keys,
            async (missing, _) =>
            {
                asked.Enqueue($"{by}: {string.Join(',', missing)}");
                await release.Task;
                return Made(missing, by);
            },
            cancellation: Cancellation).AsTask();

        var first = GetAsync("first", "a", "b");
        var second = GetAsync("second", "b", "c");
        var third = GetAsync("third", "a", "c");
        var single = cache.GetOrCreateAsync("b", _ => new ValueTask<string>("b by single"), cancellationToken: Cancellation).AsTask();
        release.SetResult();
        Assert.Equal("a by first,b by first", string.Join(',', (await first).Values.Order(StringComparer.Ordinal)));
        Assert.Equal("b by first,c by second", string.Join(',', (await second).Values.Order(StringComparer.Ordinal)));
        Assert.Equal("a by first,c by second", string.Join(',', (await third).Values.Order(StringComparer.Ordinal)));
        Assert.Equal("b by first", await single);
        Assert.Equal(["first: a,b", "second: c"], asked);
        Assert.Equal((4L, 3L), (cache.Stats().Coalesced, cache.Stats().Misses));
    }

    [Fact]
    public async Task GetOrCreateManyAsync_ASingleCallerIsMakingOne_ItIsWaitedFor()
    {
        using var cache = Nodes.Alone(time);
        var release = new TaskCompletionSource<string>();
        var single = cache.GetOrCreateAsync("a", async _ => await release.Task, cancellationToken: Cancellation).AsTask();
        IReadOnlyList<string>? asked = null;
        var many = cache.GetOrCreateManyAsync<string>(
            ["a", "b"],
            (missing, _) =>
            {
                asked = missing;
                return new(Made(missing, "many"));
            },
            cancellation: Cancellation).AsTask();
        Assert.False(many.IsCompleted);
        release.SetResult("a by single");
        await single;
        Assert.Equal("a by single,b by many", string.Join(',', (await many).Values.Order(StringComparer.Ordinal)));
        Assert.Equal(["b"], asked);
    }

    [Fact]
    public async Task GetOrCreateManyAsync_ItsFactoryLeavesAKeyOut_WhoWaitedForItMakesItAfterAll()
    {
        using var cache = Nodes.Alone(time);
        var release = new TaskCompletionSource();
        var many = cache.GetOrCreateManyAsync<string>(["a", "b"], async (_, _) =>
        {
            await release.Task;
            return Made(["a"], "many");
        }, cancellation: Cancellation).AsTask();
        var single = cache.GetOrCreateAsync("b", _ => new ValueTask<string>("b by single"), cancellationToken: Cancellation).AsTask();
        var other = cache.GetOrCreateManyAsync<string>(["b", "c"], (missing, _) => new(Made(missing, "other")), cancellation: Cancellation).AsTask();
        release.SetResult();
        Assert.Equal("a by many", string.Join(',', (await many).Values));
        Assert.StartsWith("b by ", await single, StringComparison.Ordinal);
        var found = await other;
        Assert.Equal(await single, found["b"]);
        Assert.Equal("c by other", found["c"]);
    }

    [Fact]
    public async Task GetOrCreateManyAsync_TheCallerLeaves_TheFactoryGoesOnForWhoWaits()
    {
        using var cache = Nodes.Alone(time);
        using var leaving = new CancellationTokenSource();
        var release = new TaskCompletionSource();
        CancellationToken seen = default;
        var many = cache.GetOrCreateManyAsync<string>(["a", "b"], async (missing, cancellation) =>
        {
            seen = cancellation;
            await release.Task;
            return Made(missing, "many");
        }, cancellation: leaving.Token).AsTask();
        var single = cache.GetOrCreateAsync("b", _ => new ValueTask<string>("b by single"), cancellationToken: Cancellation).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => many);
        Assert.False(seen.IsCancellationRequested);
        release.SetResult();
        Assert.Equal("b by many", await single);
    }

    [Fact]
    public async Task GetOrCreateManyAsync_EverybodyLeaves_TheFactoryIsCancelledAlsoWhereTheStoreHadSome()
    {
        using var nodes = new Nodes(time);
        await nodes.Add().SetAsync("stored", "stored", cancellationToken: Cancellation);
        var cache = nodes.Add();
        using var leaving = new CancellationTokenSource();
        var cancelled = new TaskCompletionSource();
        var many = cache.GetOrCreateManyAsync<string>(["a", "stored", "b"], async (missing, cancellation) =>
        {
            cancellation.Register(() => cancelled.SetResult());
            await Task.Delay(Timeout.Infinite, cancellation);
            return Made(missing, "many");
        }, cancellation: leaving.Token).AsTask();
        var single = cache.GetOrCreateAsync("a", _ => new ValueTask<string>("?"), cancellationToken: leaving.Token).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => many);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => single);
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        Assert.Equal("new", await cache.GetOrCreateAsync("a", _ => new ValueTask<string>("new"), cancellationToken: Cancellation));
    }

    [Fact]
    public async Task GetOrCreateManyAsync_FactoryThrows_EveryCallerGetsItAndNothingIsLeftUnderWay()
    {
        using var cache = Nodes.Alone(time);
        var release = new TaskCompletionSource();
        var many = cache.GetOrCreateManyAsync<string>(["a", "b"], async (_, _) =>
        {
            await release.Task;
            throw new InvalidDataException("broken");
        }, cancellation: Cancellation).AsTask();
        var single = cache.GetOrCreateAsync("b", _ => new ValueTask<string>("?"), cancellationToken: Cancellation).AsTask();
        release.SetResult();
        await Assert.ThrowsAsync<InvalidDataException>(() => many);
        await Assert.ThrowsAsync<InvalidDataException>(() => single);
        Assert.Equal(2, (await cache.GetOrCreateManyAsync<string>(["a", "b"], (missing, _) => new(Made(missing, "many")), cancellation: Cancellation)).Count);
    }

    [Fact]
    public async Task GetOrCreateManyAsync_FactoryAsksForOneOfItsKeys_ClearErrorInsteadOfWaitingForEver()
    {
        using var cache = Nodes.Alone(time);
        async ValueTask<IReadOnlyDictionary<string, string>> Make(IReadOnlyList<string> missing, CancellationToken cancellation)
        {
            await cache.GetOrCreateManyAsync<string>(["c", "b"], (inner, _) => new(Made(inner, "inner")), cancellation: cancellation);
            return Made(missing, "outer");
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => cache.GetOrCreateManyAsync<string>(["a", "b"], Make, cancellation: Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
        Assert.Equal("fine", await cache.GetOrCreateAsync("c", _ => new ValueTask<string>("fine"), cancellationToken: Cancellation));
    }

    [Fact]
    public async Task GetOrCreateManyAsync_RemovedWhileItIsMade_IsNotKeptAndNotJoined()
    {
        using var cache = Nodes.Alone(time);
        var release = new TaskCompletionSource();
        var many = cache.GetOrCreateManyAsync<string>(["a", "b"], async (missing, _) =>
        {
            await release.Task;
            return Made(missing, "old");
        }, cancellation: Cancellation).AsTask();
        await cache.RemoveAsync("a", Cancellation);
        Assert.Equal("a by new", (await cache.GetOrCreateManyAsync<string>(["a"], (missing, _) => new(Made(missing, "new")), cancellation: Cancellation))["a"]);
        release.SetResult();
        Assert.Equal("a by old", (await many)["a"]);
        Assert.True(cache.TryGet<string>("a", out var kept));
        Assert.Equal("a by new", kept);
    }

    [Fact]
    public async Task GetOrCreateManyAsync_SlowerThanTheHardTimeout_ThrowsAndItsValuesAreKept()
    {
        using var cache = Nodes.Alone(time, options => options.FactoryHardTimeout = TimeSpan.FromSeconds(1));
        var release = new TaskCompletionSource();
        var many = cache.GetOrCreateManyAsync<string>(["a"], async (missing, _) =>
        {
            await release.Task;
            return Made(missing, "many");
        }, cancellation: Cancellation).AsTask();
        time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<TimeoutException>(() => many);
        release.SetResult();
        for (var turn = 0; turn < 1000 && !cache.TryGet<string>("a", out _); turn++)
            await Task.Delay(1, Cancellation);
        Assert.True(cache.TryGet<string>("a", out _));
    }

    [Fact]
    public async Task GetOrCreate_ManyCallersOfOneAndOfMany_EachKeyIsMadeOnceAndNobodyWaitsForEver()
    {
        var seed = Seed.Printed(output);
        for (var run = 0; run < 20; run++)
        {
            using var cache = Nodes.Alone(TimeProvider.System);
            var makes = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
            async ValueTask<string> MakeAsync(string key, CancellationToken cancellation)
            {
                makes.AddOrUpdate(key, 1, (_, count) => count + 1);
                await Task.Delay(1, cancellation);
                return key;
            }

            await Task.WhenAll(Enumerable.Range(0, 32).Select(caller => Task.Run(async () =>
            {
                var random = new Random(HashCode.Combine(seed, run, caller));
                var keys = Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(40).ToString(CultureInfo.InvariantCulture)).Distinct().ToArray();
                if (random.Next(3) == 0)
                {
                    Assert.Equal(keys[0], await cache.GetOrCreateAsync(keys[0], (key: keys[0], make: (Func<string, CancellationToken, ValueTask<string>>)MakeAsync), static (state, cancellation) => state.make(state.key, cancellation), cancellationToken: Cancellation));
                    return;
                }

                var found = await cache.GetOrCreateManyAsync<string>(
                    keys,
                    async (missing, cancellation) => (await Task.WhenAll(missing.Select(key => MakeAsync(key, cancellation).AsTask()))).ToDictionary(key => key, StringComparer.Ordinal),
                    cancellation: Cancellation);
                Assert.Equal(keys.Order(StringComparer.Ordinal), found.Values.Order(StringComparer.Ordinal));
            }, Cancellation))).WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
            Assert.All(makes, each => Assert.Equal(1, each.Value));
        }
    }
}
