using System.ComponentModel;
using Headroom.Caching.Tiered;
using Microsoft.Extensions.Caching.Hybrid;

namespace Headroom.Caching.Tests.Tiered;

public sealed class TieredCacheTests
{
    readonly ManualTime time = new();
    int runs;

    ValueTask<string> Make(CancellationToken cancellation) => new($"made {++runs}");

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetOrCreateAsync_Hit_IsSynchronousAndAllocatesNothing()
    {
        using var cache = Nodes.Alone(TimeProvider.System, options => options.EagerRefresh = 0.9);
        await cache.GetOrCreateAsync("some key", this, static (test, cancellation) => test.Make(cancellation), tags: ["t"], cancellationToken: Cancellation);
        ValueTask<string> Hit() => cache.GetOrCreateAsync("some key", this, static (test, cancellation) => test.Make(cancellation), cancellationToken: Cancellation);
        for (var i = 0; i < 100; i++)
        {
            var hit = Hit();
            Assert.True(hit.IsCompletedSuccessfully);
            await hit;
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            await Hit();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task GetOrCreateAsync_SpanAndInterpolatedKeys_AreTheSameEntry()
    {
        using var cache = Nodes.Alone(time);
        var id = 7;
        Assert.Equal("made 1", await cache.GetOrCreateAsync($"user:{id}", Make, cancellationToken: Cancellation));
        Assert.Equal("made 1", await cache.GetOrCreateAsync("-user:7".AsSpan(1), Make, cancellationToken: Cancellation));
        Assert.Equal("made 1", await cache.GetOrCreateAsync("user:7", Make, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Flags_EachTier_IsLeftOutAsAsked()
    {
        using var nodes = new Nodes(time);
        var cache = nodes.Add();
        ValueTask<string> Get(HybridCacheEntryFlags flags) => cache.GetOrCreateAsync("key", Make, new HybridCacheEntryOptions { Flags = flags }, cancellationToken: Cancellation);

        Assert.Null(await Get(HybridCacheEntryFlags.DisableUnderlyingData));
        Assert.Equal("made 1", await Get(HybridCacheEntryFlags.DisableLocalCacheWrite | HybridCacheEntryFlags.DisableDistributedCacheWrite));
        Assert.Equal("made 2", await Get(HybridCacheEntryFlags.DisableLocalCacheWrite));
        Assert.False(cache.TryGet<string>("key", out _));
        Assert.Equal("made 2", await Get(HybridCacheEntryFlags.DisableUnderlyingData));
        Assert.True(cache.TryGet<string>("key", out _));
        Assert.Equal("made 2", await Get(HybridCacheEntryFlags.DisableDistributedCache));
        Assert.Equal("made 3", await Get(HybridCacheEntryFlags.DisableLocalCache | HybridCacheEntryFlags.DisableDistributedCacheRead));
        Assert.Equal("made 2", await Get(HybridCacheEntryFlags.None));
        Assert.Equal("made 3", await Get(HybridCacheEntryFlags.DisableLocalCacheRead));
    }

    [Fact]
    public async Task GetOrCreateAsync_Context_DecidesLifeTagsAndWhetherToKeep()
    {
        using var cache = Nodes.Alone(time);
        ValueTask<string> Get(string key, Action<CacheEntryContext> decide) => cache.GetOrCreateAsync(
            key,
            decide,
            (decided, context, cancellation) =>
            {
                Assert.Equal(key, context.Key);
                decided(context);
                return Make(cancellation);
            },
            cancellation: Cancellation);
        await Get("short", context => context.Expiration = TimeSpan.FromSeconds(1));
        await Get("tagged", context => context.AddTag("from the result"));
        await Get("not kept", context => context.SkipCaching = true);
        Assert.True(cache.TryGet<string>("short", out _));
        Assert.False(cache.TryGet<string>("not kept", out _));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(cache.TryGet<string>("short", out _));
        Assert.True(cache.TryGet<string>("tagged", out _));
        await cache.RemoveByTagAsync("from the result", Cancellation);
        Assert.False(cache.TryGet<string>("tagged", out _));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Get("bad", context => context.AddTag("*")));

        // A token that is over already, and one that never is: no caller is to blame.
        await Get("over", context => context.Expiration = TimeSpan.FromSeconds(-1));
        Assert.False(cache.TryGet<string>("over", out _));
        await Get("never over", context => context.Expiration = TimeSpan.MaxValue);
        Assert.True(cache.TryGet<string>("never over", out _));
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData(0, 3)]
    [InlineData(10, 2)]
    public async Task GetOrCreateAsync_Null_IsKeptAsTheOptionsSay(int? seconds, int expectedRuns)
    {
        using var cache = Nodes.Alone(time, options => options.NullExpiration = seconds is null ? null : TimeSpan.FromSeconds(seconds.Value));
        ValueTask<string?> Nothing(CancellationToken cancellation)
        {
            runs++;
            return new((string?)null);
        }

        Assert.Null(await cache.GetOrCreateAsync("key", Nothing, cancellationToken: Cancellation));
        Assert.Null(await cache.GetOrCreateAsync("key", Nothing, cancellationToken: Cancellation));
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Null(await cache.GetOrCreateAsync("key", Nothing, cancellationToken: Cancellation));
        Assert.Equal(expectedRuns, runs);
    }

    [Fact]
    public async Task GetOrCreateAsync_MutableValue_EachCallerHasItsOwn()
    {
        using var cache = Nodes.Alone(time);
        ValueTask<List<int>> Numbers(CancellationToken cancellation) => new([1, 2]);
        var first = await cache.GetOrCreateAsync("key", Numbers, cancellationToken: Cancellation);
        first.Add(3);
        var second = await cache.GetOrCreateAsync("key", Numbers, cancellationToken: Cancellation);
        Assert.Equal([1, 2], second);

        using var shared = Nodes.Alone(time, options => options.ReuseInstances = true);
        Assert.Same(await shared.GetOrCreateAsync("key", Numbers, cancellationToken: Cancellation), await shared.GetOrCreateAsync("key", Numbers, cancellationToken: Cancellation));
    }

    [ImmutableObject(true)]
    sealed record Point(int X);

    [Fact]
    public async Task GetOrCreateAsync_TypeMarkedImmutable_IsTheSameObject()
    {
        using var cache = Nodes.Alone(time);
        ValueTask<Point> Made(CancellationToken cancellation) => new(new Point(1));
        Assert.Same(await cache.GetOrCreateAsync("key", Made, cancellationToken: Cancellation), await cache.GetOrCreateAsync("key", Made, cancellationToken: Cancellation));
    }

    [Fact]
    public async Task GetOrCreateAsync_ValueThatCannotBeSerialized_IsReturnedAndNotKept()
    {
        using var cache = Nodes.Alone(time);
        var value = await cache.GetOrCreateAsync("key", _ => new ValueTask<Action>(() => { }), cancellationToken: Cancellation);
        Assert.NotNull(value);
        Assert.Equal(0, cache.Stats().Entries);
    }

    [Fact]
    public async Task SlidingExpiration_UsedValue_LivesOnUpToItsExpiration()
    {
        using var cache = Nodes.Alone(time, options =>
        {
            options.SlidingExpiration = TimeSpan.FromSeconds(10);
            options.Expiration = TimeSpan.FromSeconds(25);
        });
        await cache.SetAsync("key", "value", cancellationToken: Cancellation);
        for (var i = 0; i < 2; i++)
        {
            time.Advance(TimeSpan.FromSeconds(9));
            Assert.True(cache.TryGet<string>("key", out _));
        }

        time.Advance(TimeSpan.FromSeconds(7.5));
        Assert.False(cache.TryGet<string>("key", out _));
    }

    [Fact]
    public async Task Removals_ByPrefixPatternAndClear_TakeWhatTheySay()
    {
        using var cache = Nodes.Alone(time);
        foreach (var key in new[] { "user:1:orders", "user:2:orders", "user:1:name", "other" })
            await cache.SetAsync(key, "x", cancellationToken: Cancellation);
        Assert.Equal(2, await cache.RemoveByPatternAsync("user:*:orders", Cancellation));
        Assert.Equal(1, await cache.RemoveByPrefixAsync("user:", Cancellation));
        Assert.True(cache.TryGet<string>("other", out _));
        await cache.ClearAsync(Cancellation);
        Assert.False(cache.TryGet<string>("other", out _));
    }

    [Fact]
    public async Task GetOrCreateManyAsync_SomeInMemorySomeInTheStore_OneRequestAndOneFactoryForTheRest()
    {
        using var nodes = new Nodes(time);
        var (one, two) = (nodes.Add(), nodes.Add());
        await two.SetAsync("local", "L", cancellationToken: Cancellation);
        await one.SetAsync("stored", "S", cancellationToken: Cancellation);
        var calls = nodes.Store.Calls;
        IReadOnlyList<string>? asked = null;
        var found = await two.GetOrCreateManyAsync<string>(["local", "stored", "new", "unknown", "new"], (missing, _) =>
        {
            asked = [.. missing];
            return new(new Dictionary<string, string>(StringComparer.Ordinal) { ["new"] = "N" });
        }, cancellation: Cancellation);
        Assert.Equal(["new", "unknown"], asked!);
        Assert.Equal("L,N,S", string.Join(',', found.Values.Order(StringComparer.Ordinal)));

        // One to read, one to make the markers of what nobody had asked for, one to write.
        Assert.Equal(3, nodes.Store.Calls - calls);
        Assert.Equal("N", (await one.GetManyAsync<string>(["new", "unknown"], Cancellation)).Single().Value);
    }

    [Fact]
    public async Task GetOrCreateAsync_BadArguments_AreRefused()
    {
        using var cache = Nodes.Alone(time);
        await Assert.ThrowsAsync<ArgumentException>(async () => await cache.GetOrCreateAsync("", Make, cancellationToken: Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(async () => await cache.GetOrCreateAsync("half \ud83d", Make, cancellationToken: Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(async () => await cache.GetOrCreateAsync("k", Make, tags: ["half \udc00"], cancellationToken: Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(async () => await cache.GetOrCreateAsync("k", Make, tags: ["*"], cancellationToken: Cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await cache.GetOrCreateAsync("k", Make, new HybridCacheEntryOptions { Expiration = TimeSpan.Zero }, cancellationToken: Cancellation));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await cache.GetOrCreateAsync("k", Make, cancellationToken: new CancellationToken(true)));
        Assert.Equal(0, runs);
    }
}
