using Headroom.Load.Wire;

namespace Headroom.Load.Capacity;

/// <summary>
/// Between steps: waits until the target is as quick as it was before the first one, so that what one step left behind does not count against the next, and no load is put on
/// a target that still has not got over the last.
/// </summary>
internal sealed class CoolDown(CapacitySession session, TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Twice as slow, or slower by less than anyone notices, is the same: a probe is a few requests.</summary>
    private const double SlowerFactor = 2;
    private const double SlowerMs = 10;

    private double? _baselineMs;

    /// <summary>How quick the target is before any load; false when it does not answer.</summary>
    public async Task<bool> MeasureBaselineAsync(CancellationToken cancellation)
    {
        // The first requests of a process are slow: the second probe is what counts, when it is quicker.
        for (var i = 0; i < 2; i++)
            _baselineMs = await session.ProbeAsync(cancellation) is { } ms ? Math.Min(ms, _baselineMs ?? ms) : _baselineMs;
        return _baselineMs is not null;
    }

    /// <returns>How long it took; null when the target did not recover in 30 s, or whoever started it ended it.</returns>
    public async Task<TimeSpan?> WaitAsync(CancellationToken cancellation)
    {
        var startNs = MonotonicClock.NowNs;
        while (!cancellation.IsCancellationRequested)
        {
            var ms = await session.ProbeAsync(cancellation);
            var waited = TimeSpan.FromMicroseconds((MonotonicClock.NowNs - startNs) / 1000.0);
            if (cancellation.IsCancellationRequested)
                break;
            // A target that failed when nobody else asked has nothing to recover to.
            if (_baselineMs is not { } baseline)
                return waited;
            if (ms is { } quick && quick <= Math.Max(SlowerFactor * baseline, baseline + SlowerMs))
            {
                _baselineMs = Math.Min(baseline, quick);
                return waited;
            }

            if (waited >= Longest)
                break;
            await Task.Delay(Pause, time, CancellationToken.None);
        }

        return null;
    }
}
