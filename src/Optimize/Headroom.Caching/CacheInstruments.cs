using System.Diagnostics.Metrics;
using Headroom.Caching.Tiered;
using Headroom.Telemetry;

namespace Headroom.Caching;

/// <summary>
/// The caches' metrics, read from their own counts when somebody looks, so that a lookup pays nothing for them: <c>headroom.cache.hits</c> by tier, <c>headroom.cache.misses</c>,
/// <c>.coalesced</c>, <c>.stale</c>, <c>.evictions</c>, <c>.distributed.errors</c>, <c>.distributed.unreadable</c>, <c>.entries</c>.
/// </summary>
internal sealed class CacheInstruments(IMeterFactory meters, CacheMetrics lookups)
{
    const string NameTag = "headroom.cache.name";
    const string TierTag = "headroom.cache.tier";

    public void Observe(Func<IEnumerable<TieredCache>> caches)
    {
        var meter = meters.Create(HeadroomMeters.Caching);
        lookups.Observe(() => caches().SelectMany(Hits), () => caches().Select(cache => Measured(cache, cache.Stats().Misses)));
        Counter("headroom.cache.coalesced", "{lookup}", "Lookups that waited for a value that another one was already making.", stats => stats.Coalesced);
        Counter("headroom.cache.stale", "{lookup}", "Lookups answered with a value past its life.", stats => stats.StaleServed);
        Counter("headroom.cache.evictions", "{entry}", "Entries that left memory because it was full.", stats => stats.Evictions);
        Counter("headroom.cache.distributed.errors", "{error}", "Operations of the distributed tier that failed or took too long.", stats => stats.DistributedErrors);
        Counter("headroom.cache.distributed.unreadable", "{entry}", "Entries of the distributed tier that were damaged or in a later version of the format.", stats => stats.DistributedUnreadable);
        meter.CreateObservableUpDownCounter("headroom.cache.entries", () => caches().Select(cache => Measured(cache, cache.Stats().Entries)), "{entry}", "Entries in memory.");

        void Counter(string name, string unit, string description, Func<CacheStats, long> count) =>
            meter.CreateObservableCounter(name, () => caches().Select(cache => Measured(cache, count(cache.Stats()))), unit, description);
    }

    static Measurement<long> Measured(TieredCache cache, long value) => new(value, new KeyValuePair<string, object?>(NameTag, cache.Name));

    static IEnumerable<Measurement<long>> Hits(TieredCache cache)
    {
        var stats = cache.Stats();
        yield return new(stats.LocalHits, new KeyValuePair<string, object?>(NameTag, cache.Name), new KeyValuePair<string, object?>(TierTag, "l1"));
        yield return new(stats.DistributedHits, new KeyValuePair<string, object?>(NameTag, cache.Name), new KeyValuePair<string, object?>(TierTag, "l2"));
    }
}
