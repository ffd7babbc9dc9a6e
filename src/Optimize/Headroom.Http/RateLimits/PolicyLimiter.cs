using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http.RateLimits;

/// <summary>A policy at work: finds the caller's partition and asks its limiter.</summary>
internal sealed class PolicyLimiter : IDisposable
{
    // The framework's sliding window moves on by one segment a call, and measures the next from that call: asked this often, it lags by a twentieth of a segment at most.
    const int ReplenishmentsPerSegment = 20;
    const int AttemptsMost = 3;
    static readonly TimeSpan ReplenishmentLeast = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan ReplenishmentMost = TimeSpan.FromSeconds(1);

    // Those that are replenished, up to a hundred times a second, are so the callers of lately and not all that ever came.
    static readonly TimeSpan ForgottenAfterWhole = TimeSpan.FromSeconds(1);

    readonly RateLimitPolicy policy;
    readonly TimeProvider time;
    readonly string planClaim;
    readonly RateLimitPartitions partitions;
    readonly SharedLimit? shared;
    readonly ITimer? replenishment;
    readonly string field;

    public PolicyLimiter(string name, RateLimitPolicy policy, string planClaim, TimeProvider time, SharedLimit? shared)
    {
        Name = name;
        this.policy = policy;
        this.planClaim = planClaim;
        this.time = time;
        this.shared = shared;
        field = FieldOf(policy.Limit);
        partitions = new RateLimitPartitions(CreateLimiter, policy.MaxPartitions, disposeForgotten: policy.CreateLimiter is not null);
        if (policy is { Algorithm: RateLimitAlgorithm.SlidingWindow, CreateLimiter: null })
        {
            var every = TimeSpan.FromTicks(Math.Clamp(policy.Window.Ticks / policy.Segments / ReplenishmentsPerSegment, ReplenishmentLeast.Ticks, ReplenishmentMost.Ticks));
            replenishment = time.CreateTimer(static state => ((PolicyLimiter)state!).ReplenishAll(), this, every, every);
        }
    }

    public string Name { get; }

    /// <summary>Whether a decision can take time: one that is shared, or of a limiter that the application made.</summary>
    public bool MayWait => shared is not null || policy.CreateLimiter is not null;

    public int PartitionCount => partitions.Count;

    /// <summary>Whose quota a request counts on; false where it counts on none.</summary>
    public bool TryGetKey(HttpContext context, out PartitionKey key)
    {
        if (policy.PartitionBy is null)
        {
            key = PartitionKey.Of(context, policy.By, policy.TrustApiKeyHeader, planClaim);
            return true;
        }

        var text = policy.PartitionBy(context);
        key = text is null ? default : PartitionKey.Of(text);
        return text is not null;
    }

    public long LimitOf(in PartitionKey key) => key.Plan is not null && policy.PlanLimits.TryGetValue(key.Plan, out var limit) ? limit : policy.Limit;

    /// <summary>What the field <c>RateLimit-Policy</c> says of it.</summary>
    public string FieldOf(in PartitionKey key) => LimitOf(key) is var limit && limit == policy.Limit ? field : FieldOf(limit);

    /// <summary>Takes one from the local quota.</summary>
    public RateLimitDecision Check(in PartitionKey key)
    {
        var limiter = partitions.Get(key).Limiter;
        return limiter is GcraRateLimiter gcra ? gcra.Decide(1) : CheckReplenished(limiter);
    }

    /// <summary>Takes one from the quota, wherever it is; the lease, where there is one, is for the caller to dispose of when the request has ended.</summary>
    public async ValueTask<(RateLimitDecision Decision, RateLimitLease? Lease)> CheckAsync(PartitionKey key, CancellationToken aborted)
    {
        if (policy.CreateLimiter is null)
            return ((shared is null ? null : await shared.TryDecideAsync(LimitOf(key), BurstOf(LimitOf(key)), key, aborted)) ?? Check(key), null);

        for (var attempt = 1; ; attempt++)
        {
            var limiter = partitions.Get(key).Limiter;
            try
            {
                var lease = await limiter.AcquireAsync(1, aborted);
                return (Told(lease, limiter), lease);
            }
            catch (ObjectDisposedException) when (attempt < AttemptsMost)
            {
                // Forgotten for another caller between the look-up and the question: the next look-up makes a new one.
            }
        }
    }

    public void Dispose() => replenishment?.Dispose();

    // Exact at every question, without a timer: what came since the last one is added at once. The sliding window has its timer.
    static RateLimitDecision CheckReplenished(RateLimiter limiter)
    {
        ((ReplenishingRateLimiter)limiter).TryReplenish();
        return Told(limiter.AttemptAcquire(), limiter);
    }

    static RateLimitDecision Told(RateLimitLease lease, RateLimiter limiter)
    {
        if (lease.IsAcquired)
            return new RateLimitDecision(true, limiter.GetStatistics()?.CurrentAvailablePermits, ResetAfter: null, TimeSpan.Zero);

        // The sliding window says nothing; before its next segment, nothing changes.
        TimeSpan? retryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : (limiter as ReplenishingRateLimiter)?.ReplenishmentPeriod;
        return new RateLimitDecision(false, 0, retryAfter, retryAfter);
    }

    void ReplenishAll()
    {
        foreach (var partition in partitions.All())
        {
            if (partition.Limiter.IdleDuration > ForgottenAfterWhole)
                partitions.Forget(partition);
            else
                ((ReplenishingRateLimiter)partition.Limiter).TryReplenish();
        }
    }

    RateLimiter CreateLimiter(PartitionKey key)
    {
        if (policy.CreateLimiter is { } create)
            return create(key.ToString());

        var limit = (int)LimitOf(key);
        return policy.Algorithm switch
        {
            RateLimitAlgorithm.FixedWindow => new FixedWindowRateLimiter(new FixedWindowRateLimiterOptions { PermitLimit = limit, Window = policy.Window, AutoReplenishment = false }),
            RateLimitAlgorithm.SlidingWindow => new SlidingWindowRateLimiter(new SlidingWindowRateLimiterOptions { PermitLimit = limit, Window = policy.Window, SegmentsPerWindow = policy.Segments, AutoReplenishment = false }),
            RateLimitAlgorithm.TokenBucket => new TokenBucketRateLimiter(TokenBucket(limit, policy.Window, BurstOf(limit))),
            _ => new GcraRateLimiter(limit, policy.Window, BurstOf(limit), time),
        };
    }

    string FieldOf(long limit) => FormattableString.Invariant($"\"{Name}\";q={limit};w={Math.Max(1, (long)Math.Ceiling(policy.Window.TotalSeconds))}");

    long BurstOf(long limit) => limit == policy.Limit ? policy.Burst ?? limit : Math.Min(policy.Burst ?? limit, limit);

    /// <summary>One token at a time where that is a millisecond or more; else the fewest that take as long. The period is for whole tokens, so that the rate is the limit's whatever it is: 1,500 a second are 2 in 1.3333 ms.</summary>
    internal static TokenBucketRateLimiterOptions TokenBucket(int limit, TimeSpan window, long burst)
    {
        var tokens = (int)Math.Max(1, Math.Ceiling((double)limit * TimeSpan.TicksPerMillisecond / window.Ticks));
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = (int)burst,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromTicks((long)((Int128)window.Ticks * tokens / limit)),
            AutoReplenishment = false,
        };
    }
}
