using Headroom.Caching;
using Headroom.Caching.Tests;
using Headroom.Redis.Caching;
using Headroom.Redis.Tests.Servers;

namespace Headroom.Redis.Tests.Caching;

/// <summary>Redis alone as a cache. Lives are those of the test's clock; Redis' own end later.</summary>
public sealed class RedisCacheContract : CacheProviderContract, IAsyncLifetime
{
    RedisServer? server;
    RedisClient? client;
    StoreCache? cache;

    protected override ICacheProvider Provider => cache!;

    public async ValueTask InitializeAsync()
    {
        server = await RedisServer.StartAsync();
        client = await RedisClient.ConnectAsync(server.Endpoint, Cancellation);
        cache = new StoreCache(new RedisStore(client), new StoreCacheOptions { DefaultExpiration = TimeSpan.FromMinutes(1) }, time: Time);
    }

    public async ValueTask DisposeAsync()
    {
        cache?.Dispose();
        if (client is not null)
            await client.DisposeAsync();
        if (server is not null)
            await server.DisposeAsync();
    }

    [Fact]
    public async Task GetAsync_AnotherType_IsAMiss()
    {
        await Provider.SetAsync("key", "text", cancellation: Cancellation);
        Assert.False((await Provider.GetAsync<int>("key", Cancellation)).Found);
    }

    [Fact]
    public async Task EveryMember_RedisAway_IsAMissAndNoException()
    {
        await Provider.SetAsync("key", 1, cancellation: Cancellation);
        await server!.KillAsync();
        await Provider.SetAsync("key", 2, cancellation: Cancellation);
        Assert.False((await Provider.GetAsync<int>("key", Cancellation)).Found);
        Assert.False(await Provider.HasAsync("key", Cancellation));
        Assert.False(await Provider.DeleteAsync("key", Cancellation));
        await Provider.ClearAsync(Cancellation);
        Assert.True(Provider.Stats().DistributedErrors > 0);
    }
}
