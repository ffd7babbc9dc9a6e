using System.Threading.RateLimiting;

namespace Headroom.Redis.RateLimiting;

/// <summary><see cref="RedisRateLimiter"/> in the framework's shape.</summary>
internal sealed class RedisPartitionedRateLimiter(RedisRateLimiter limiter, string prefix, RedisRateLimit limit) : PartitionedRateLimiter<string>
{
    static readonly RateLimitLease NotAsked = new Lease(default);

    /// <summary>Null: it is not known without asking Redis.</summary>
    public override RateLimiterStatistics? GetStatistics(string resource) => null;

    /// <summary>Nothing without waiting. Who gets nothing asks again and waits, as ASP.NET Core's middleware does.</summary>
    protected override RateLimitLease AttemptAcquireCore(string resource, int permitCount) => NotAsked;

    protected override async ValueTask<RateLimitLease> AcquireAsyncCore(string resource, int permitCount, CancellationToken cancellationToken) =>
        new Lease(await limiter.AcquireAsync(prefix + resource, limit, permitCount, cancellationToken));

    sealed class Lease(RedisRateLimitResult result) : RateLimitLease
    {
        static readonly string[] Names = [MetadataName.RetryAfter.Name, "REMAINING", "RESET_AFTER"];

        public override bool IsAcquired => result.IsAllowed;

        public override IEnumerable<string> MetadataNames => Names;

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = metadataName switch
            {
                "RETRY_AFTER" when result is { IsAllowed: false, Limit: > 0 } => result.RetryAfter,
                "REMAINING" when result.Limit > 0 => result.Remaining,
                "RESET_AFTER" when result.Limit > 0 => result.ResetAfter,
                _ => null,
            };
            return metadata is not null;
        }
    }
}
