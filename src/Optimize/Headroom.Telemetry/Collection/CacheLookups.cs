using System.Diagnostics.Metrics;

namespace Headroom.Telemetry.Collection;

/// <summary>
/// Hits and misses of caches that are counted by the caches themselves and read when somebody looks (observable counters). Of all observable instruments only these are asked, so that the summary does not
/// wait for a callback of anybody else.
/// </summary>
internal sealed class CacheLookups : IDisposable
{
    readonly MeterListener listener = new();
    readonly Lock asking = new();
    long hits;
    long misses;

    public CacheLookups(IMeterFactory meters)
    {
        listener.InstrumentPublished = (instrument, self) =>
        {
            var isOurs = instrument.Meter.Name == HeadroomMeters.Caching && ReferenceEquals(instrument.Meter.Scope, meters);
            if (isOurs && instrument.IsObservable && instrument.Name is (HeadroomMeters.CacheHits or HeadroomMeters.CacheMisses))
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            if (instrument.Name == HeadroomMeters.CacheHits)
                hits += value;
            else
                misses += value;
        });
    }

    public void Start() => listener.Start();

    /// <summary>Since the start, of all caches and tiers.</summary>
    public (long Hits, long Misses) Read()
    {
        lock (asking)
        {
            (hits, misses) = (0, 0);
            try
            {
                listener.RecordObservableInstruments();
            }
            catch (AggregateException)
            {
                // A cache that cannot tell its counts must not take the summary with it; a scrape counts and logs what it threw.
            }

            return (hits, misses);
        }
    }

    public void Dispose() => listener.Dispose();
}
