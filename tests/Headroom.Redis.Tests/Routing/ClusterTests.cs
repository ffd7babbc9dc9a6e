using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Headroom.Redis.Routing;
using Headroom.Redis.Tests.Servers;

namespace Headroom.Redis.Tests.Routing;

public sealed class ClusterTests(ITestOutputHelper output)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commands_OverThreeMasters_EachKeyAtItsNode()
    {
        await using var cluster = await RedisCluster.StartAsync(3);
        // One endpoint is enough: the cluster tells the others.
        await using var client = await RedisClient.ConnectAsync($"{cluster.Nodes[0].Endpoint},asyncTimeout=10000", Cancellation);
        var keys = Enumerable.Range(0, 300).Select(number => $"key:{number}").ToArray();
        await Task.WhenAll(keys.Select(key => client.SetAsync(key, key, cancellationToken: Cancellation).AsTask()));
        foreach (var key in keys)
            Assert.Equal(key, await client.GetStringAsync(key, Cancellation));

        RedisArgument[] arguments = [.. keys.Select(key => (RedisArgument)key), "missing"];
        var values = await client.GetManyAsync(arguments, Cancellation);
        Assert.Equal([.. keys, null], values.Select(value => value.ToString()));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var key in client.ScanAsync(cancellationToken: Cancellation))
            seen.Add(Encoding.UTF8.GetString(key));
        Assert.Equal(keys.ToHashSet(StringComparer.Ordinal), seen);

        Assert.Equal("key:1", (await client.EvaluateAsync(new RedisScript("return redis.call('GET', KEYS[1])"), ["key:1"], [], Cancellation)).AsString());
        Assert.Equal("CROSSSLOT", (await Assert.ThrowsAsync<RedisServerException>(async () => await client.ExecuteAsync("MGET", "key:1", "key:2"))).Code);
        await using (var lease = await client.TryAcquireLeaseAsync("x", TimeSpan.FromMinutes(1), Cancellation))
            Assert.NotNull(lease);
        Assert.Equal(300, await client.DeleteAsync(arguments, Cancellation));
        await client.SetAsync("one", "1", cancellationToken: Cancellation);
        await client.FlushDatabaseAsync(Cancellation);
        await Wait.UntilAsync(async () => await client.GetStringAsync("one", Cancellation) is null, "the flush");
    }

    [Fact]
    public async Task Reshard_WhileReadingAndWriting_NoErrorAndNothingLost()
    {
        await using var cluster = await RedisCluster.StartAsync(3);
        await using var client = await RedisClient.ConnectAsync($"{cluster.Endpoints},asyncTimeout=10000", Cancellation);
        const string Tag = "{moving}";
        var slot = KeySlot.Of(Tag);
        var source = cluster.Nodes[slot * 3 / 16384];
        var target = cluster.Nodes[((slot * 3 / 16384) + 1) % 3];
        var keys = Enumerable.Range(0, 100).Select(number => $"{Tag}:{number}").ToArray();
        foreach (var key in keys)
            await client.SetAsync(key, "0", cancellationToken: Cancellation);

        using var stop = new CancellationTokenSource();
        var counts = new ConcurrentDictionary<string, long>();
        var running = Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            var random = new Random(caller);
            while (!stop.IsCancellationRequested)
            {
                var key = keys[random.Next(keys.Length)];
                await client.IncrementAsync(key, cancellationToken: Cancellation);
                counts.AddOrUpdate(key, 1, (_, count) => count + 1);
                Assert.NotNull(await client.GetStringAsync(keys[random.Next(keys.Length)], Cancellation));
            }
        })));
        await Task.Delay(100, Cancellation);
        // Halfway, both nodes have some of the keys, and ASK shows the way.
        await RedisCluster.MoveSlotAsync(slot, source, target, async () => await Task.Delay(300, Cancellation));
        await Task.Delay(200, Cancellation);
        await stop.CancelAsync();
        await running;

        Assert.All(keys, key => Assert.True(counts.ContainsKey(key)));
        foreach (var key in keys)
            Assert.Equal(counts[key].ToString(System.Globalization.CultureInfo.InvariantCulture), await client.GetStringAsync(key, Cancellation));
        Assert.Equal("*0", await source.AskAsync($"CLUSTER GETKEYSINSLOT {slot} 1"));
        output.WriteLine($"{counts.Values.Sum()} increments during the move");
    }

    [Fact]
    public async Task Failover_MasterKilled_ReplicaTakesOver()
    {
        await using var cluster = await RedisCluster.StartAsync(3);
        var master = cluster.Nodes[0];
        await cluster.AddAsync(master);
        await using var client = await RedisClient.ConnectAsync($"{cluster.Endpoints},asyncTimeout=500,reconnectDelayMost=200", Cancellation);
        var key = Enumerable.Range(0, 1000).Select(number => $"key:{number}").First(name => KeySlot.Of(name) < 5000);
        var other = Enumerable.Range(0, 1000).Select(number => $"key:{number}").First(name => KeySlot.Of(name) > 12000);
        Assert.True(await client.SetAsync(key, "v", cancellationToken: Cancellation));
        Assert.True(await client.SetAsync(other, "v", cancellationToken: Cancellation));
        Assert.NotEmpty((await client.ExecuteAsync("OBJECT ENCODING", key)).AsString()!);
        await Wait.UntilAsync(async () => await master.AskAsync("WAIT 1 1000") == ":1", "the replica");

        await master.KillAsync();
        var begin = Stopwatch.GetTimestamp();
        await Wait.UntilAsync(async () => await ReadAsync(client, key) == "v", "the replica's answer", seconds: 40);
        output.WriteLine($"readable again {Stopwatch.GetElapsedTime(begin).TotalMilliseconds:0} ms after the kill (cluster-node-timeout 2000 ms)");
        Assert.Equal("v", await client.GetStringAsync(other, Cancellation));
        Assert.True(await client.SetAsync(key, "w", cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Tracking_OverAllMasters_ToldOfEachAndStaleWhenOneIsLost()
    {
        await using var cluster = await RedisCluster.StartAsync(3);
        await using var client = await RedisClient.ConnectAsync($"{cluster.Endpoints},asyncTimeout=5000", Cancellation);
        await using var writer = await RedisClient.ConnectAsync($"{cluster.Endpoints},asyncTimeout=5000", Cancellation);
        var listener = new Listener();
        using var listening = client.Listen(listener);
        await Wait.UntilAsync(() => client.IsTracking, "tracking on all masters");
        var keys = Enumerable.Range(0, 60).Select(number => $"key:{number}").ToArray();
        foreach (var key in keys)
            await writer.SetAsync(key, "1", cancellationToken: Cancellation);
        await Wait.UntilAsync(() => keys.All(listener.Changed.ContainsKey), "a push of every key");

        listener.Changed.Clear();
        foreach (var key in keys)
            await client.SetAsync(key, "2", cancellationToken: Cancellation);
        await writer.SetAsync("last", "1", cancellationToken: Cancellation);
        await Wait.UntilAsync(() => listener.Changed.ContainsKey("last"), "the last push");
        Assert.DoesNotContain(keys, listener.Changed.ContainsKey);

        await cluster.Nodes[1].KillAsync();
        await Wait.UntilAsync(() => listener.Stale > 0 && !client.IsTracking, "the loss");
        await cluster.Nodes[1].StartAgainAsync();
        await Wait.UntilAsync(() => client.IsTracking, "tracking again", seconds: 40);
    }

    static async Task<string?> ReadAsync(RedisClient client, string key)
    {
        try
        {
            return await client.GetStringAsync(key, Cancellation);
        }
        catch (RedisException)
        {
            await Task.Delay(20, Cancellation);
            return null;
        }
    }

    sealed class Listener : IInvalidationListener
    {
        int stale;

        public ConcurrentDictionary<string, bool> Changed { get; } = new();

        public int Stale => Volatile.Read(ref stale);

        void IInvalidationListener.Changed(ReadOnlySpan<byte> key) => Changed[Encoding.UTF8.GetString(key)] = true;

        public void AllMayBeStale(InvalidationReason reason) => Interlocked.Increment(ref stale);

        public void Tracking()
        {
        }
    }
}
