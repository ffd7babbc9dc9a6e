using System.Diagnostics;
using Headroom.Caching;
using Headroom.Redis.Tests.Servers;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Redis.Tests.Caching;

/// <summary>One factory for all nodes over one Redis: who makes a value, who waits for it, and what happens when the maker or Redis goes away.</summary>
public sealed class OneFactoryPerClusterTests(ITestOutputHelper output)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData(",protocol=resp2")]
    public async Task GetOrCreateAsync_TwoNodesWith500CallersEach_OneRun(string settings)
    {
        await using var server = await RedisServer.StartAsync();
        await using var one = await NodeAsync(server.Endpoint + settings);
        await using var two = await NodeAsync(server.Endpoint + settings);
        for (var turn = 0; turn < 10; turn++)
        {
            var runs = 0;
            var key = $"key-{turn}";
            var calls = Enumerable.Range(0, 1_000).Select(caller => Task.Run(async () => await Hybrid(caller % 2 == 0 ? one : two).GetOrCreateAsync(
                key,
                async cancellation =>
                {
                    var run = Interlocked.Increment(ref runs);
                    await Task.Delay(50, cancellation);
                    return $"made by run {run}";
                },
                tags: ["tag"],
                cancellationToken: Cancellation)));
            Assert.Equal(["made by run 1"], (await Task.WhenAll(calls)).Distinct());
            Assert.Equal(1, runs);
        }

        // Who begins after a change was told and before the value is in memory again waits once more.
        Assert.True(Stats(one).CoalescedAcrossNodes + Stats(two).CoalescedAcrossNodes >= 10);
        Assert.Equal(10 + 2, Stats(one).Misses + Stats(two).Misses);
        Assert.Equal("*0", (await server.AskAsync("KEYS headroom:l:*key*}")).Trim());
    }

    [Fact]
    public async Task GetOrCreateAsync_WhoWaited_HasTheValueInMemoryToo()
    {
        await using var server = await RedisServer.StartAsync();
        await using var one = await NodeAsync(server.Endpoint);
        await using var two = await NodeAsync(server.Endpoint);
        var release = new TaskCompletionSource<string>();
        var making = Hybrid(one).GetOrCreateAsync("key", async _ => await release.Task, cancellationToken: Cancellation).AsTask();
        await LeasedAsync(server);
        var waiting = Hybrid(two).GetOrCreateAsync("key", _ => new ValueTask<string>("second run"), cancellationToken: Cancellation).AsTask();
        await Task.Delay(100, Cancellation);
        Assert.False(waiting.IsCompleted);

        release.SetResult("value");
        var begin = Stopwatch.GetTimestamp();
        Assert.Equal("value", await making);
        Assert.Equal("value", await waiting);
        output.WriteLine($"the other node had it {Stopwatch.GetElapsedTime(begin).TotalMilliseconds:0.0} ms later");
        Assert.True(Cache(two).TryGet<string>("key", out _));
        Assert.Equal(1, Stats(two).CoalescedAcrossNodes);
    }

    [Fact]
    public async Task GetOrCreateAsync_TheMakersNodeDies_AnotherTakesOverWithinTheLease()
    {
        await using var server = await RedisServer.StartAsync();
        await using var proxy = new CuttingProxy(server.Port);
        await using var one = await NodeAsync(proxy.Endpoint, TimeSpan.FromSeconds(1));
        await using var two = await NodeAsync(server.Endpoint, TimeSpan.FromSeconds(1));
        var dead = new TaskCompletionSource<string>();
        _ = Hybrid(one).GetOrCreateAsync("key", async _ => await dead.Task, cancellationToken: Cancellation).AsTask();
        await LeasedAsync(server);
        proxy.Swallow = true;

        var begin = Stopwatch.GetTimestamp();
        Assert.Equal("second run", await Hybrid(two).GetOrCreateAsync("key", _ => new ValueTask<string>("second run"), cancellationToken: Cancellation));
        var took = Stopwatch.GetElapsedTime(begin);
        output.WriteLine($"taken over after {took.TotalMilliseconds:0} ms of a lease of 1000 ms");
        Assert.InRange(took, TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task GetOrCreateAsync_TheMakersFactoryFails_TheOtherTakesOverAtOnce()
    {
        await using var server = await RedisServer.StartAsync();
        await using var one = await NodeAsync(server.Endpoint, TimeSpan.FromMinutes(5));
        await using var two = await NodeAsync(server.Endpoint, TimeSpan.FromMinutes(5));
        var release = new TaskCompletionSource<string>();
        var making = Hybrid(one).GetOrCreateAsync("key", async _ => await release.Task, cancellationToken: Cancellation).AsTask();
        await LeasedAsync(server);
        var waiting = Hybrid(two).GetOrCreateAsync("key", _ => new ValueTask<string>("second run"), cancellationToken: Cancellation).AsTask();
        release.SetException(new IOException("the source is away"));
        await Assert.ThrowsAsync<IOException>(() => making);
        Assert.Equal("second run", await waiting.WaitAsync(TimeSpan.FromSeconds(30), Cancellation));
    }

    [Fact]
    public async Task GetOrCreateAsync_AFactorySlowerThanItsLease_DoesNotOverwriteTheNewerValue()
    {
        await using var server = await RedisServer.StartAsync();
        await using var one = await NodeAsync(server.Endpoint, TimeSpan.FromMilliseconds(200));
        await using var two = await NodeAsync(server.Endpoint, TimeSpan.FromMilliseconds(200));
        await using var three = await NodeAsync(server.Endpoint, TimeSpan.FromMilliseconds(200));
        var release = new TaskCompletionSource<string>();
        var slow = Hybrid(one).GetOrCreateAsync("key", async _ => await release.Task, cancellationToken: Cancellation).AsTask();
        await LeasedAsync(server);
        Assert.Equal("newer", await Hybrid(two).GetOrCreateAsync("key", _ => new ValueTask<string>("newer"), cancellationToken: Cancellation));

        release.SetResult("older");
        Assert.Equal("older", await slow);
        Assert.Equal("newer", await Hybrid(three).GetOrCreateAsync("key", _ => new ValueTask<string>("third"), cancellationToken: Cancellation));
        Assert.Equal("newer", await Hybrid(one).GetOrCreateAsync("key", _ => new ValueTask<string>("third"), cancellationToken: Cancellation));
    }

    [Fact]
    public async Task GetOrCreateAsync_BothNodesRefreshAStaleValue_OneRun()
    {
        await using var server = await RedisServer.StartAsync();
        await using var one = await NodeAsync(server.Endpoint, configure: Stale);
        await using var two = await NodeAsync(server.Endpoint, configure: Stale);
        var runs = 0;
        async ValueTask<int> MakeAsync(int state, CacheEntryContext entry, CancellationToken cancellation)
        {
            var run = Interlocked.Increment(ref runs);
            entry.Expiration = run == 1 ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromMinutes(10);
            await Task.Delay(run == 1 ? 0 : 50, cancellation);
            return run;
        }

        ValueTask<int> GetAsync(ServiceProvider node) => Cache(node).GetOrCreateAsync("key", 0, MakeAsync, cancellation: Cancellation);
        Assert.Equal(1, await GetAsync(one));
        await Wait.UntilAsync(async () =>
        {
            var values = await Task.WhenAll(GetAsync(one).AsTask(), GetAsync(two).AsTask());
            return values is [2, 2];
        }, "both nodes to have the second value");
        Assert.Equal(2, runs);

        static void Stale(CacheOptions options) => options.StaleWhileRevalidate = TimeSpan.FromMinutes(5);
    }

    [Fact]
    public async Task GetOrCreateAsync_RedisAway_RunsOnEachNode()
    {
        await using var server = await RedisServer.StartAsync();
        await using var one = await NodeAsync(server.Endpoint);
        await using var two = await NodeAsync(server.Endpoint);
        await server.KillAsync();
        foreach (var node in new[] { one, two })
        {
            var begin = Stopwatch.GetTimestamp();
            var values = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Hybrid(node).GetOrCreateAsync("key", _ => new ValueTask<string>("made"), cancellationToken: Cancellation).AsTask()));
            Assert.Equal(["made"], values.Distinct());
            Assert.InRange(Stopwatch.GetElapsedTime(begin), TimeSpan.Zero, TimeSpan.FromSeconds(4));
        }
    }

    [Fact]
    public async Task GetOrCreateAsync_RedisDiesWhileANodeWaits_ItRunsThere()
    {
        await using var server = await RedisServer.StartAsync();
        await using var one = await NodeAsync(server.Endpoint, TimeSpan.FromMinutes(5));
        await using var two = await NodeAsync(server.Endpoint, TimeSpan.FromMinutes(5));
        var release = new TaskCompletionSource<string>();
        var making = Hybrid(one).GetOrCreateAsync("key", async _ => await release.Task, cancellationToken: Cancellation).AsTask();
        await LeasedAsync(server);
        var waiting = Hybrid(two).GetOrCreateAsync("key", _ => new ValueTask<string>("made here"), cancellationToken: Cancellation).AsTask();
        await server.KillAsync();
        Assert.Equal("made here", await waiting.WaitAsync(TimeSpan.FromSeconds(30), Cancellation));
        release.SetResult("made there");
        Assert.Equal("made there", await making.WaitAsync(TimeSpan.FromSeconds(30), Cancellation));
    }

    [Fact]
    public async Task GetOrCreateAsync_InACluster_LeaseAndEntryAreInOneSlot()
    {
        await using var cluster = await RedisCluster.StartAsync(3);
        await using var one = await NodeAsync(cluster.Endpoints);
        await using var two = await NodeAsync(cluster.Endpoints);
        for (var turn = 0; turn < 20; turn++)
        {
            var runs = 0;
            var key = CacheKey.For("user", turn);
            await Task.WhenAll(new[] { one, two }.Select(node => Hybrid(node).GetOrCreateAsync(
                key,
                async cancellation =>
                {
                    Interlocked.Increment(ref runs);
                    await Task.Delay(20, cancellation);
                    return turn;
                },
                cancellationToken: Cancellation).AsTask()));
            Assert.Equal(1, runs);
        }

        Assert.Equal(0, Stats(one).DistributedErrors + Stats(two).DistributedErrors);
    }

    static HybridCache Hybrid(ServiceProvider node) => node.GetRequiredService<HybridCache>();

    static IHeadroomCache Cache(ServiceProvider node) => node.GetRequiredService<IHeadroomCache>();

    static CacheStats Stats(ServiceProvider node) => Cache(node).Stats();

    static Task<TimeSpan> LeasedAsync(RedisServer server) => Wait.UntilAsync(async () => (await server.AskAsync("EXISTS headroom:l:{key}")).Trim() == ":1", "the lease");

    static async Task<ServiceProvider> NodeAsync(string endpoint, TimeSpan? lease = null, Action<CacheOptions>? configure = null)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddHeadroomRedis($"{endpoint},abortConnect=false,connectTimeout=1000");
        services.AddHeadroomRedisStore();
        services.AddHeadroomCaching(options =>
        {
            // A machine that has other things to do is not a store that is away.
            options.Distributed.ReadTimeout = options.Distributed.WriteTimeout = TimeSpan.FromSeconds(2);
            options.Default.CoalesceAcrossNodes = true;
            if (lease is { } given)
                options.Default.LeaseDuration = given;
            configure?.Invoke(options.Default);
        });
        var node = services.BuildServiceProvider();
        await node.GetRequiredService<RedisClient>().ConnectAsync(Cancellation);
        await Hybrid(node).GetOrCreateAsync($"warm-{Guid.NewGuid()}", _ => new ValueTask<string>("warm"), new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableDistributedCache }, cancellationToken: Cancellation);
        if (!endpoint.Contains("resp2", StringComparison.Ordinal))
            await Wait.UntilAsync(() => node.GetRequiredService<RedisClient>().IsTracking, "tracking");
        return node;
    }
}
