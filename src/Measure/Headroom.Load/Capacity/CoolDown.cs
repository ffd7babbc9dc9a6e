namespace Headroom.Load.Capacity;

/// <summary>
/// Between steps: waits until the target is as quick as it was before the first one, so that what one step left behind does not count against the next, and no load is put on
/// a target that still has not got over the last.
/// </summary>
internal sealed class CoolDown(CapacitySession session, TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>A process that somebody restarts listens again within seconds; one that nobody does never will.</summary>
    private static readonly TimeSpan LongestGone = TimeSpan.FromSeconds(5);

    /// <summary>Twice as slow, or slower by less than anyone notices, is the same: a probe is a few requests.</summary>
    private const double SlowerFactor = 2;
    private const double SlowerMs = 10;

    private double? _baselineMs;

    /// <summary>How quick the target is before any load, as what it recovers to; nothing when it does not answer.</summary>
    public async Task MeasureBaselineAsync(CancellationToken cancellation)
    {
        // The first requests of a process are slow: the second probe is what counts, when it is quicker.
        for (var i = 0; i < 2; i++)
            _baselineMs = (await session.ProbeAsync(cancellation)).Ms is { } ms ? Math.Min(ms, _baselineMs ?? ms) : _baselineMs;
    }

    public async Task<Recovery> WaitAsync(CancellationToken cancellation)
    {
        var begun = time.GetTimestamp();
        long? goneSince = null;
        var wentAway = false;
        while (true)
        {
            var probe = await session.ProbeAsync(cancellation);
            var waited = time.GetElapsedTime(begun);
            if (cancellation.IsCancellationRequested)
                return new Recovery(RecoveryEnd.Interrupted, waited, wentAway);
            wentAway |= probe.Refused;
            goneSince = probe.Refused ? goneSince ?? time.GetTimestamp() : null;
            if (IsAsBefore(probe))
                return new Recovery(RecoveryEnd.Recovered, waited, wentAway);
            if (goneSince is { } since && time.GetElapsedTime(since) >= LongestGone)
                return new Recovery(RecoveryEnd.Gone, waited, wentAway);
            if (waited >= Longest)
                return new Recovery(RecoveryEnd.StillSlow, waited, wentAway);
            await Task.Delay(Pause, time, CancellationToken.None);
        }
    }

    private bool IsAsBefore(Probe probe)
    {
        if (probe.Refused)
            return false;

        // A target that failed when nobody else asked has nothing to recover to.
        if (_baselineMs is not { } baseline)
            return true;
        if (probe.Ms is not { } quick || quick > Math.Max(SlowerFactor * baseline, baseline + SlowerMs))
            return false;
        _baselineMs = Math.Min(baseline, quick);
        return true;
    }
}

/// <summary>What became of the target after a step.</summary>
/// <param name="End">How the wait ended.</param>
/// <param name="Waited">How long it took.</param>
/// <param name="WentAway">Nothing listened there for a time.</param>
internal sealed record Recovery(RecoveryEnd End, TimeSpan Waited, bool WentAway);

internal enum RecoveryEnd
{
    /// <summary>It is as quick as before.</summary>
    Recovered,

    /// <summary>It is not, after 30 s.</summary>
    StillSlow,

    /// <summary>Nothing has listened there for 5 s.</summary>
    Gone,

    /// <summary>Whoever started it ended it.</summary>
    Interrupted,
}
