namespace Headroom.Caching.Distributed;

/// <summary>
/// Leaves a store alone that keeps failing, so that requests do not wait for it one by one (Nygard, Release It!, 2007, "Circuit Breaker").
/// <list type="number">
/// <item>Closed: everything passes; failures in a row are counted.</item>
/// <item>Open, after so many of them: nothing passes until the time is over.</item>
/// <item>Half open: one passes as a trial. Its success closes, its failure opens again.</item>
/// </list>
/// </summary>
internal sealed class CircuitBreaker(int failuresToOpen, TimeSpan openFor, TimeProvider time)
{
    private readonly Lock _lock = new();
    private int _failures;
    private long _openedAt;
    private bool _isOpen;
    private bool _hasTrial;

    public bool IsOpen => Volatile.Read(ref _isOpen);

    /// <summary>Whether the store may be asked now. Whoever was let in says how it ended.</summary>
    public bool TryEnter()
    {
        if (!Volatile.Read(ref _isOpen))
            return true;
        lock (_lock)
        {
            if (!_isOpen)
                return true;
            if (_hasTrial || time.GetElapsedTime(_openedAt) < openFor)
                return false;
            return _hasTrial = true;
        }
    }

    /// <returns>True when this closed it.</returns>
    public bool Succeeded()
    {
        if (!Volatile.Read(ref _isOpen) && Volatile.Read(ref _failures) == 0)
            return false;
        lock (_lock)
        {
            var closes = _isOpen;
            _failures = 0;
            _hasTrial = _isOpen = false;
            return closes;
        }
    }

    /// <returns>True when this opened it.</returns>
    public bool Failed()
    {
        lock (_lock)
        {
            var opens = !_isOpen && ++_failures >= failuresToOpen;
            if (opens || _hasTrial)
            {
                _isOpen = true;
                _hasTrial = false;
                _openedAt = time.GetTimestamp();
            }

            return opens;
        }
    }

    /// <summary>Whoever was let in gave up for a reason of its own: that says nothing of the store.</summary>
    public void Left()
    {
        lock (_lock)
            _hasTrial = false;
    }
}
