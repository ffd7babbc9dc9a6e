using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Headroom.Telemetry;

/// <summary>
/// Where caches report their lookups: counters <see cref="HeadroomMeters.CacheHits"/> and <see cref="HeadroomMeters.CacheMisses"/> with the tag <c>headroom.cache.name</c> and, where there are several tiers,
/// <c>headroom.cache.tier</c>. A cache without counts of its own has them counted here, without an allocation; one that counts anyway is asked when somebody collects (<see cref="Observe"/>). Both are one instrument.
/// </summary>
public sealed class CacheMetrics
{
    const string NameTag = "headroom.cache.name";
    const string TierTag = "headroom.cache.tier";
    const int NamesMost = 1_000;

    readonly ConcurrentDictionary<(string Cache, string? Tier), Lookups> counts = new();
    readonly Lock gate = new();
    volatile Func<IEnumerable<Measurement<long>>>[] hits = [];
    volatile Func<IEnumerable<Measurement<long>>>[] misses = [];

    /// <summary>Creates the counters on the meter <see cref="HeadroomMeters.Caching"/>.</summary>
    public CacheMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(HeadroomMeters.Caching);
        meter.CreateObservableCounter(HeadroomMeters.CacheHits, () => Read(static lookups => Volatile.Read(ref lookups.Hits), hits), "{hit}", "Lookups answered from a cache.");
        meter.CreateObservableCounter(HeadroomMeters.CacheMisses, () => Read(static lookups => Volatile.Read(ref lookups.Misses), misses), "{miss}", "Lookups that had to go to the source.");
    }

    /// <summary>Counts one lookup that the cache answered.</summary>
    /// <param name="cache">The cache's name, from a small fixed set: <c>overview</c>, <c>auth</c>. Never a key: after the first 1,000 names all others are one, <c>other</c>.</param>
    /// <param name="tier">The tier that answered, for example <c>l1</c> or <c>l2</c>; null for a cache with one tier.</param>
    public void Hit(string cache, string? tier = null) => Interlocked.Increment(ref Of(cache, tier).Hits);

    /// <summary>Counts one lookup that the cache could not answer.</summary>
    /// <param name="cache">The cache's name, as for <see cref="Hit"/>.</param>
    /// <param name="tier">The tier that was asked; null for a cache with one tier.</param>
    public void Miss(string cache, string? tier = null) => Interlocked.Increment(ref Of(cache, tier).Misses);

    /// <summary>Has caches asked that count by themselves: each time somebody collects, for all that they have counted so far.</summary>
    /// <param name="hits">Lookups answered, with the tags above. Must be quick.</param>
    /// <param name="misses">Lookups not answered, with the tags above.</param>
    public void Observe(Func<IEnumerable<Measurement<long>>> hits, Func<IEnumerable<Measurement<long>>> misses)
    {
        ArgumentNullException.ThrowIfNull(hits);
        ArgumentNullException.ThrowIfNull(misses);
        lock (gate)
        {
            this.hits = [.. this.hits, hits];
            this.misses = [.. this.misses, misses];
        }
    }

    Lookups Of(string cache, string? tier)
    {
        if (counts.TryGetValue((cache, tier), out var known))
            return known;
        return counts.GetOrAdd(counts.Count < NamesMost ? (cache, tier) : ("other", null), static _ => new Lookups());
    }

    IEnumerable<Measurement<long>> Read(Func<Lookups, long> count, Func<IEnumerable<Measurement<long>>>[] others)
    {
        foreach (var ((cache, tier), lookups) in counts)
        {
            if (count(lookups) is > 0 and var value)
                yield return tier is null ? new(value, Tag(NameTag, cache)) : new(value, Tag(NameTag, cache), Tag(TierTag, tier));
        }

        foreach (var other in others)
        {
            foreach (var measured in other())
                yield return measured;
        }
    }

    static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    sealed class Lookups
    {
        public long Hits;
        public long Misses;
    }
}
