using Headroom.Redis.Tests.Servers;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Headroom.Redis.Tests.DistributedCaching;

/// <summary>What any distributed cache does. The framework's own in memory keeps the contract honest.</summary>
public abstract class DistributedCacheContract : IAsyncLifetime
{
    IDistributedCache cache = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        cache = Create();
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await CleanUpAsync();
    }

    protected abstract IDistributedCache Create();

    protected virtual ValueTask CleanUpAsync() => default;

    [Fact]
    public async Task GetSetRemove_AnyBytes_ComeBack()
    {
        Assert.Null(await cache.GetAsync("k", Cancellation));
        foreach (var value in (byte[][])[[], [0, 13, 10, 255], new byte[300_000]])
        {
            await cache.SetAsync("k", value, new DistributedCacheEntryOptions(), Cancellation);
            Assert.Equal(value, await cache.GetAsync("k", Cancellation));
            Assert.Equal(value, cache.Get("k"));
        }

        await cache.RemoveAsync("k", Cancellation);
        Assert.Null(await cache.GetAsync("k", Cancellation));
        cache.Set("k", [1], new DistributedCacheEntryOptions());
        cache.Refresh("k");
        cache.Remove("k");
        cache.Remove("never there");
        await cache.RefreshAsync("never there", Cancellation);
        Assert.Null(cache.Get("k"));
    }

    [Fact]
    public async Task Absolute_ReadOften_EndsWhenSaid()
    {
        await cache.SetAsync("k", [1], new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromMilliseconds(400) }, Cancellation);
        var lived = await Wait.UntilAsync(async () => await cache.GetAsync("k", Cancellation) is null, "the end");
        Assert.InRange(lived.TotalMilliseconds, 200, 8000);
    }

    [Fact]
    public async Task Sliding_ReadOrRefreshed_LivesOnUntilLeftAlone()
    {
        var entry = new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromSeconds(2) };
        await cache.SetAsync("read", [1], entry, Cancellation);
        await cache.SetAsync("refreshed", [1], entry, Cancellation);
        await cache.SetAsync("alone", [1], entry, Cancellation);
        for (var step = 0; step < 6; step++)
        {
            await Task.Delay(500, Cancellation);
            Assert.NotNull(await cache.GetAsync("read", Cancellation));
            await cache.RefreshAsync("refreshed", Cancellation);
        }

        Assert.NotNull(await cache.GetAsync("refreshed", Cancellation));
        Assert.Null(await cache.GetAsync("alone", Cancellation));
    }
}

public sealed class MemoryDistributedCacheContractTests : DistributedCacheContract
{
    protected override IDistributedCache Create() => new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));
}

public sealed class RedisDistributedCacheContractTests : DistributedCacheContract
{
    ServiceProvider? services;

    protected override IDistributedCache Create()
    {
        services = new ServiceCollection()
            .AddHeadroomRedis($"{Require.Redis()},asyncTimeout=20000")
            .AddHeadroomRedisDistributedCache(options => options.InstanceName = $"dc:{Guid.NewGuid():n}:")
            .BuildServiceProvider();
        return services.GetRequiredService<IDistributedCache>();
    }

    protected override ValueTask CleanUpAsync() => services?.DisposeAsync() ?? default;
}
