using System.Diagnostics.Metrics;

namespace Headroom.Telemetry;

/// <summary>
/// Where a cache reports its lookups: counters <see cref="HeadroomMeters.CacheHits"/> and <see cref="HeadroomMeters.CacheMisses"/> with the tag
/// <c>headroom.cache.name</c> and, where there are several tiers, <c>headroom.cache.tier</c>. Recording allocates nothing.
/// </summary>
public sealed class CacheMetrics
{
    const string NameTag = "headroom.cache.name";
    const string TierTag = "headroom.cache.tier";

    readonly Counter<long> hits;
    readonly Counter<long> misses;

    /// <summary>Creates the counters on the meter <see cref="HeadroomMeters.Caching"/>.</summary>
    public CacheMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(HeadroomMeters.Caching);
        hits = meter.CreateCounter<long>(HeadroomMeters.CacheHits, "{hit}", "Lookups answered from a cache.");
        misses = meter.CreateCounter<long>(HeadroomMeters.CacheMisses, "{miss}", "Lookups that had to go to the source.");
    }

    /// <summary>Counts one lookup that the cache answered.</summary>
    /// <param name="cache">The cache's name, from a small fixed set: <c>overview</c>, <c>auth</c>. Never a key.</param>
    /// <param name="tier">The tier that answered, for example <c>l1</c> or <c>l2</c>; null for a cache with one tier.</param>
    public void Hit(string cache, string? tier = null) => Add(hits, cache, tier);

    /// <summary>Counts one lookup that the cache could not answer.</summary>
    /// <param name="cache">The cache's name, as for <see cref="Hit"/>.</param>
    /// <param name="tier">The tier that was asked; null for a cache with one tier.</param>
    public void Miss(string cache, string? tier = null) => Add(misses, cache, tier);

    static void Add(Counter<long> counter, string cache, string? tier)
    {
        if (tier is null)
            counter.Add(1, new KeyValuePair<string, object?>(NameTag, cache));
        else
            counter.Add(1, new KeyValuePair<string, object?>(NameTag, cache), new KeyValuePair<string, object?>(TierTag, tier));
    }
}
