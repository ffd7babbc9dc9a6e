using Headroom.Caching.Tests.Distributed;
using Headroom.Caching.Tests.Tiered;

namespace Headroom.Caching.Tests;

public sealed class LocalCacheContract : CacheProviderContract, IDisposable
{
    readonly LocalCache cache;

    public LocalCacheContract() => cache = new LocalCache(new LocalCacheOptions { DefaultExpiration = TimeSpan.FromMinutes(1), ExpirationJitter = 0 }, Time);

    protected override ICacheProvider Provider => cache;

    public void Dispose() => cache.Dispose();
}

public sealed class TieredCacheContract : CacheProviderContract, IDisposable
{
    readonly Nodes nodes;

    public TieredCacheContract()
    {
        nodes = new Nodes(Time);
        Provider = nodes.Add(configure: options => options.Expiration = TimeSpan.FromMinutes(1));
    }

    protected override ICacheProvider Provider { get; }

    public void Dispose() => nodes.Dispose();
}

public sealed class TieredCacheWithoutStoreContract : CacheProviderContract, IDisposable
{
    readonly IDisposable cache;

    public TieredCacheWithoutStoreContract()
    {
        var made = Nodes.Alone(Time, options => options.Expiration = TimeSpan.FromMinutes(1));
        (cache, Provider) = (made, made);
    }

    protected override ICacheProvider Provider { get; }

    public void Dispose() => cache.Dispose();
}

public sealed class StoreCacheContract : CacheProviderContract, IDisposable
{
    readonly StoreCache cache;

    public StoreCacheContract() => cache = new StoreCache(new MemoryStore(Time), new StoreCacheOptions { DefaultExpiration = TimeSpan.FromMinutes(1) }, time: Time);

    protected override ICacheProvider Provider => cache;

    public void Dispose() => cache.Dispose();
}
