using System.Diagnostics;
using Headroom.Redis.Tests.Servers;

namespace Headroom.Redis.Tests.Routing;

public sealed class SentinelTests(ITestOutputHelper output)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Failover_MasterKilled_ClientFollowsToTheNewMaster()
    {
        await using var master = await RedisServer.StartAsync();
        await using var replica = await RedisServer.StartAsync("--replicaof", "127.0.0.1", $"{master.Port}", "--repl-diskless-sync-delay", "0");
        await using var first = await RedisServer.StartSentinelAsync("mymaster", master, quorum: 2);
        await using var second = await RedisServer.StartSentinelAsync("mymaster", master, quorum: 2);
        await using var third = await RedisServer.StartSentinelAsync("mymaster", master, quorum: 2);
        RedisServer[] sentinels = [first, second, third];
        foreach (var sentinel in sentinels)
            await Wait.UntilAsync(async () => (await SentinelViewAsync(sentinel)) is (1, 2), "the sentinels know each other and the replica", seconds: 40);

        await using var client = await RedisClient.ConnectAsync($"{string.Join(',', sentinels.Select(sentinel => sentinel.Endpoint))},serviceName=mymaster,asyncTimeout=500,reconnectDelayMost=100", Cancellation);
        Assert.True(await client.SetAsync("k", "v", cancellationToken: Cancellation));
        await Wait.UntilAsync(async () => await replica.AskAsync("GET k") == "v", "the replica");

        await master.KillAsync();
        var begin = Stopwatch.GetTimestamp();
        var slowest = TimeSpan.Zero;
        await Wait.UntilAsync(
            async () =>
            {
                var call = Stopwatch.GetTimestamp();
                try
                {
                    return await client.SetAsync("k", "w", cancellationToken: Cancellation);
                }
                catch (RedisException)
                {
                    return false;
                }
                finally
                {
                    var took = Stopwatch.GetElapsedTime(call);
                    slowest = took > slowest ? took : slowest;
                }
            },
            "a write to the new master",
            seconds: 60);
        output.WriteLine($"writable again {Stopwatch.GetElapsedTime(begin).TotalMilliseconds:0} ms after the kill (down-after 800 ms); slowest call {slowest.TotalMilliseconds:0} ms");
        Assert.Equal("w", await replica.AskAsync("GET k"));
        Assert.InRange(slowest.TotalMilliseconds, 0, 4000);
    }

    [Fact]
    public async Task Failover_OldMasterStillAnswers_ClientLeavesItWhenSentinelSaysSo()
    {
        await using var master = await RedisServer.StartAsync();
        await using var replica = await RedisServer.StartAsync("--replicaof", "127.0.0.1", $"{master.Port}", "--repl-diskless-sync-delay", "0");
        await using var sentinel = await RedisServer.StartSentinelAsync("mymaster", master, quorum: 1);
        await Wait.UntilAsync(async () => (await SentinelViewAsync(sentinel)).Replicas == 1, "the sentinel knows the replica", seconds: 40);
        await using var client = await RedisClient.ConnectAsync($"{sentinel.Endpoint},serviceName=mymaster,asyncTimeout=500", Cancellation);
        Assert.True(await client.SetAsync("k", "v", cancellationToken: Cancellation));

        await Wait.UntilAsync(async () => (await sentinel.AskAsync("SENTINEL FAILOVER mymaster")) == "+OK", "the failover's start");
        await Wait.UntilAsync(async () => (await client.ExecuteAsync("CONFIG GET", "port").AsTask().ContinueWith(task => task.IsCompletedSuccessfully ? task.Result.Items[1].AsInt64() : 0, TaskScheduler.Default)) == replica.Port, "the new master", seconds: 60);
    }

    [Fact]
    public async Task Connect_UnknownServiceOrNoSentinel_SaysWhichAnsweredWhat()
    {
        await using var master = await RedisServer.StartAsync();
        await using var sentinel = await RedisServer.StartSentinelAsync("mymaster", master, quorum: 1);
        var error = await Assert.ThrowsAsync<RedisConnectionException>(() => RedisClient.ConnectAsync($"{sentinel.Endpoint},127.0.0.1:1,serviceName=other", Cancellation));
        Assert.Equal(RedisConnectionFailure.NoMaster, error.Failure);
        Assert.Contains("knows no master 'other'", error.Message, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1 cannot be reached", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_MasterAndReplicaGiven_MasterTaken()
    {
        await using var master = await RedisServer.StartAsync();
        await using var replica = await RedisServer.StartAsync("--replicaof", "127.0.0.1", $"{master.Port}");
        foreach (var protocol in (string[])["resp3", "resp2"])
        {
            await using var client = await RedisClient.ConnectAsync($"{replica.Endpoint},{master.Endpoint},protocol={protocol}", Cancellation);
            Assert.True(await client.SetAsync("k", "v", cancellationToken: Cancellation));
        }
    }

    [Fact]
    public async Task Write_MasterBecameAReplica_RefusedOnceThenAtTheNewMaster()
    {
        await using var first = await RedisServer.StartAsync();
        await using var second = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync($"{first.Endpoint},{second.Endpoint}", Cancellation);
        Assert.True(await client.SetAsync("k", "v", cancellationToken: Cancellation));
        Assert.Equal("+OK", await first.AskAsync($"REPLICAOF 127.0.0.1 {second.Port}"));
        var error = await Assert.ThrowsAsync<RedisServerException>(async () => await client.SetAsync("k", "w", cancellationToken: Cancellation));
        Assert.Equal("READONLY", error.Code);
        await Wait.UntilAsync(() => Wait.AnswersAsync(client), "an answer");
        Assert.True(await client.SetAsync("k", "w", cancellationToken: Cancellation));
        Assert.Equal("w", await second.AskAsync("GET k"));
    }

    internal static async Task<(int Replicas, int OtherSentinels)> SentinelViewAsync(RedisServer sentinel)
    {
        await using var client = await RedisClient.ConnectAsync($"{sentinel.Endpoint},asyncTimeout=5000");
        var fields = (await client.ExecuteAsync("SENTINEL", "MASTER", "mymaster")).Items;
        int Field(string name) => (int)fields[fields.ToList().FindIndex(field => field.AsString() == name) + 1].AsInt64();
        return (Field("num-slaves"), Field("num-other-sentinels"));
    }
}
