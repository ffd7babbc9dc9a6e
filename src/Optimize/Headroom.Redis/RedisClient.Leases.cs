namespace Headroom.Redis;

public sealed partial class RedisClient
{
    /// <summary>Takes a lease, if nobody has it: one round trip. See <see cref="RedisLease"/> for what it does not promise.</summary>
    /// <param name="name">What it is a lease of.</param>
    /// <param name="duration">After which it ends unless it is renewed; at least 1 ms.</param>
    /// <param name="cancellationToken">Ends the waiting. If it was granted meanwhile, its duration ends it.</param>
    /// <returns>The lease, or null if somebody else has it.</returns>
    public ValueTask<RedisLease?> TryAcquireLeaseAsync(string name, TimeSpan duration, CancellationToken cancellationToken = default) =>
        RedisLease.TryAcquireAsync(this, name, duration, cancellationToken);
}
