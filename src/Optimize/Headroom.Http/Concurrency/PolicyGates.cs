using Headroom.Http.RateLimits;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http.Concurrency;

/// <summary>
/// The gates of one policy: one for all, one a route, or one for each caller that has requests here now. A caller's gate goes with its last request, so there are never more than requests.
/// </summary>
internal sealed class PolicyGates
{
    readonly Lock sync = new();
    readonly Dictionary<PartitionKey, ConcurrencyGate> byKey = [];
    readonly ConcurrencyPolicy policy;
    readonly TimeProvider time;
    readonly ConcurrencyGate? one;
    double serviceTime;
    int refusals;

    public PolicyGates(string name, ConcurrencyPolicy policy, TimeProvider time)
    {
        Name = name;
        this.policy = policy;
        this.time = time;
        one = policy.By == RateLimitBy.None ? Make() : null;
    }

    public string Name { get; }

    /// <summary>Whether gates come and go with their callers.</summary>
    public bool ByCaller => policy.By is not (RateLimitBy.None or RateLimitBy.Route);

    /// <summary>The mean time of the policy's requests, in timestamps of the time provider; 0 before the first.</summary>
    public double ServiceTime => Volatile.Read(ref serviceTime);

    /// <summary>0 where each route or caller has its own.</summary>
    public int Limit => one?.Limit ?? 0;

    public int InFlight => Sum(static gate => gate.InFlight);

    public int Queued => Sum(static gate => gate.Queued);

    public int Count
    {
        get
        {
            lock (sync)
                return byKey.Count;
        }
    }

    /// <summary>The gate of an endpoint, where callers do not matter.</summary>
    public ConcurrencyGate OfRoute(string route)
    {
        if (one is not null)
            return one;
        lock (sync)
        {
            var key = new PartitionKey(null, null, 0, route, null);
            if (!byKey.TryGetValue(key, out var gate))
                byKey[key] = gate = Make();
            return gate;
        }
    }

    /// <summary>The gate of a request's caller, to be returned.</summary>
    public ConcurrencyGate Rent(HttpContext context, out PartitionKey key)
    {
        key = PartitionKey.Of(context, policy.By, trustApiKeyHeader: false, planClaim: "");
        lock (sync)
        {
            if (!byKey.TryGetValue(key, out var gate))
                byKey[key] = gate = Make();
            gate.Users++;
            return gate;
        }
    }

    public void Return(ConcurrencyGate gate, in PartitionKey key)
    {
        lock (sync)
        {
            if (--gate.Users == 0)
                byKey.Remove(key);
        }
    }

    // A lost update of two at once changes a mean of thousands by nothing.
    public void Took(long elapsed) => Volatile.Write(ref serviceTime, EndpointConcurrency.Mean(serviceTime, elapsed));

    /// <summary>Between 1 s and the setting, in turn.</summary>
    public int RetryAfterSeconds() => 1 + (int)((uint)Interlocked.Increment(ref refusals) % (uint)Math.Ceiling(policy.RetryAfter.TotalSeconds));

    ConcurrencyGate Make() => new(policy, time, policy.Adaptive ? new AdaptiveLimit(policy, time) : null);

    int Sum(Func<ConcurrencyGate, int> of)
    {
        if (one is not null)
            return of(one);
        lock (sync)
            return byKey.Values.Sum(of);
    }
}
