using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Headroom.Caching.Distributed;
using Headroom.Caching.Local;
using Headroom.Caching.Serialization;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;

namespace Headroom.Caching.Tiered;

/// <summary>
/// The cache. A lookup goes this way; this part does the first step, <c>TieredCache.Creating</c> the others (with <c>TieredCache.Leading</c>, if one node makes a value for all), <c>TieredCache.Writing</c> what changes the cache.
/// <list type="number">
/// <item>Memory has it, fresh: it is returned at once, without a lock, a task or an allocation.</item>
/// <item>Memory has it, due for refresh or just over: it is returned, and one background flight makes it anew.</item>
/// <item>Otherwise the caller joins the flight of its key or starts it: the distributed tier is asked, then the factory is run.</item>
/// <item>What was made is kept in both tiers, unless something invalidated it since step 3 began.</item>
/// <item>If that fails or takes too long, a value past its life is served as long as fail-safe allows.</item>
/// </list>
/// </summary>
internal sealed partial class TieredCache : HybridCache, IHeadroomCache, IDisposable
{
    readonly CacheOptions options;
    readonly LocalStore store;
    readonly LocalTier local;
    readonly DistributedTier? distributed;
    readonly ValueSerializers serializers;
    readonly FlightTable flights;
    readonly TimeProvider time;
    readonly ILogger logger;
    readonly IDisposable? listening;
    readonly bool staleIsServed;
    long coalesced;
    long staleServed;
    long distributedHits;

    /// <param name="name">The cache's name.</param>
    /// <param name="options">Valid; read once.</param>
    /// <param name="serializers">For values that are copied or leave the process.</param>
    /// <param name="distributed">The second tier; null: none. Disposed with the cache.</param>
    /// <param name="changes">Tells what changes in the second tier; null: nobody does.</param>
    /// <param name="time">Clock and timers.</param>
    /// <param name="logger">Never sees a key.</param>
    public TieredCache(
        string name, CacheOptions options, ValueSerializers serializers, DistributedTier? distributed, IStoreChanges? changes, TimeProvider time, ILogger logger)
    {
        Name = name;
        this.options = options;
        staleIsServed = options.EagerRefresh is not null || options.StaleWhileRevalidate > TimeSpan.Zero || options.FailSafe > TimeSpan.Zero;
        this.serializers = serializers;
        this.distributed = distributed;
        this.time = time;
        this.logger = logger;
        Action<string, object?, EvictionReason>? onEvict = options.OnEvict is { } told ? (key, _, reason) => told(key, reason) : null;
        store = new LocalStore(options.MaxBytes ?? options.MaxEntries, time, onEvict, logger) { Used = distributed is null ? null : SlideInStore };

        local = new LocalTier(store, options, serializers, logger, hasStore: distributed is not null) { IsTold = distributed is null };
        flights = new FlightTable(store);
        if (distributed is not null)
            listening = changes?.Listen(new StoreChangeListener(store, local, flights, distributed, signals), distributed.Keys.Prefix);
    }

    public string Name { get; }

    public HybridCache AsHybridCache() => this;

    public bool TryGet<T>(ReadOnlySpan<char> key, [MaybeNullWhen(false)] out T value)
    {
        if (TryFind(key, out value))
            return true;
        store.CountMisses();
        return false;
    }

    public bool TryPeek<T>(ReadOnlySpan<char> key, [MaybeNullWhen(false)] out T value) => TryFind(key, out value);

    /// <summary>What memory has within its life, due for refresh or not.</summary>
    bool TryFind<T>(ReadOnlySpan<char> key, [MaybeNullWhen(false)] out T value)
    {
        if (store.Find(key) is { } entry && local.TryRead(entry, out value))
            return true;
        if (options.EagerRefresh is not null && store.Peek(key) is { } older && local.StageOf(older) == LifeStage.DueForRefresh && local.TryRead(older, out value))
        {
            store.CountHit();
            return true;
        }

        value = default;
        return false;
    }

    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(factory);

        // What a hit needs is here, without a call; everything else is a call away, so that the hit does not pay for its locals.
        LocalEntry? entry = null;
        if (options is null || ReadsLocal(options))
        {
            entry = store.FindByCall(key);
            if (entry?.Value is { } kept && kept.GetType() == typeof(T))
                return new ValueTask<T>(LocalTier.Unboxed<T>(kept));
        }

        return ReadOrCreateAsync(entry, key, state, factory, options, tags, cancellationToken);
    }

    /// <summary>The value of an entry that keeps it in another form; without one, the flight's.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    ValueTask<T> ReadOrCreateAsync<TState, T>(
        LocalEntry? entry,
        string key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options,
        IEnumerable<string>? tags,
        CancellationToken cancellation)
    {
        if (entry is not null && local.TryRead<T>(entry, out var value))
            return new ValueTask<T>(value);
        return TryJoin<T>(key, options, cancellation, out var flight)
            ? new ValueTask<T>(flight)
            : CreateAsync(key, new PlainFactory<TState, T>(state, factory), options, tags, cancellation);
    }

    /// <summary>The same with a key that is a string only if it has to be kept.</summary>
    public override ValueTask<T> GetOrCreateAsync<TState, T>(
        ReadOnlySpan<char> key,
        TState state,
        Func<TState, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return ReadsLocal(options) && store.Find(key) is { } entry && local.TryRead<T>(entry, out var value)
            ? new ValueTask<T>(value)
            : CreateAsync(key.ToString(), new PlainFactory<TState, T>(state, factory), options, tags, cancellationToken);
    }

    public ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CacheEntryContext, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(factory);
        return ReadsLocal(options) && store.Find(key) is { } entry && local.TryRead<T>(entry, out var value)
            ? new ValueTask<T>(value)
            : CreateAsync(key, new DecidingFactory<TState, T>(state, factory), options, tags, cancellation);
    }

    public CacheStats Stats() => new()
    {
        LocalHits = store.Hits,
        DistributedHits = Interlocked.Read(ref distributedHits),
        Misses = store.Misses,
        Entries = store.Count,
        Weight = store.Weight,
        Evictions = store.Evictions(EvictionReason.Capacity),
        Expirations = store.Evictions(EvictionReason.Expired),
        Coalesced = Interlocked.Read(ref coalesced),
        CoalescedAcrossNodes = Interlocked.Read(ref coalescedAcrossNodes),
        StaleServed = Interlocked.Read(ref staleServed),
        DistributedErrors = distributed is null ? 0 : distributed.Counters.Errors + distributed.Counters.Timeouts,
        DistributedUnreadable = distributed is null ? 0 : distributed.Counters.Damaged + distributed.Counters.Newer,
    };

    public void Dispose()
    {
        listening?.Dispose();
        store.Dispose();
        distributed?.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static bool ReadsLocal(HybridCacheEntryOptions? options) => options?.Flags is not { } flags || !flags.HasFlag(HybridCacheEntryFlags.DisableLocalCacheRead);
}
