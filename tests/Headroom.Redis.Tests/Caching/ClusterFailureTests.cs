using Headroom.Redis.Routing;
using Headroom.Redis.Tests.Servers;

namespace Headroom.Redis.Tests.Caching;

/// <summary>The two tiers over a cluster that changes while it is used.</summary>
public sealed class ClusterFailureTests(ITestOutputHelper output)
{
    /// <summary>A read waits 100 ms and a write 250 ms at most, a few times over where several nodes are asked; the rest is room for a machine that has other things to do.</summary>
    static readonly TimeSpan Bound = TimeSpan.FromSeconds(4);

    [Fact]
    public async Task Reshard_UnderLoad_NoRequestFailsAndNothingStaleStays()
    {
        await using var cluster = await RedisCluster.StartAsync(3);
        await using var nodes = await CacheNodes.StartAsync(cluster.Endpoints, 3);
        nodes.StartReaders();
        await nodes.WriteSomeAsync(TimeSpan.FromMilliseconds(300));
        await nodes.UntilCurrentAsync();
        nodes.Forget();
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await nodes.WriteSomeAsync(TimeSpan.FromMilliseconds(100));
        });

        // The entries of every key, and the markers of the tags and of everything, go from node to node.
        var slots = Enumerable.Range(0, CacheNodes.Keys).Select(key => KeySlot.Of($"{{{CacheNodes.Name(key)}}}"))
            .Append(KeySlot.Of("headroom:t:*")).Append(KeySlot.Of("headroom:t:tag-0")).Append(KeySlot.Of("headroom:h")).Distinct();
        foreach (var slot in slots)
        {
            var owner = slot * 3 / 16384;
            await RedisCluster.MoveSlotAsync(slot, cluster.Nodes[owner], cluster.Nodes[(owner + 1) % 3]);
            await cluster.UntilAgreedAsync(slot, cluster.Nodes[(owner + 1) % 3]);
        }

        await stop.CancelAsync();
        await writing;
        var slowest = nodes.Slowest;
        var recovery = await nodes.UntilCurrentAsync();
        await nodes.StopReadersAsync();
        output.WriteLine($"reshard: slowest of {nodes.Reads} reads {slowest.TotalMilliseconds:0} ms; every node current {recovery.TotalMilliseconds:0} ms after the end");
        Assert.Empty(nodes.Failures);
        Assert.InRange(slowest, TimeSpan.Zero, Bound);
    }

    [Fact]
    public async Task MasterKilled_UnderLoad_NoRequestFailsAndItsReplicaTakesOver()
    {
        await using var cluster = await RedisCluster.StartAsync(3);
        var master = cluster.Nodes[KeySlot.Of("headroom:t:*") * 3 / 16384];
        var replica = await cluster.AddAsync(master);
        await using var nodes = await CacheNodes.StartAsync(cluster.Endpoints, 3);
        nodes.StartReaders();
        await nodes.WriteSomeAsync(TimeSpan.FromMilliseconds(300));
        await nodes.UntilCurrentAsync();
        nodes.Forget();
        await Wait.UntilAsync(async () => await master.AskAsync("WAIT 1 1000") == ":1", "the replica");

        await master.KillAsync();
        await nodes.WriteSomeAsync(TimeSpan.FromSeconds(1));
        var failover = await Wait.UntilAsync(async () => await IsMasterAsync(replica), "the replica's promotion", seconds: 40);
        var recovery = await nodes.UntilCurrentAsync();
        var tracking = await Wait.UntilAsync(() => Enumerable.Range(0, nodes.Count).All(node => nodes.Client(node).IsTracking), "tracking again", seconds: 30);
        await nodes.WriteSomeAsync(TimeSpan.FromMilliseconds(300));
        await nodes.UntilCurrentAsync();
        var slowest = nodes.Slowest;
        await nodes.StopReadersAsync();
        output.WriteLine($"a cluster's master killed: its replica took over {failover.TotalMilliseconds + 1000:0} ms after; every node current {recovery.TotalMilliseconds:0} ms and told of changes {tracking.TotalMilliseconds:0} ms after that; slowest of {nodes.Reads} reads {slowest.TotalMilliseconds:0} ms");
        Assert.Empty(nodes.Failures);
        Assert.InRange(slowest, TimeSpan.Zero, Bound);
    }

    /// <summary>Nobody closes a connection to a master that was made a replica, and a node that has everything in memory sends it nothing that would be redirected. Cut off from its new master, it tells of nothing.</summary>
    [Fact]
    public async Task MasterMadeAReplica_ThatHearsNothingAnyMore_IsNotBelieved()
    {
        await using var cluster = await RedisCluster.StartAsync(3);
        var key = Enumerable.Range(0, CacheNodes.Keys).First(number => KeySlot.Of($"{{{CacheNodes.Name(number)}}}") < 5000);
        var master = cluster.Nodes[0];
        var replica = await cluster.AddAsync(master);
        await using var reader = await CacheNodes.StartAsync(cluster.Endpoints, 1);
        Assert.Equal(0, await reader.ReadAsync(0, key));
        await Wait.UntilAsync(async () => await master.AskAsync("WAIT 1 1000") == ":1", "the replica");

        Assert.Equal("+OK", await replica.AskAsync("ACL SETUSER default -psync -sync"));
        Assert.Equal("+OK", await replica.AskAsync("CLUSTER FAILOVER"));
        await Wait.UntilAsync(() => IsMasterAsync(replica), "the replica's promotion");
        await Wait.UntilAsync(async () => !await IsMasterAsync(master), "the master's demotion");
        await using var writer = await CacheNodes.JoinAsync(replica.Endpoint, 1, reader);
        var value = await writer.WriteAsync(0, key);

        var noticed = await Wait.UntilAsync(async () => await reader.ReadAsync(0, key) == value, "the new value");
        output.WriteLine($"a master made a replica, its tracking not believed any more: {noticed.TotalMilliseconds:0} ms after a write at the new one");
        await Wait.UntilAsync(() => reader.Client(0).IsTracking, "tracking at the new master");
        value = await writer.WriteAsync(0, key);
        await Wait.UntilAsync(async () => await reader.ReadAsync(0, key) == value, "the next value");
    }

    static async Task<bool> IsMasterAsync(RedisServer server)
    {
        await using var client = await RedisClient.ConnectAsync(server.Endpoint);
        return (await client.ExecuteAsync("INFO", "replication")).AsString()!.Contains("role:master", StringComparison.Ordinal);
    }
}
