using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using Headroom.Caching;
using Headroom.Redis.Caching;
using Headroom.Redis.Tests.Servers;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Redis.Tests.Caching;

public sealed class RedisStoreTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetAsync_SeveralKeys_GetsWhatThereIs()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync(server.Endpoint, Cancellation);
        var store = new RedisStore(client);
        await store.SetAsync(new[] { Write("a", [0, 255, 13, 10]), Write("b", []), Write("segments", Segments()) }, Cancellation);
        var values = new StoredValue[4];

        await store.GetAsync(new[] { "b", "missing", "a", "segments" }, values, Cancellation);
        Assert.Equal([true, false, true, true], values.Select(value => value.Exists));
        Assert.Equal([0, 255, 13, 10], values[2].Bytes.ToArray());
        Assert.Equal("first,second", Encoding.UTF8.GetString(values[3].Bytes.Span));
        foreach (var value in values)
            value.Dispose();

        var single = new StoredValue[1];
        await store.GetAsync(new[] { "a" }, single, Cancellation);
        Assert.Equal(4, single[0].Bytes.Length);
        await store.RemoveAsync(new[] { "a", "missing" }, Cancellation);
        single = new StoredValue[1];
        await store.GetAsync(new[] { "a" }, single, Cancellation);
        Assert.False(single[0].Exists);
    }

    [Fact]
    public async Task SetAsync_Lives_AreRedisLives()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync(server.Endpoint, Cancellation);
        var store = new RedisStore(client);
        await store.SetAsync(
            new[]
            {
                new StoreWrite("long", new ReadOnlySequence<byte>([1]), TimeSpan.FromHours(1)),
                new StoreWrite("sliding", new ReadOnlySequence<byte>([1]), TimeSpan.FromHours(1), TimeSpan.FromMinutes(5)),
                new StoreWrite("short", new ReadOnlySequence<byte>([1]), TimeSpan.FromTicks(1)),
            },
            Cancellation);

        Assert.InRange((await client.TimeToLiveAsync("long", Cancellation))!.Value.TotalMinutes, 59, 60);
        Assert.InRange((await client.TimeToLiveAsync("sliding", Cancellation))!.Value.TotalMinutes, 4, 5);
        await store.TouchAsync("sliding", TimeSpan.FromMinutes(30), Cancellation);
        Assert.InRange((await client.TimeToLiveAsync("sliding", Cancellation))!.Value.TotalMinutes, 29, 30);
        await Wait.UntilAsync(async () => !await client.ExistsAsync("short", Cancellation), "the end of the short one");
    }

    [Fact]
    public async Task SetAsync_AFailureOfOne_IsThrown()
    {
        await using var server = await RedisServer.StartAsync("--maxmemory", "1mb", "--maxmemory-policy", "noeviction");
        await using var client = await RedisClient.ConnectAsync(server.Endpoint, Cancellation);
        await Assert.ThrowsAsync<RedisServerException>(async () => await new RedisStore(client).SetAsync(new[] { Write("a", new byte[100_000]), Write("b", new byte[100_000]) }, Cancellation));
    }

    [Theory]
    [InlineData("user:*", "user:*")]
    [InlineData("u?r", "u?*r")]
    [InlineData(@"a\*b\?c\\d", @"a\*b\?c\\d")]
    [InlineData("a[b]c", @"a\[b]c")]
    public void GlobOf_Patterns_MeanTheSameToRedis(string pattern, string glob) => Assert.Equal(glob, RedisStore.GlobOf(pattern));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task RemoveByPrefixAsync_KeysThatOnlyRedisHas_AreRemovedOnEveryMaster(int masters)
    {
        await using var cluster = masters > 1 ? await RedisCluster.StartAsync(masters) : null;
        await using var server = cluster is null ? await RedisServer.StartAsync() : null;
        await using var nodes = await CacheNodes.StartAsync(cluster?.Endpoints ?? server!.Endpoint, 2);
        const string prefix = @"h[a*]?\^ü:";
        for (var key = 0; key < 200; key++)
        {
            await nodes.Hybrid(0).SetAsync($"{prefix}{key}", "old", cancellationToken: Cancellation);
            await nodes.Hybrid(0).SetAsync($"ha:{key}", "other", cancellationToken: Cancellation);
        }

        Assert.Equal(200, await nodes.Cache(1).RemoveByPrefixAsync(prefix, Cancellation));
        await Wait.UntilAsync(() => !nodes.Cache(0).TryGet<string>($"{prefix}7", out _), "the other node to be told");
        Assert.Equal("new", await nodes.Hybrid(1).GetOrCreateAsync($"{prefix}7", _ => new ValueTask<string>("new"), cancellationToken: Cancellation));
        Assert.Equal("other", await nodes.Hybrid(1).GetOrCreateAsync("ha:7", _ => new ValueTask<string>("new"), cancellationToken: Cancellation));
        Assert.Equal(10, await nodes.Cache(1).RemoveByPatternAsync("ha:?5?", Cancellation));
        Assert.Equal(0, await nodes.Cache(1).RemoveByPatternAsync("h[a-z]:*", Cancellation));
    }

    [Fact]
    public async Task Listen_OtherNodesAndPrograms_AreToldOfByKey()
    {
        await using var server = await RedisServer.StartAsync();
        await using var here = await RedisClient.ConnectAsync(server.Endpoint, Cancellation);
        await using var there = await RedisClient.ConnectAsync(server.Endpoint, Cancellation);
        var log = new Log();
        using var listening = new RedisStore(here).Listen(log, "app:");
        await Wait.UntilAsync(() => log.Lines.Contains("resumed"), "tracking");

        await new RedisStore(there).SetAsync(new[] { Write("app:ü", [1]), Write("other:x", [1]) }, Cancellation);
        await server.AskAsync("SET app:program x");
        await Wait.UntilAsync(() => log.Lines.Contains("app:program"), "the push");
        Assert.Contains("app:ü", log.Lines);
        Assert.DoesNotContain("other:x", log.Lines);

        await server.AskAsync("FLUSHALL");
        await Wait.UntilAsync(() => log.Lines.Contains("interrupted"), "the push of the flush");
    }

    [Fact]
    public async Task AddHeadroomRedisStore_AnApplication_GetsIt()
    {
        await using var services = new ServiceCollection().AddLogging().AddHeadroomRedis("127.0.0.1:1").AddHeadroomRedisStore().BuildServiceProvider();
        Assert.IsType<RedisStore>(services.GetRequiredService<IDistributedStore>());
        Assert.Same(services.GetRequiredService<IDistributedStore>(), services.GetRequiredService<IStoreChanges>());
    }

    static StoreWrite Write(string key, byte[] bytes) => Write(key, new ReadOnlySequence<byte>(bytes));

    static StoreWrite Write(string key, ReadOnlySequence<byte> bytes) => new(key, bytes, TimeSpan.FromMinutes(1));

    static ReadOnlySequence<byte> Segments()
    {
        var first = new Segment("first,"u8.ToArray());
        var last = first.Add("second"u8.ToArray());
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes) => Memory = bytes;

        public Segment Add(byte[] bytes)
        {
            var next = new Segment(bytes) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }

    sealed class Log : IStoreChangeListener
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public void Changed(string key) => Lines.Enqueue(key);

        public void Interrupted() => Lines.Enqueue("interrupted");

        public void Resumed() => Lines.Enqueue("resumed");
    }
}
