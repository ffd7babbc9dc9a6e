using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Headroom.Telemetry;
using Microsoft.Extensions.Logging;

namespace Headroom.Http.RateLimits;

/// <summary>
/// Asks the limiter that all processes share, and stops asking for a second when it does not answer in time: while it is away, requests do not wait for it. Null says that the local limit decides.
/// </summary>
internal sealed partial class SharedLimit(
    Func<long, long, PartitionedRateLimiter<string>> create, string policy, TimeSpan timeout, TimeProvider time, RateLimitMetrics metrics, ILogger logger)
{
    static readonly MetadataName<long> Remaining = new("REMAINING");
    static readonly MetadataName<TimeSpan> ResetAfter = new("RESET_AFTER");
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // One for each plan's limit.
    readonly ConcurrentDictionary<(long Limit, long Burst), PartitionedRateLimiter<string>> limiters = new();
    readonly long started = time.GetTimestamp();
    long askAgainAt;
    int isAway;

    public async ValueTask<RateLimitDecision?> TryDecideAsync(long limit, long burst, PartitionKey key, CancellationToken aborted)
    {
        if (time.GetElapsedTime(started).Ticks < Volatile.Read(ref askAgainAt))
        {
            metrics.Fallback(policy);
            return null;
        }

        try
        {
            var limiter = limiters.GetOrAdd((limit, burst), static (which, make) => make(which.Limit, which.Burst), create);
            var asked = limiter.AcquireAsync(key.Digest(), 1, aborted);
            using var lease = asked.IsCompletedSuccessfully ? asked.Result : await asked.AsTask().WaitAsync(timeout, time, aborted);
            if (Interlocked.Exchange(ref isAway, 0) == 1)
                AnswersAgain(logger, policy);
            return new RateLimitDecision(lease.IsAcquired, Told(lease, Remaining), Told(lease, ResetAfter), Told(lease, MetadataName.RetryAfter));
        }
#pragma warning disable CA1031 // Any limiter, any failure: the request must not fail because what counts it does.
        catch (Exception failure) when (!aborted.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Volatile.Write(ref askAgainAt, (time.GetElapsedTime(started) + Pause).Ticks);
            if (Interlocked.Exchange(ref isAway, 1) == 0)
                IsAway(logger, policy, failure);
            metrics.Fallback(policy);
            return null;
        }
    }

    static T? Told<T>(RateLimitLease lease, MetadataName<T> name)
        where T : struct => lease.TryGetMetadata(name, out var value) ? value : null;

    [LoggerMessage(3701, LogLevel.Warning, "The shared limiter of the rate limit {Policy} did not answer; each process counts for itself until it does.")]
    static partial void IsAway(ILogger logger, string policy, Exception failure);

    [LoggerMessage(3702, LogLevel.Information, "The shared limiter of the rate limit {Policy} answers again.")]
    static partial void AnswersAgain(ILogger logger, string policy);
}
