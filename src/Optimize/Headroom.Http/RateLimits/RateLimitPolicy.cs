using System.Buffers;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http;

/// <summary>How a policy counts.</summary>
public enum RateLimitAlgorithm
{
    /// <summary>The generic cell rate algorithm (ITU-T I.371, annex A.1): a steady rate, and a burst after a pause. 8 bytes of state, exact at every moment, and the only one that is shared.</summary>
    Gcra,

    /// <summary>So many from the first request of a window on; up to twice as many where two windows meet. The framework's <see cref="FixedWindowRateLimiter"/>.</summary>
    FixedWindow,

    /// <summary>So many in the segments of a window that moves. The framework's <see cref="SlidingWindowRateLimiter"/>.</summary>
    SlidingWindow,

    /// <summary>A bucket of as many as the burst, filled steadily. The framework's <see cref="TokenBucketRateLimiter"/>.</summary>
    TokenBucket,
}

/// <summary>Who is counted together. Several are combined: <c>ApiKey, Route</c> counts each key on each route for itself.</summary>
[Flags]
public enum RateLimitBy
{
    /// <summary>All requests together.</summary>
    None = 0,

    /// <summary>The address that the connection has, or that the framework's forwarded headers middleware found behind a trusted proxy; never a header that anyone can write. Of IPv6 the first 64 bits: what one customer of a network has.</summary>
    Address = 1,

    /// <summary>The authenticated caller; else the header <c>x-api-key</c> if <see cref="RateLimitPolicy.TrustApiKeyHeader"/>; else the address.</summary>
    ApiKey = 2,

    /// <summary>The authenticated caller, else the address.</summary>
    User = 4,

    /// <summary>The endpoint's route template.</summary>
    Route = 8,

    /// <summary>The authenticated caller's plan, which also chooses among <see cref="RateLimitPolicy.PlanLimits"/>.</summary>
    Plan = 16,
}

/// <summary>A rate limit: how many requests, in how long, of whom.</summary>
public sealed class RateLimitPolicy
{
    internal const int CountMost = 1_000_000_000;
    internal const int PartitionsMost = 10_000_000;
    internal static readonly TimeSpan WindowLeast = TimeSpan.FromMilliseconds(1);
    internal static readonly TimeSpan WindowMost = TimeSpan.FromDays(365);

    static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>How it counts. Default <see cref="RateLimitAlgorithm.Gcra"/>.</summary>
    public RateLimitAlgorithm Algorithm { get; set; }

    /// <summary>Requests that a window allows. Default 100, from 1 to 1,000,000,000, and at most 1,000,000 a second.</summary>
    public int Limit { get; set; } = 100;

    /// <summary>The window. Default one minute, from 1 ms to 365 days.</summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Requests that may come at once after a pause, for <see cref="RateLimitAlgorithm.Gcra"/> and <see cref="RateLimitAlgorithm.TokenBucket"/>. Default as many as the limit, from 1 to 1,000,000,000.</summary>
    public int? Burst { get; set; }

    /// <summary>Into how many segments <see cref="RateLimitAlgorithm.SlidingWindow"/> divides its window; others ignore it. Default 6, from 2 to 1,000.</summary>
    public int Segments { get; set; } = 6;

    /// <summary>Who is counted together. Default <see cref="RateLimitBy.Address"/>.</summary>
    public RateLimitBy By { get; set; } = RateLimitBy.Address;

    /// <summary>
    /// True: with <see cref="RateLimitBy.ApiKey"/> an <c>x-api-key</c> that nothing has authenticated counts as the caller it names. Default false, because whoever makes up a new key for each request would
    /// never reach a limit; set it only where something else refuses unknown keys.
    /// </summary>
    public bool TrustApiKeyHeader { get; set; }

    /// <summary>Limits of plans, for policies by <see cref="RateLimitBy.Plan"/>; other plans, and callers without one, have <see cref="Limit"/>. A plan's burst is its limit, or <see cref="Burst"/> where that is less. Default none.</summary>
    public IDictionary<string, int> PlanLimits { get; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>True: all processes count together (<see cref="RateLimitOptions.SharedLimiter"/>), and each for itself while that is away. Needs <see cref="RateLimitAlgorithm.Gcra"/>. Default false.</summary>
    public bool Shared { get; set; }

    /// <summary>Callers that are remembered at once in this process; for one more, the one is forgotten that was not seen for the longest time, one whose quota is whole first. Default 100,000, from 1 to 10,000,000.</summary>
    public int MaxPartitions { get; set; } = 100_000;

    /// <summary>Says in code who is counted together, in place of <see cref="By"/>; null for a request that does not count. Texts over 128 characters are kept as their hash. Default null: <see cref="By"/> says it.</summary>
    public Func<HttpContext, string?>? PartitionBy { get; set; }

    /// <summary>Makes the limiter of each caller in place of <see cref="Algorithm"/>: any of the framework's or your own. Its lease is kept until the request ends, and its queue is waited in. Default null.</summary>
    public Func<string, RateLimiter>? CreateLimiter { get; set; }

    internal static bool IsName(string name) => name.Length is > 0 and <= 64 && !name.AsSpan().ContainsAnyExcept(NameCharacters);

    internal IEnumerable<string> Errors(string path, string name, bool canShare)
    {
        if (!IsName(name))
            yield return $"{path}: the name '{name}' is not allowed; write 1 to 64 of A-Z a-z 0-9 - _ and the dot.";
        if (Limit is < 1 or > CountMost)
            yield return FormattableString.Invariant($"{path}:{nameof(Limit)} is {Limit}; allowed are 1 to {CountMost}.");
        if (Window < WindowLeast || Window > WindowMost)
            yield return $"{path}:{nameof(Window)} is {Window:c}; allowed are {WindowLeast:c} to {WindowMost:c}.";
        else if (Limit / Window.TotalSeconds > 1_000_000)
            yield return FormattableString.Invariant($"{path}:{nameof(Limit)} is {Limit} in {Window:c}; allowed are at most 1000000 a second.");
        if (Burst is < 1 or > CountMost)
            yield return FormattableString.Invariant($"{path}:{nameof(Burst)} is {Burst}; allowed are 1 to {CountMost}.");
        if (Burst is not null && Algorithm is RateLimitAlgorithm.FixedWindow or RateLimitAlgorithm.SlidingWindow)
            yield return $"{path}:{nameof(Burst)} has no meaning with {Algorithm}; leave it out, or write Algorithm: Gcra.";
        if (Segments is < 2 or > 1000)
            yield return FormattableString.Invariant($"{path}:{nameof(Segments)} is {Segments}; allowed are 2 to 1000.");
        if (MaxPartitions is < 1 or > PartitionsMost)
            yield return FormattableString.Invariant($"{path}:{nameof(MaxPartitions)} is {MaxPartitions}; allowed are 1 to {PartitionsMost}.");
        foreach (var (plan, limit) in PlanLimits)
        {
            if (limit is < 1 or > CountMost || limit / Window.TotalSeconds > 1_000_000)
                yield return FormattableString.Invariant($"{path}:{nameof(PlanLimits)}:{plan} is {limit}; allowed are 1 to {CountMost}, and at most 1000000 a second.");
        }

        if (PlanLimits.Count > 0 && !By.HasFlag(RateLimitBy.Plan))
            yield return $"{path}:{nameof(PlanLimits)} has no meaning without plans; write By: \"{(By == RateLimitBy.None ? "" : By + ", ")}Plan\".";
        if (Shared && !canShare)
            yield return $"{path}:{nameof(Shared)} is true, but nothing shares; set options.SharedLimiter, for example to Headroom.Redis' RedisRateLimiter.Shared.";
        if (Shared && (Algorithm != RateLimitAlgorithm.Gcra || CreateLimiter is not null))
            yield return $"{path}:{nameof(Shared)} is true, but only Gcra is shared; write Algorithm: Gcra, or leave Shared out.";
    }
}
