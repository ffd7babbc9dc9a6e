using System.Text;
using Headroom.Redis.Tests.Servers;

namespace Headroom.Redis.Tests;

public sealed class RedisSubscriptionTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("resp3")]
    [InlineData("resp2")]
    public async Task Subscribe_ChannelAndPattern_MessagesInOrder(string protocol)
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync($"{server.Endpoint},protocol={protocol},channelPrefix=app:", Cancellation);
        await using var channel = await client.SubscribeAsync("news", cancellationToken: Cancellation);
        await using var pattern = await client.SubscribeAsync("n*", isPattern: true, Cancellation);
        for (var number = 0; number < 100; number++)
            Assert.True(await client.PublishAsync("news", $"message {number}", Cancellation) >= 1);
        Assert.Equal(Enumerable.Range(0, 100).Select(number => ("app:news", $"message {number}")), await TakeAsync(channel, 100));
        Assert.Equal(Enumerable.Range(0, 100).Select(number => ("app:news", $"message {number}")), await TakeAsync(pattern, 100));
        Assert.Equal((0, 0), (channel.Dropped, channel.Interruptions));
    }

    [Theory]
    [InlineData("resp3")]
    [InlineData("resp2")]
    public async Task Subscribe_IdleForLongerThanKeepAlive_StaysAlive(string protocol)
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync($"{server.Endpoint},protocol={protocol},keepAliveMs=100,livenessTimeout=400", Cancellation);
        await using var subscription = await client.SubscribeAsync("c", cancellationToken: Cancellation);
        await Task.Delay(1500, Cancellation);
        await client.PublishAsync("c", "m", Cancellation);
        Assert.Single(await TakeAsync(subscription, 1));
        Assert.Equal(0, subscription.Interruptions);
    }

    [Fact]
    public async Task Subscribe_ServerRestarted_SubscribedAgainAndInterruptionCounted()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync($"{server.Endpoint},reconnectDelay=5,reconnectDelayMost=50", Cancellation);
        await using var subscription = await client.SubscribeAsync("c", cancellationToken: Cancellation);
        await server.KillAsync();
        await Wait.UntilAsync(() => subscription.Interruptions > 0, "the interruption");
        await server.StartAgainAsync();
        await Wait.UntilAsync(async () => await server.AskAsync("PUBLISH c after") == ":1", "the subscription");
        Assert.Equal([("c", "after")], await TakeAsync(subscription, 1));
    }

    [Fact]
    public async Task Subscribe_SameChannelTwice_BothHearAndTheLastOneUnsubscribes()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync(server.Endpoint, Cancellation);
        await using var first = await client.SubscribeAsync("c", cancellationToken: Cancellation);
        await using (await client.SubscribeAsync("c", cancellationToken: Cancellation))
        {
            await client.PublishAsync("c", "m", Cancellation);
        }

        Assert.Equal(1, await client.PublishAsync("c", "n", Cancellation));
        Assert.Equal(["m", "n"], (await TakeAsync(first, 2)).Select(message => message.Content));
        await first.DisposeAsync();
        await Wait.UntilAsync(async () => await client.PublishAsync("c", "o", Cancellation) == 0, "the end of the subscription");
    }

    [Fact]
    public async Task Subscribe_NobodyReads_OldestGoAndAreCounted()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync($"{server.Endpoint},asyncTimeout=20000", Cancellation);
        await using var subscription = await client.SubscribeAsync("c", cancellationToken: Cancellation);
        var sent = RedisSubscription.CapacityMost + 100;
        await Task.WhenAll(Enumerable.Range(0, sent).Select(number => client.PublishAsync("c", number, Cancellation).AsTask()));
        await Wait.UntilAsync(() => subscription.Dropped == 100, "100 dropped");
        Assert.Equal("100", (await TakeAsync(subscription, 1))[0].Content);
    }

    [Fact]
    public async Task Subscribe_NotAllowedByAcl_TypedError()
    {
        await using var server = await RedisServer.StartAsync();
        await server.AskAsync("ACL SETUSER limited on >pw ~* +@all -subscribe");
        await using var client = await RedisClient.ConnectAsync($"{server.Endpoint},user=limited,password=pw", Cancellation);
        Assert.Equal("NOPERM", (await Assert.ThrowsAsync<RedisServerException>(async () => await client.SubscribeAsync("c", cancellationToken: Cancellation))).Code);
    }

    static async Task<List<(string Channel, string Content)>> TakeAsync(RedisSubscription subscription, int count)
    {
        var taken = new List<(string, string)>();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await foreach (var message in subscription.ReadAllAsync(limit.Token))
        {
            taken.Add((message.Channel, Encoding.UTF8.GetString(message.Content.Span)));
            if (taken.Count == count)
                break;
        }

        return taken;
    }
}
