namespace Headroom.Caching.Distributed;

/// <summary>The right to make a value, of which one node at a time has it.</summary>
internal sealed partial class DistributedTier
{
    private static readonly TimeSpan PollFirst = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan PollLongest = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether the store grants leases.</summary>
    public bool HasLeases => _leases is not null;

    /// <summary>Asks for the lease of a key.</summary>
    /// <returns>Whether the store answered, and the lease; null while another node has it.</returns>
    public async ValueTask<(bool IsAsked, IStoreLease? Lease)> TryLeaseAsync(string key, TimeSpan duration, CancellationToken cancellation)
    {
        if (_leases is null || _pending.Count > 0)
            return (false, null);
        IStoreLease? lease = null;

        // An answer that came too late may be a lease that nobody uses.
        return await _calls.TryAsync(AskAsync, _options.WriteTimeout, () => _ = ReleaseAsync(lease).AsTask(), cancellation) ? (true, lease) : (false, null);

        async ValueTask AskAsync(CancellationToken token) => lease = await _leases.TryAcquireAsync(_keys.Lease(key), duration, token);
    }

    public async ValueTask ReleaseAsync(IStoreLease? lease)
    {
        if (lease is not null)
            await _calls.TryAsync(lease.ReleaseAsync, _options.WriteTimeout, static () => { }, CancellationToken.None);
    }

    /// <summary>How long to wait before the store is asked again whether another node has made a value: longer each time, and at random, so that nodes that wait do not ask together.</summary>
    /// <param name="attempt">0 for the first.</param>
    /// <param name="isTold">Whether the store tells of it anyway.</param>
    public TimeSpan PollDelay(int attempt, bool isTold)
    {
        var longest = isTold ? PollLongest : Min(PollFirst * (1 << Math.Min(attempt, 10)), PollLongest);
        lock (_random)
            return longest * (0.5 + (_random.NextDouble() / 2));
    }
}
