using System.Collections.Concurrent;
using Headroom.Caching.Distributed;
using Headroom.Caching.Serialization;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Headroom.Caching.Tiered;

/// <summary>The application's caches by name, each made when it is first asked for.</summary>
internal sealed class CacheRegistry : IDisposable
{
    readonly ConcurrentDictionary<string, Lazy<TieredCache>> caches = new(StringComparer.Ordinal);
    readonly IServiceProvider services;
    readonly CachingOptions options;
    readonly ValueSerializers serializers;
    readonly CacheInstruments? instruments;

    public CacheRegistry(IServiceProvider services, IOptions<CachingOptions> options)
    {
        this.services = services;
        this.options = options.Value;
        serializers = new ValueSerializers(services);
        instruments = services.GetService<CacheInstruments>();
        instruments?.Observe(() => caches.Values.Where(cache => cache.IsValueCreated).Select(cache => cache.Value));
    }

    public TieredCache Get(string name)
    {
        if (name != CachingOptions.DefaultCache && !options.Caches.ContainsKey(name))
        {
            throw new InvalidOperationException(
                $"There is no cache '{name}'; there are '{CachingOptions.DefaultCache}', {string.Join(", ", options.Caches.Keys.Order(StringComparer.Ordinal).Select(known => $"'{known}'"))}. Add it with AddHeadroomCaching(options => options.Caches[\"{name}\"] = new CacheOptions()).");
        }

        return caches.GetOrAdd(name, static (each, registry) => new Lazy<TieredCache>(() => registry.Make(each)), this).Value;
    }

    public void Dispose()
    {
        foreach (var cache in caches.Values.Where(cache => cache.IsValueCreated))
            cache.Value.Dispose();
    }

    TieredCache Make(string name)
    {
        var policy = name == CachingOptions.DefaultCache ? options.Default : options.Caches[name];
        var time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var logger = services.GetService<ILoggerFactory>()?.CreateLogger("Headroom.Caching") ?? NullLogger.Instance;
        var store = options.UseDistributed ? Store() : null;
        if (policy.CoalesceAcrossNodes && store is not IStoreLeases)
            Log.NoLeases(logger, name);
        var tier = store is null ? null : new DistributedTier(store, Prefixed(name), time, new Random(System.Security.Cryptography.RandomNumberGenerator.GetInt32(int.MaxValue)), logger);
        return new TieredCache(name, policy, serializers, tier, services.GetService<IStoreChanges>(), time, logger);
    }

    /// <summary>A store of its own kind, else any distributed cache that is one: the framework's in-memory one is no second tier.</summary>
    IDistributedStore? Store() =>
        services.GetService<IDistributedStore>()
        ?? (services.GetService<IDistributedCache>() is { } cache and not MemoryDistributedCache ? new DistributedCacheStore(cache) : null);

    DistributedTierOptions Prefixed(string name) =>
        options.Distributed.WithPrefix(name == CachingOptions.DefaultCache ? options.Distributed.KeyPrefix : $"{options.Distributed.KeyPrefix}{name}:");
}
