using System.Diagnostics;
using System.Text;
using Headroom.Redis.Tests.Servers;

namespace Headroom.Redis.Tests.Caching;

/// <summary>
/// The two tiers over a real Redis that dies, hangs, is full, slow, or cut off, while three nodes read and one writes. In each: no request fails because of the cache, none waits longer than its bound, and
/// when Redis is back every node reads what the database says. Times are printed; only a hang would reach the limits that are asserted.
/// </summary>
public sealed class TwoTierFailureTests(ITestOutputHelper output)
{
    /// <summary>A read waits 100 ms and a write 250 ms at most; the rest is room for a machine that has other things to do.</summary>
    static readonly TimeSpan Bound = TimeSpan.FromSeconds(4);

    [Fact]
    public async Task Killed_AndStartedAgain_NoRequestFails()
    {
        await using var server = await RedisServer.StartAsync();
        await RunAsync(server.Endpoint, "killed", async nodes =>
        {
            await server.KillAsync();
            await nodes.WriteSomeAsync(TimeSpan.FromSeconds(1));
            await server.StartAgainAsync();
        });
    }

    [Fact]
    public async Task Stopped_ForFiveSeconds_NoRequestWaitsForIt()
    {
        await using var server = await RedisServer.StartAsync();
        await RunAsync(server.Endpoint, "stopped for 5 s", async nodes =>
        {
            server.Stop();
            await nodes.WriteSomeAsync(TimeSpan.FromSeconds(5));
            server.Continue();
        });
    }

    [Fact]
    public async Task OutOfMemory_ThenNot_NoRequestFails()
    {
        await using var server = await RedisServer.StartAsync();
        await RunAsync(server.Endpoint, "out of memory", async nodes =>
        {
            await server.AskAsync("CONFIG SET maxmemory-policy noeviction");
            await server.AskAsync("CONFIG SET maxmemory 1");
            await nodes.WriteSomeAsync(TimeSpan.FromSeconds(1));
            await server.AskAsync("CONFIG SET maxmemory 0");
        });
    }

    [Fact]
    public async Task Busy_WithAScript_NoRequestFails()
    {
        await using var server = await RedisServer.StartAsync("--busy-reply-threshold", "20");
        await RunAsync(server.Endpoint, "-BUSY", async nodes =>
        {
            var script = server.AskAsync("EVAL \"while true do end\" 0");
            await nodes.WriteSomeAsync(TimeSpan.FromSeconds(1));
            Assert.StartsWith("-BUSY", await server.AskAsync("GET x"), StringComparison.Ordinal);
            Assert.Equal("+OK", await server.AskAsync("SCRIPT KILL"));
            await script;
        });
    }

    [Fact]
    public async Task Loading_AfterARestart_NoRequestFails()
    {
        await using var server = await RedisServer.StartAsync("--key-load-delay", "20000", "--loading-process-events-interval-bytes", "1024");
        await RunAsync(server.Endpoint, "-LOADING", async nodes =>
        {
            Assert.Equal("+OK", await server.AskAsync("DEBUG POPULATE 100 filling 1000"));
            Assert.Equal("+OK", await server.AskAsync("SAVE"));
            await server.KillAsync();
            var starting = server.StartAgainAsync();
            await nodes.WriteSomeAsync(TimeSpan.FromSeconds(1));
            await starting;
        });
    }

    [Fact]
    public async Task NoAuth_AfterThePasswordChanged_NoRequestFails()
    {
        await using var server = await RedisServer.StartAsync();
        await RunAsync(server.Endpoint, "-NOAUTH", async nodes =>
        {
            Assert.Equal("+OK", await server.AskAsync("CONFIG SET requirepass secret"));
            Assert.StartsWith("-NOAUTH", await server.AskAsync("CLIENT KILL TYPE normal"), StringComparison.Ordinal);
            await server.AskAsync("AUTH secret\r\nCLIENT KILL TYPE normal SKIPME yes");
            await nodes.WriteSomeAsync(TimeSpan.FromSeconds(1));
            await server.AskAsync("AUTH secret\r\nCONFIG SET requirepass \"\"");
        });
    }

    [Fact]
    public async Task NoPermission_AfterTheAclChanged_NoRequestFails()
    {
        await using var server = await RedisServer.StartAsync();
        await RunAsync(server.Endpoint, "-NOPERM", async nodes =>
        {
            Assert.Equal("+OK", await server.AskAsync("ACL SETUSER default -@read -@write"));
            await nodes.WriteSomeAsync(TimeSpan.FromSeconds(1));
            Assert.Equal("+OK", await server.AskAsync("ACL SETUSER default +@all"));
        });
    }

    [Fact]
    public async Task UnknownCommand_ForEver_TheCacheGoesOnWithoutTheStore()
    {
        await using var server = await RedisServer.StartAsync("--rename-command", "MGET", "");
        await using var nodes = await CacheNodes.StartAsync(server.Endpoint, 2);
        await nodes.WriteSomeAsync(TimeSpan.FromMilliseconds(200));
        await nodes.UntilCurrentAsync();
        Assert.True(nodes.Cache(0).Stats().DistributedErrors > 0);
    }

    [Fact]
    public async Task SentinelFailover_UnderLoad_NoRequestFails()
    {
        await using var master = await RedisServer.StartAsync();
        await using var replica = await RedisServer.StartAsync("--replicaof", "127.0.0.1", $"{master.Port}", "--repl-diskless-sync-delay", "0");
        await using var first = await RedisServer.StartSentinelAsync("mymaster", master, quorum: 2);
        await using var second = await RedisServer.StartSentinelAsync("mymaster", master, quorum: 2);
        await using var third = await RedisServer.StartSentinelAsync("mymaster", master, quorum: 2);
        RedisServer[] sentinels = [first, second, third];
        foreach (var sentinel in sentinels)
            await Wait.UntilAsync(async () => (await Routing.SentinelTests.SentinelViewAsync(sentinel)) is (1, 2), "the sentinels know each other and the replica", seconds: 40);
        await RunAsync($"{string.Join(',', sentinels.Select(sentinel => sentinel.Endpoint))},serviceName=mymaster", "sentinel failover", async nodes =>
        {
            await master.KillAsync();
            var begin = Stopwatch.GetTimestamp();
            while (await replica.AskAsync("SET probe x") != "+OK")
                await nodes.WriteSomeAsync(TimeSpan.FromMilliseconds(100));
            output.WriteLine($"the replica took over {Stopwatch.GetElapsedTime(begin).TotalMilliseconds:0} ms after the kill (down-after 800 ms)");
        });
    }

    [Fact]
    public async Task Slow_Commands_NoRequestWaitsForThem()
    {
        await using var server = await RedisServer.StartAsync();
        await RunAsync(server.Endpoint, "DEBUG SLEEP 2", async nodes =>
        {
            var sleeping = server.AskAsync("DEBUG SLEEP 2");
            await nodes.WriteSomeAsync(TimeSpan.FromSeconds(2));
            await sleeping;
        });
    }

    [Fact]
    public async Task ReadOnlyReplica_InItsPlace_NoRequestFails()
    {
        await using var server = await RedisServer.StartAsync();
        await RunAsync(server.Endpoint, "a replica", async nodes =>
        {
            await server.AskAsync("REPLICAOF 127.0.0.1 1");
            await nodes.WriteSomeAsync(TimeSpan.FromSeconds(1));
            await server.AskAsync("REPLICAOF NO ONE");
        });
    }

    [Fact]
    public async Task Cut_InTheMiddleOfReplies_NoRequestFails()
    {
        await using var server = await RedisServer.StartAsync();
        await using var proxy = new CuttingProxy(server.Port);
        await RunAsync(proxy.Endpoint, "cut", async nodes =>
        {
            for (var cut = 0; cut < 10; cut++)
            {
                proxy.CutAfterReplyBytes(100 + (37 * cut));
                await nodes.WriteSomeAsync(TimeSpan.FromMilliseconds(100));
            }

            proxy.CutAfterReplyBytes(long.MaxValue);
        });
    }

    [Fact]
    public async Task Swallowed_ByTheNetwork_IsNoticedAndNothingStaleStays()
    {
        await using var server = await RedisServer.StartAsync();
        await using var proxy = new CuttingProxy(server.Port);
        await RunAsync(proxy.Endpoint, "swallowed", async nodes =>
        {
            proxy.Swallow = true;
            await nodes.WriteSomeAsync(TimeSpan.FromSeconds(3));
            proxy.Swallow = false;
            proxy.CutAll();
        });
    }

    [Fact]
    public async Task Write_ThroughOneOfThree_IsReadByAll()
    {
        await using var server = await RedisServer.StartAsync();
        await using var nodes = await CacheNodes.StartAsync(server.Endpoint, 3);
        var waits = new List<double>();
        for (var round = 0; round < 200; round++)
        {
            var key = round % CacheNodes.Keys;
            for (var node = 0; node < nodes.Count; node++)
                await nodes.ReadAsync(node, key);
            var value = await nodes.WriteAsync(round % nodes.Count, key);
            var begin = Stopwatch.GetTimestamp();
            for (var node = 0; node < nodes.Count; node++)
            {
                var reader = node;
                await Wait.UntilAsync(async () => await nodes.ReadAsync(reader, key) >= value, "the new value", seconds: 10);
            }

            waits.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
        }

        waits.Sort();
        output.WriteLine($"written on one of three nodes, read on all: p50 {waits[100]:0.0} ms, p99 {waits[197]:0.0} ms, max {waits[199]:0.0} ms after the write had returned");
    }

    [Fact]
    public async Task Write_ByAnotherProgram_EndsTheEntryOnAllNodes()
    {
        await using var server = await RedisServer.StartAsync();
        await using var nodes = await CacheNodes.StartAsync(server.Endpoint, 2);
        await nodes.ReadAsync(0, 3);
        await nodes.ReadAsync(1, 3);
        var computed = nodes.Computed;
        await using var program = await RedisClient.ConnectAsync(server.Endpoint);
        var names = new List<string>();
        await foreach (var name in program.ScanAsync("*e:{counter:3}"))
            names.Add(Encoding.UTF8.GetString(name));

        Assert.Equal("+", (await server.AskAsync($"RENAME {Assert.Single(names)} elsewhere"))[..1]);

        await Wait.UntilAsync(
            async () =>
            {
                await nodes.ReadAsync(0, 3);
                await nodes.ReadAsync(1, 3);
                return nodes.Computed > computed;
            },
            "a value that is computed anew");
    }

    async Task RunAsync(string endpoint, string what, Func<CacheNodes, Task> disturb)
    {
        await using var nodes = await CacheNodes.StartAsync(endpoint, 3);
        nodes.StartReaders();
        await nodes.WriteSomeAsync(TimeSpan.FromMilliseconds(300));
        await nodes.UntilCurrentAsync();
        nodes.Forget();

        await disturb(nodes);
        var slowest = nodes.Slowest;
        var recovery = await nodes.UntilCurrentAsync();

        // What is written from now on is told again, too.
        await Wait.UntilAsync(() => Enumerable.Range(0, nodes.Count).All(node => nodes.Client(node).IsTracking), "tracking again", seconds: 30);
        for (var key = 0; key < CacheNodes.Keys; key++)
            await nodes.WriteAsync(key % nodes.Count, key);
        await nodes.UntilCurrentAsync();
        await nodes.StopReadersAsync();
        output.WriteLine($"{what}: slowest of {nodes.Reads} reads {slowest.TotalMilliseconds:0} ms; every node current {recovery.TotalMilliseconds:0} ms after the end");

        Assert.Empty(nodes.Failures);
        Assert.True(nodes.Reads > 100, $"{nodes.Reads} reads");
        Assert.InRange(slowest, TimeSpan.Zero, Bound);
    }
}
