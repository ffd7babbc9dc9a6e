using System.Diagnostics.Metrics;

namespace Headroom.Telemetry;

/// <summary>
/// Where a rate limiter reports its decisions: counters <see cref="HeadroomMeters.RateLimitAllowed"/>,
/// <see cref="HeadroomMeters.RateLimitBlocked"/> and <see cref="HeadroomMeters.RateLimitFallback"/> with the tag <c>headroom.ratelimit.policy</c>. Recording allocates nothing.
/// </summary>
public sealed class RateLimitMetrics
{
    const string PolicyTag = "headroom.ratelimit.policy";

    readonly Counter<long> allowed;
    readonly Counter<long> blocked;
    readonly Counter<long> fallback;

    /// <summary>Creates the counters on the meter <see cref="HeadroomMeters.RateLimits"/>.</summary>
    public RateLimitMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(HeadroomMeters.RateLimits);
        allowed = meter.CreateCounter<long>(HeadroomMeters.RateLimitAllowed, "{request}", "Requests that a rate limit let through.");
        blocked = meter.CreateCounter<long>(HeadroomMeters.RateLimitBlocked, "{request}", "Requests that a rate limit refused.");
        fallback = meter.CreateCounter<long>(HeadroomMeters.RateLimitFallback, "{request}", "Requests that a process decided on alone because the shared rate limit did not answer.");
    }

    /// <summary>Counts one request that was let through.</summary>
    /// <param name="policy">The limit's name, from a small fixed set. Never a client's key or address.</param>
    public void Allowed(string policy) => allowed.Add(1, new KeyValuePair<string, object?>(PolicyTag, policy));

    /// <summary>Counts one request that was refused.</summary>
    /// <param name="policy">The limit's name, as for <see cref="Allowed"/>.</param>
    public void Blocked(string policy) => blocked.Add(1, new KeyValuePair<string, object?>(PolicyTag, policy));

    /// <summary>Counts one request of a shared limit that was decided by the process alone.</summary>
    /// <param name="policy">The limit's name, as for <see cref="Allowed"/>.</param>
    public void Fallback(string policy) => fallback.Add(1, new KeyValuePair<string, object?>(PolicyTag, policy));
}
