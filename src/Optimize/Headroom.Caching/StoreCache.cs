using System.Security.Cryptography;
using Headroom.Caching.Distributed;
using Headroom.Caching.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headroom.Caching;

/// <summary>
/// A cache that is in a store alone, with Redis for example: nothing is kept in memory, so every node sees the same at once, and each lookup is a round trip. A store that is away or too slow is a miss, never an
/// exception; what was set or removed meanwhile holds when it is back. All members may be called from any thread.
/// </summary>
public sealed class StoreCache : ICacheProvider, IDisposable
{
    readonly DistributedTier tier;
    readonly ValueSerializers serializers;
    readonly ServiceProvider? ownServices;
    readonly ILogger logger;
    readonly TimeSpan defaultExpiration;
    long hits;
    long misses;

    /// <summary>Makes a cache.</summary>
    /// <param name="store">Where values are.</param>
    /// <param name="options">Null: 5 minutes each, keys that begin with <c>headroom:</c>.</param>
    /// <param name="services">Where serializers are looked up (<c>IHybridCacheSerializer</c>); null: text, bytes and JSON.</param>
    /// <param name="time">The clock that lives are measured with; null: the system's.</param>
    /// <param name="logger">Told when the store goes away and comes back. Never sees a key.</param>
    /// <exception cref="ArgumentException">Options are out of bounds; the message names each.</exception>
    public StoreCache(IDistributedStore store, StoreCacheOptions? options = null, IServiceProvider? services = null, TimeProvider? time = null, ILogger<StoreCache>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        options ??= new StoreCacheOptions();
        var errors = options.Errors().ToList();
        if (errors.Count > 0)
            throw new ArgumentException(string.Join(' ', errors), nameof(options));

        this.logger = logger ?? (ILogger)NullLogger.Instance;
        defaultExpiration = options.DefaultExpiration;
        if (services is null)
            services = ownServices = new ServiceCollection().BuildServiceProvider();
        serializers = new ValueSerializers(services);
        tier = new DistributedTier(store, options.Store, time ?? TimeProvider.System, new Random(RandomNumberGenerator.GetInt32(int.MaxValue)), this.logger);
    }

    /// <inheritdoc/>
    public async ValueTask<Cached<T>> GetAsync<T>(string key, CancellationToken cancellation = default)
    {
        using var read = await tier.ReadAsync(Keys.Checked(key), [], cancellation, willCreate: false);
        if (read.Outcome == TierOutcome.Hit && TryDeserialize(read.Content, out T? value))
        {
            Interlocked.Increment(ref hits);
            return new Cached<T>(value!);
        }

        Interlocked.Increment(ref misses);
        return default;
    }

    /// <inheritdoc/>
    public async ValueTask SetAsync<T>(string key, T value, TimeSpan? expiration = null, CancellationToken cancellation = default)
    {
        var life = Expirations.Checked(expiration ?? defaultExpiration, nameof(expiration));
        await tier.SetAsync(Keys.Checked(key), value, serializers.Of<T>(), new EntryTimes(life), [], cancellation);
    }

    /// <inheritdoc/>
    /// <returns>Whether it was there when asked; false also where the store does not answer.</returns>
    public async ValueTask<bool> DeleteAsync(string key, CancellationToken cancellation = default)
    {
        var was = await HasAsync(key, cancellation);
        await tier.InvalidateAsync([new Invalidated(StoreKeyKind.Key, key)], cancellation);
        return was;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> HasAsync(string key, CancellationToken cancellation = default)
    {
        using var read = await tier.ReadAsync(Keys.Checked(key), [], cancellation, willCreate: false);
        return read.Outcome == TierOutcome.Hit;
    }

    /// <summary>Ends every value in one step, however many there are; the store frees their memory when their time is over.</summary>
    /// <param name="cancellation">Ends the wait of a store that is away.</param>
    public async ValueTask ClearAsync(CancellationToken cancellation = default) =>
        await tier.InvalidateAsync([new Invalidated(StoreKeyKind.Tag, StoreKeys.AllTag)], cancellation);

    /// <summary>Hits, misses and errors; what the store holds it alone knows.</summary>
    public CacheStats Stats() => new()
    {
        DistributedHits = Interlocked.Read(ref hits),
        Misses = Interlocked.Read(ref misses),
        DistributedErrors = tier.Counters.Errors + tier.Counters.Timeouts,
        DistributedUnreadable = tier.Counters.Damaged + tier.Counters.Newer,
    };

    /// <summary>Stops sending what the store did not take yet.</summary>
    public void Dispose()
    {
        tier.Dispose();
        ownServices?.Dispose();
    }

    bool TryDeserialize<T>(EntryContent content, out T? value)
    {
        try
        {
            value = content.Deserialize(serializers.Of<T>());
            return true;
        }
#pragma warning disable CA1031 // Whatever a serializer throws at what it did not write: it is another type, which is a miss.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            Log.NotDeserializable(logger, typeof(T), thrown);
            value = default;
            return false;
        }
    }
}
