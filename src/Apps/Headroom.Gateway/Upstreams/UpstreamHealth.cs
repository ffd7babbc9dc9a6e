namespace Headroom.Gateway.Upstreams;

/// <summary>
/// Whether an upstream gets requests. Two judgements, each of which can take it out: the active check, which asks a path regularly and also brings it back,
/// and the passive one, which counts requests that failed in a row and lets the upstream rest for a while.
/// </summary>
internal sealed class UpstreamHealth(HealthSettings settings, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private int _failures;
    private long _restUntil = long.MinValue;
    private int _checksInARow;
    private volatile bool _activelyUnhealthy;

    /// <summary>By the active check; true until it has failed.</summary>
    public bool IsUp => !_activelyUnhealthy;

    /// <summary>By requests that failed: out for a while.</summary>
    public bool IsResting => Volatile.Read(ref _restUntil) is var until && until != long.MinValue && time.GetTimestamp() < until;

    /// <summary>Ended when the upstream is no longer used.</summary>
    public CancellationToken Stopping => _stop.Token;

    public void RecordSuccess()
    {
        if (Volatile.Read(ref _failures) != 0)
            Volatile.Write(ref _failures, 0);
    }

    /// <returns>True when this failure took the upstream out.</returns>
    public bool RecordFailure()
    {
        if (settings.FailuresMax == 0 || Interlocked.Increment(ref _failures) < settings.FailuresMax || IsResting)
            return false;
        Volatile.Write(ref _restUntil, time.GetTimestamp() + (long)(settings.Rest.TotalSeconds * time.TimestampFrequency));
        return true;
    }

    /// <summary>The outcome of one active check; called by one caller at a time.</summary>
    /// <returns>True when it changed <see cref="IsUp"/>.</returns>
    public bool RecordCheck(bool good)
    {
        if (good != _activelyUnhealthy)
        {
            _checksInARow = 0;
            return false;
        }

        if (++_checksInARow < (good ? settings.HealthyAfter : settings.UnhealthyAfter))
            return false;
        _checksInARow = 0;
        _activelyUnhealthy = !good;
        return true;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }
}
