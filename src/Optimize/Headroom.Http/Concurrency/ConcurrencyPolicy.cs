using System.Threading.RateLimiting;

namespace Headroom.Http;

/// <summary>A concurrency limit: how many requests are worked on at once, how many wait for a place, and how long.</summary>
public sealed class ConcurrencyPolicy
{
    internal const int CountMost = 1_000_000;
    internal static readonly TimeSpan WaitLeast = TimeSpan.FromMilliseconds(1);
    internal static readonly TimeSpan WaitMost = TimeSpan.FromMinutes(10);
    internal static readonly TimeSpan WindowLeast = TimeSpan.FromMilliseconds(10);
    internal static readonly TimeSpan WindowMost = TimeSpan.FromMinutes(1);

    /// <summary>Requests that are worked on at once; with <see cref="Adaptive"/> where it begins. Default 100, from 1 to 1,000,000.</summary>
    public int Limit { get; set; } = 100;

    /// <summary>True: the limit follows the latency, between <see cref="MinLimit"/> and <see cref="MaxLimit"/>. See docs/decisions/adaptive-concurrency.md. Default false.</summary>
    public bool Adaptive { get; set; }

    /// <summary>The least that an adaptive limit falls to. Default 5, from 1 to <see cref="MaxLimit"/>.</summary>
    public int MinLimit { get; set; } = 5;

    /// <summary>The most that an adaptive limit rises to. Default 1,000, from <see cref="MinLimit"/> to 1,000,000.</summary>
    public int MaxLimit { get; set; } = 1000;

    /// <summary>How many times its usual time a request may take until an adaptive limit falls. Default 1.5, from 1 to 10.</summary>
    public double Tolerance { get; set; } = 1.5;

    /// <summary>How long latencies are gathered for one step of an adaptive limit; at least ten requests, however long they take. Default 1 s, from 10 ms to 1 minute.</summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Who shares a limit: all requests of the policy (the default), each route, each address, or each caller has its own. <see cref="RateLimitBy.Plan"/> is not allowed; an adaptive limit is one for all or one a route.</summary>
    public RateLimitBy By { get; set; }

    /// <summary>Requests that may wait for a place. Default 100, from 0 (refused at once) to 1,000,000.</summary>
    public int Queue { get; set; } = 100;

    /// <summary>How long a request may wait for a place. Default 1 s, from 1 ms to 10 minutes.</summary>
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Who is first among those that wait and are equally important: the oldest (the default), or the newest, whose client is the likeliest to be still there; the oldest then makes room in a full queue.</summary>
    public QueueProcessingOrder Order { get; set; } = QueueProcessingOrder.OldestFirst;

    /// <summary>The share of the limit that requests to endpoints with <see cref="ConcurrencyExtensions.ShedFirst"/> may take together with all others. Default 0.8, from 0.01 to 1.</summary>
    public double ShedFirstShare { get; set; } = 0.8;

    /// <summary>The longest <c>Retry-After</c> of a refusal; each gets one between 1 s and this in turn, so that they do not all come back at once. Default 5 s, from 1 s to 1 hour.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(5);

    internal IEnumerable<string> Errors(string path, string name)
    {
        if (!RateLimitPolicy.IsName(name))
            yield return $"{path}: the name '{name}' is not allowed; write 1 to 64 of A-Z a-z 0-9 - _ and the dot.";
        if (Limit is < 1 or > CountMost)
            yield return FormattableString.Invariant($"{path}:{nameof(Limit)} is {Limit}; allowed are 1 to {CountMost}.");
        if (MinLimit is < 1 or > CountMost)
            yield return FormattableString.Invariant($"{path}:{nameof(MinLimit)} is {MinLimit}; allowed are 1 to {CountMost}.");
        if (MaxLimit is < 1 or > CountMost || MaxLimit < MinLimit)
            yield return FormattableString.Invariant($"{path}:{nameof(MaxLimit)} is {MaxLimit}; allowed are {nameof(MinLimit)}, which is {MinLimit}, to {CountMost}.");
        if (Adaptive && (Limit < MinLimit || Limit > MaxLimit))
            yield return FormattableString.Invariant($"{path}:{nameof(Limit)} is {Limit}, where an adaptive limit begins; write {nameof(MinLimit)} ({MinLimit}) to {nameof(MaxLimit)} ({MaxLimit}), or change those.");
        if (Tolerance is not (>= 1 and <= 10))
            yield return FormattableString.Invariant($"{path}:{nameof(Tolerance)} is {Tolerance}; allowed are 1 to 10.");
        if (Window < WindowLeast || Window > WindowMost)
            yield return $"{path}:{nameof(Window)} is {Window:c}; allowed are {WindowLeast:c} to {WindowMost:c}.";
        if (By.HasFlag(RateLimitBy.Plan))
            yield return $"{path}:{nameof(By)} is '{By}'; allowed are None, Route, Address, ApiKey, User and several of them, not Plan.";
        else if (Adaptive && By is not (RateLimitBy.None or RateLimitBy.Route))
            yield return $"{path}:{nameof(By)} is '{By}'; one caller's requests are too few to adapt a limit to: write None or Route, or leave {nameof(Adaptive)} out.";
        if (Queue is < 0 or > CountMost)
            yield return FormattableString.Invariant($"{path}:{nameof(Queue)} is {Queue}; allowed are 0 to {CountMost}.");
        if (QueueTimeout < WaitLeast || QueueTimeout > WaitMost)
            yield return $"{path}:{nameof(QueueTimeout)} is {QueueTimeout:c}; allowed are {WaitLeast:c} to {WaitMost:c}.";
        if (!Enum.IsDefined(Order))
            yield return $"{path}:{nameof(Order)} is '{Order}'; write OldestFirst or NewestFirst.";
        if (ShedFirstShare is not (>= 0.01 and <= 1))
            yield return FormattableString.Invariant($"{path}:{nameof(ShedFirstShare)} is {ShedFirstShare}; allowed are 0.01 to 1.");
        if (RetryAfter < TimeSpan.FromSeconds(1) || RetryAfter > TimeSpan.FromHours(1))
            yield return $"{path}:{nameof(RetryAfter)} is {RetryAfter:c}; allowed are 00:00:01 to 01:00:00.";
    }
}
