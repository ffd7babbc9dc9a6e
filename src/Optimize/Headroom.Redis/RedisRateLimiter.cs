using System.Runtime.InteropServices;
using System.Threading.RateLimiting;
using Headroom.Redis.Connections;
using Headroom.Redis.Protocol;
using Headroom.Redis.RateLimiting;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Redis;

/// <summary>So many in so long, and how many at once.</summary>
/// <param name="Limit">How many a period allows in the long run, from 1 to 1,000,000,000.</param>
/// <param name="Period">The period, from 1 ms to 365 days.</param>
/// <param name="Burst">How many may come at once after a pause; default as many as the limit, from 1 to 1,000,000,000.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RedisRateLimit(long Limit, TimeSpan Period, long? Burst = null);

/// <summary>What a rate limit said.</summary>
/// <param name="IsAllowed">Whether the cost was taken.</param>
/// <param name="Limit">How many may come at once at most.</param>
/// <param name="Remaining">How many could come at once now.</param>
/// <param name="RetryAfter">After which the same cost would be allowed; zero if it was, null if it never will be because it is more than the burst.</param>
/// <param name="ResetAfter">After which everything is as if nothing had come.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RedisRateLimitResult(bool IsAllowed, long Limit, long Remaining, TimeSpan? RetryAfter, TimeSpan ResetAfter);

/// <summary>
/// Rate limits that all processes share: the generic cell rate algorithm (ITU-T I.371, annex A.1), one key and one round trip for each decision, by Redis' own clock, so that the clocks of
/// processes need not agree. What it keeps is the theoretical arrival time: when a steady stream at the limit's rate would have brought all that came so far.
/// </summary>
public sealed class RedisRateLimiter
{
    const long CountMost = 1_000_000_000;

    // Microseconds since 1970 and products of them stay below 2^53, where Lua's numbers are exact enough: 365 days are 3.2e13.
    static readonly RedisScript Decide = new("""
        local interval, burst, cost, peek = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1'
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local arrival = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
        local tolerance = interval * burst
        local after = arrival + interval * cost
        local allowed, retry = 1, 0
        if cost > 0 and after - now > tolerance + 0.5 then
          allowed = 0
          retry = cost > burst and -1 or math.ceil(after - tolerance - now)
        elseif not peek and cost > 0 then
          arrival = after
          redis.call('SET', KEYS[1], string.format('%.3f', arrival), 'PX', math.ceil((arrival - now) / 1000) + 1)
        end
        local remaining = math.max(0, math.floor((tolerance - (arrival - now)) / interval + 1e-6))
        return {allowed, remaining, retry, math.ceil(arrival - now)}
        """);

    readonly RedisClient client;
    readonly string prefix;

    /// <summary>Makes a limiter.</summary>
    /// <param name="client">The client, which the caller keeps and disposes of.</param>
    /// <param name="keyPrefix">Stands before every key. Default <c>ratelimit:</c>.</param>
    public RedisRateLimiter(RedisClient client, string keyPrefix = "ratelimit:")
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(keyPrefix);
        this.client = client;
        prefix = keyPrefix;
    }

    /// <summary>
    /// The limiter of a policy in the framework's shape, for whatever asks one: Headroom.Http's rate limits (<c>options.SharedLimiter = RedisRateLimiter.Shared</c>) or ASP.NET Core's own. Its resource is the caller's
    /// key; its leases tell <see cref="MetadataName.RetryAfter"/>, <c>REMAINING</c> (a <see cref="long"/>) and <c>RESET_AFTER</c> (a <see cref="TimeSpan"/>). It decides only when it is waited for: an attempt without
    /// waiting gets nothing.
    /// </summary>
    /// <param name="services">Services with a <see cref="RedisRateLimiter"/>, as <see cref="RedisServiceCollectionExtensions.AddHeadroomRedis"/> registers it.</param>
    /// <param name="policy">The policy's name, which stands before every key.</param>
    /// <param name="limit">As <see cref="RedisRateLimit.Limit"/>.</param>
    /// <param name="period">As <see cref="RedisRateLimit.Period"/>.</param>
    /// <param name="burst">As <see cref="RedisRateLimit.Burst"/>.</param>
    /// <exception cref="InvalidOperationException">No <see cref="RedisRateLimiter"/> is registered.</exception>
    public static PartitionedRateLimiter<string> Shared(IServiceProvider services, string policy, long limit, TimeSpan period, long burst)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(policy);
        var limiter = services.GetService<RedisRateLimiter>() ?? throw new InvalidOperationException("No Redis is registered for shared rate limits. Call 'builder.Services.AddHeadroomRedis()' before 'builder.Build()'.");
        return new RedisPartitionedRateLimiter(limiter, policy + ":", new RedisRateLimit(limit, period, burst));
    }

    /// <summary>Takes a cost from a limit, if it is there.</summary>
    /// <param name="key">Whose limit: a client, an API key. Different limits of one client need different keys.</param>
    /// <param name="limit">The limit, which may be another one each time: what came already stays counted in time.</param>
    /// <param name="cost">How many this one counts for, from 0 (which always is allowed and only tells) to 1,000,000,000.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="RedisException">Redis did not decide; the caller has to, for or against.</exception>
    public ValueTask<RedisRateLimitResult> AcquireAsync(string key, RedisRateLimit limit, long cost = 1, CancellationToken cancellationToken = default) =>
        DecideAsync(key, limit, cost, peek: false, cancellationToken);

    /// <summary>The same without taking anything.</summary>
    public ValueTask<RedisRateLimitResult> PeekAsync(string key, RedisRateLimit limit, long cost = 1, CancellationToken cancellationToken = default) =>
        DecideAsync(key, limit, cost, peek: true, cancellationToken);

    /// <summary>Forgets what came, and returns whether anything was known.</summary>
    public ValueTask<bool> ResetAsync(string key, CancellationToken cancellationToken = default) => client.DeleteAsync(prefix + key, cancellationToken);

    async ValueTask<RedisRateLimitResult> DecideAsync(string key, RedisRateLimit limit, long cost, bool peek, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit.Limit, CountMost);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit.Period, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit.Period, TimeSpan.FromDays(365));
        ArgumentOutOfRangeException.ThrowIfNegative(cost);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cost, CountMost);
        var burst = limit.Burst ?? limit.Limit;
        ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(burst, CountMost);

        var interval = limit.Period.TotalMicroseconds / limit.Limit;
        var decision = await client.Evaluate<Decision, DecisionShape>(Decide, [prefix + key], [interval, burst, cost, peek ? 1 : 0], cancellationToken);
        return new RedisRateLimitResult(
            decision.Allowed == 1,
            burst,
            decision.Remaining,
            decision.RetryMicroseconds < 0 ? null : TimeSpan.FromMicroseconds(decision.RetryMicroseconds),
            TimeSpan.FromMicroseconds(decision.ResetMicroseconds));
    }

    [StructLayout(LayoutKind.Auto)]
    readonly record struct Decision(long Allowed, long Remaining, long RetryMicroseconds, long ResetMicroseconds);

    readonly struct DecisionShape : IReplyShape<Decision>
    {
        public static Decision Read(ref RespReader reader)
        {
            if (!reader.IsAggregate || reader.Count != 4)
                throw Shapes.Unexpected(ref reader, "an array of four integers");
            return new Decision(Next(ref reader), Next(ref reader), Next(ref reader), Next(ref reader));
        }

        static long Next(ref RespReader reader)
        {
            reader.Read();
            return Int64Shape.Read(ref reader);
        }
    }
}
