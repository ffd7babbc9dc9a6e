using System.Diagnostics;
using Headroom.Caching;
using Headroom.Redis.Tests.Servers;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Redis.Tests.Caching;

public sealed class SlidingAcrossNodesTests
{
    static readonly TimeSpan Sliding = TimeSpan.FromSeconds(4);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Use_InOneNodesMemory_KeepsTheValueInRedisAndNotUsingItDoesNot()
    {
        await using var server = await RedisServer.StartAsync();
        await using var nodes = await CacheNodes.StartAsync(server.Endpoint, 3, options => options.Default.SlidingExpiration = Sliding);
        await nodes.ReadAsync(0, 1);
        var begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin) < Sliding * 1.5)
        {
            await nodes.ReadAsync(0, 1);
            await Task.Delay(20, Cancellation);
        }

        var made = nodes.Computed;
        await nodes.ReadAsync(1, 1);
        Assert.Equal(made, nodes.Computed);

        // It was prolonged now and then, not at every use; and readers of two nodes do not take it from each other.
        var pushes = nodes.Cache(0).Stats().DistributedHits;
        for (var turn = 0; turn < 50; turn++)
        {
            await nodes.ReadAsync(0, 1);
            await nodes.ReadAsync(1, 1);
        }

        Assert.InRange(nodes.Cache(0).Stats().DistributedHits - pushes, 0, 3);
        await Wait.UntilAsync(async () => await server.AskAsync($"EXISTS headroom:e:{{{CacheNodes.Name(1)}}}") == ":0", "the end of what nobody uses");
    }

    [Fact]
    public async Task TouchAsync_ALifeThatHasMoreThanThreeQuartersLeft_IsLeftAsItIs()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = await RedisClient.ConnectAsync(server.Endpoint, Cancellation);
        var store = new Headroom.Redis.Caching.RedisStore(client);
        await client.SetAsync("key", "value", TimeSpan.FromMinutes(50), cancellationToken: Cancellation);
        await store.TouchAsync("key", TimeSpan.FromMinutes(60), Cancellation);
        Assert.InRange((await client.TimeToLiveAsync("key", Cancellation))!.Value.TotalMinutes, 48, 50);
        await store.TouchAsync("key", TimeSpan.FromMinutes(10), Cancellation);
        Assert.InRange((await client.TimeToLiveAsync("key", Cancellation))!.Value.TotalMinutes, 48, 50);
        await store.TouchAsync("key", TimeSpan.FromMinutes(100), Cancellation);
        Assert.InRange((await client.TimeToLiveAsync("key", Cancellation))!.Value.TotalMinutes, 98, 100);
        await store.TouchAsync("missing", TimeSpan.FromMinutes(10), Cancellation);
        Assert.False(await client.ExistsAsync("missing", Cancellation));
    }
}
