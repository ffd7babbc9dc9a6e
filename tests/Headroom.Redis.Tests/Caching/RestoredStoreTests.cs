using Headroom.Redis.Tests.Servers;

namespace Headroom.Redis.Tests.Caching;

/// <summary>Redis confirms an invalidation, dies, and comes back without it: from an older copy, empty, or as a replica that lagged. What was invalidated is not served again, by old nodes or by new ones.</summary>
public sealed class RestoredStoreTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("everything")]
    public async Task Killed_RestartedFromACopyOlderThanAnInvalidation_ServesNothingThatWasInvalidated(string what)
    {
        await using var server = await RedisServer.StartAsync();
        await using var nodes = await CacheNodes.StartAsync(server.Endpoint, 2);
        for (var key = 0; key < CacheNodes.Keys; key++)
        {
            await nodes.ReadAsync(0, key);
            await nodes.ReadAsync(1, key);
        }

        Assert.Equal("+OK", await server.AskAsync("SAVE"));
        for (var key = 0; key < CacheNodes.Keys; key++)
            nodes.Change(key);
        await InvalidateAsync(nodes, what);
        await nodes.UntilCurrentAsync();

        await server.KillAsync();
        await server.StartAgainAsync();
        await using var late = await CacheNodes.JoinAsync(server.Endpoint, 1, nodes);

        await AssertCurrentAsync(nodes);
        await AssertCurrentAsync(late);
        await Wait.UntilAsync(() => Task.FromResult(nodes.Client(0).IsTracking && nodes.Client(1).IsTracking), "tracking again");
        await AssertCurrentAsync(nodes);
        await AssertCurrentAsync(late);
    }

    [Fact]
    public async Task Killed_AgainAndAgainUnderLoad_RestartedEmptyOrFromAnOldCopy_NothingStaleAfterIt()
    {
        await using var server = await RedisServer.StartAsync();
        await using var nodes = await CacheNodes.StartAsync(server.Endpoint, 3);
        nodes.StartReaders();
        for (var round = 0; round < 6; round++)
        {
            if (round % 2 == 0)
                Assert.Equal("+OK", await server.AskAsync("SAVE"));
            await nodes.WriteSomeAsync(TimeSpan.FromMilliseconds(300));
            await server.KillAsync();
            if (round % 2 == 1)
                File.Delete(Path.Combine(server.Directory, "dump.rdb"));
            await nodes.WriteSomeAsync(TimeSpan.FromMilliseconds(100));
            await server.StartAgainAsync();
            var recovery = await nodes.UntilCurrentAsync();
            output.WriteLine($"restarted {(round % 2 == 1 ? "empty" : "from a copy")}: every node current {recovery.TotalMilliseconds:0} ms after; slowest read {nodes.Slowest.TotalMilliseconds:0} ms");
        }

        await nodes.StopReadersAsync();
        Assert.Empty(nodes.Failures);
    }

    [Fact]
    public async Task Replica_WithoutTheLatestInvalidation_MadeMaster_ServesNothingThatWasInvalidated()
    {
        await using var master = await RedisServer.StartAsync();
        await using var lag = new CuttingProxy(master.Port);
        await using var replica = await RedisServer.StartAsync("--replicaof", "127.0.0.1", lag.Endpoint.Split(':')[1], "--repl-diskless-sync-delay", "0");
        await using var nodes = await CacheNodes.StartAsync($"{master.Endpoint},{replica.Endpoint}", 2);
        await nodes.ReadAsync(0, 3);
        await nodes.ReadAsync(1, 3);
        await Wait.UntilAsync(async () => await master.AskAsync("WAIT 1 1000") == ":1", "the replica");

        lag.Swallow = true;
        await nodes.WriteAsync(0, 3);
        await master.KillAsync();
        Assert.Equal("+OK", await replica.AskAsync("REPLICAOF NO ONE"));

        await using var late = await CacheNodes.JoinAsync(replica.Endpoint, 1, nodes);
        Assert.Equal(1, await late.ReadAsync(0, 3));
        await Wait.UntilAsync(() => Task.FromResult(nodes.Client(0).IsTracking && nodes.Client(1).IsTracking), "tracking again");
        Assert.Equal(1, await nodes.ReadAsync(0, 3));
        Assert.Equal(1, await nodes.ReadAsync(1, 3));
    }

    [Fact]
    public async Task Restarted_WithAllItHad_IsUsedAgain()
    {
        await using var server = await RedisServer.StartAsync();
        await using var nodes = await CacheNodes.StartAsync(server.Endpoint, 2);
        await server.KillAsync();
        await server.StartAgainAsync();
        await Wait.UntilAsync(() => Task.FromResult(nodes.Client(0).IsTracking && nodes.Client(1).IsTracking), "tracking again");
        await Wait.UntilAsync(
            async () =>
            {
                await nodes.Cache(0).ClearAsync();
                await nodes.ReadAsync(0, 5);
                var computed = nodes.Computed;
                await nodes.ReadAsync(1, 5);
                return nodes.Computed == computed;
            },
            "a value that one node made and the other one takes");
    }

    static async Task InvalidateAsync(CacheNodes nodes, string what)
    {
        switch (what)
        {
            case "key":
                for (var key = 0; key < CacheNodes.Keys; key++)
                    await nodes.Hybrid(key % 2).RemoveAsync(CacheNodes.Name(key));
                break;
            case "tag":
                await nodes.Hybrid(0).RemoveByTagAsync("tag-0");
                await nodes.Hybrid(1).RemoveByTagAsync("tag-1");
                break;
            default:
                await nodes.Cache(0).ClearAsync();
                break;
        }
    }

    static async Task AssertCurrentAsync(CacheNodes nodes)
    {
        for (var node = 0; node < nodes.Count; node++)
        {
            for (var key = 0; key < CacheNodes.Keys; key++)
                Assert.Equal(nodes.Database(key), await nodes.ReadAsync(node, key));
        }
    }
}
