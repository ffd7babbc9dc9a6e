using System.Globalization;

namespace Headroom.Redis.Tests.Servers;

/// <summary>Masters of a real cluster, each with an equal share of the slots, made with CLUSTER commands; no redis-cli needed.</summary>
internal sealed class RedisCluster : IAsyncDisposable
{
    readonly List<RedisServer> nodes = [];

    public IReadOnlyList<RedisServer> Nodes => nodes;

    public string Endpoints => string.Join(',', nodes.Select(node => node.Endpoint));

    public static async Task<RedisCluster> StartAsync(int masters)
    {
        var cluster = new RedisCluster();
        for (var index = 0; index < masters; index++)
            cluster.nodes.Add(await RedisServer.StartAsync("--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-require-full-coverage", "no", "--cluster-port", FreePort.Next().ToString(CultureInfo.InvariantCulture)));
        for (var index = 0; index < masters; index++)
        {
            Assert.Equal("+OK", await cluster.nodes[index].AskAsync($"CLUSTER ADDSLOTSRANGE {16384 * index / masters} {(16384 * (index + 1) / masters) - 1}"));
            Assert.Equal("+OK", await cluster.nodes[index].AskAsync($"CLUSTER SET-CONFIG-EPOCH {index + 1}"));
        }

        await cluster.MeetAsync();
        return cluster;
    }

    /// <summary>A further node that has no slots, or follows a master.</summary>
    public async Task<RedisServer> AddAsync(RedisServer? masterToFollow = null)
    {
        nodes.Add(await RedisServer.StartAsync("--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-require-full-coverage", "no", "--cluster-port", FreePort.Next().ToString(CultureInfo.InvariantCulture)));
        await MeetAsync();
        if (masterToFollow is not null)
        {
            var id = await IdAsync(masterToFollow);
            await Wait.UntilAsync(async () => await nodes[^1].AskAsync($"CLUSTER REPLICATE {id}") == "+OK", "CLUSTER REPLICATE");
        }

        return nodes[^1];
    }

    public static Task<string> IdAsync(RedisServer node) => node.AskAsync("CLUSTER MYID");

    /// <summary>Moves a slot with all its keys while the cluster is in use, as redis-cli's reshard does; calls back when half of the keys have moved.</summary>
    public static async Task MoveSlotAsync(int slot, RedisServer from, RedisServer to, Func<Task>? halfway = null)
    {
        await using var source = await ConnectAsync(from);
        var (fromId, toId) = (await IdAsync(from), await IdAsync(to));
        Assert.Equal("+OK", await to.AskAsync($"CLUSTER SETSLOT {slot} IMPORTING {fromId}"));
        Assert.Equal("+OK", await from.AskAsync($"CLUSTER SETSLOT {slot} MIGRATING {toId}"));
        var called = halfway is null;
        for (var moved = 0; ; moved++)
        {
            var key = await KeyInSlotAsync(from, slot);
            if (key is null)
                break;
            Assert.StartsWith("+", await from.AskAsync($"MIGRATE 127.0.0.1 {to.Port} {key} 0 5000"), StringComparison.Ordinal);
            if (moved == 10 && !called)
            {
                called = true;
                await halfway!();
            }
        }

        Assert.True(called, "the slot had too few keys");
        Assert.Equal("+OK", await to.AskAsync($"CLUSTER SETSLOT {slot} NODE {toId}"));
        Assert.Equal("+OK", await from.AskAsync($"CLUSTER SETSLOT {slot} NODE {toId}"));
    }

    /// <summary>
    /// Until every node says that the slot is there. Without it the next move can meet gossip from before this one, and both nodes then say for ever that the slot is the other's; redis-cli waits as well.
    /// </summary>
    public async Task UntilAgreedAsync(int slot, RedisServer owner)
    {
        var id = await IdAsync(owner);
        foreach (var node in nodes)
        {
            await using var client = await ConnectAsync(node);
            await Wait.UntilAsync(async () => await OwnerAsync(client, slot) == id, "agreement on a slot");
        }

        await Task.Delay(100);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
            await node.DisposeAsync();
    }

    // "ID HOST FLAGS MASTER SENT RECEIVED EPOCH STATE SLOT FIRST-LAST …" of the node that is asked first.
    static async Task<string?> OwnerAsync(RedisClient client, int slot)
    {
        var lines = (await client.ExecuteAsync("CLUSTER", "NODES")).AsString()!.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.FirstOrDefault(line => line.Split(' ').Skip(8).Where(range => range[0] != '[').Select(range => range.Split('-')).Any(ends =>
            slot >= int.Parse(ends[0], CultureInfo.InvariantCulture) && slot <= int.Parse(ends[^1], CultureInfo.InvariantCulture)))?.Split(' ')[0];
    }

    static async Task<string?> KeyInSlotAsync(RedisServer node, int slot)
    {
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync("127.0.0.1", node.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"CLUSTER GETKEYSINSLOT {slot} 1\r\n"));
        using var reader = new StreamReader(stream);
        if (await reader.ReadLineAsync() != "*1")
            return null;
        await reader.ReadLineAsync();
        return await reader.ReadLineAsync();
    }

    async Task MeetAsync()
    {
        for (var index = 1; index < nodes.Count; index++)
        {
            await nodes[0].AskAsync($"CLUSTER MEET 127.0.0.1 {nodes[index].Port} {await ClusterPortAsync(nodes[index])}");
        }

        foreach (var node in nodes)
            await Wait.UntilAsync(async () => await KnownAsync(node) == nodes.Count && await StateAsync(node) == "ok", "the cluster", seconds: 40);
    }

    // Nodes that meet write down whom they know and wait for the disk, some for seconds.
    static Task<RedisClient> ConnectAsync(RedisServer node) => RedisClient.ConnectAsync($"{node.Endpoint},asyncTimeout=20000");

    static async Task<string> ClusterPortAsync(RedisServer node)
    {
        await using var client = await ConnectAsync(node);
        return (await client.ExecuteAsync("CONFIG GET", "cluster-port")).Items[1].AsString()!;
    }

    static async Task<int> KnownAsync(RedisServer node) => int.Parse(await InfoAsync(node, "cluster_known_nodes:"), CultureInfo.InvariantCulture);

    static Task<string> StateAsync(RedisServer node) => InfoAsync(node, "cluster_state:");

    static async Task<string> InfoAsync(RedisServer node, string name)
    {
        await using var client = await ConnectAsync(node);
        var info = (await client.ExecuteAsync("CLUSTER", "INFO")).AsString()!;
        return info.Split("\r\n").First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..];
    }
}
