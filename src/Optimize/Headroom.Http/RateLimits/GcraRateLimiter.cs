using System.Runtime.InteropServices;
using System.Threading.RateLimiting;

namespace Headroom.Http.RateLimits;

/// <summary>What a limit said of one request.</summary>
/// <param name="IsAllowed">Whether it may pass.</param>
/// <param name="Remaining">How many more could come now; null where the limiter does not say.</param>
/// <param name="ResetAfter">After which everything is as if nothing had come; null where the limiter does not say.</param>
/// <param name="RetryAfter">After which one would be allowed; zero if it was, null where the limiter does not say.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RateLimitDecision(bool IsAllowed, long? Remaining, TimeSpan? ResetAfter, TimeSpan? RetryAfter);

/// <summary>
/// The generic cell rate algorithm (ITU-T I.371, annex A.1), virtual scheduling. Its only state is the theoretical arrival time: when a steady stream at the limit's rate would have brought all that came so far.
/// <list type="number">
/// <item>A time in the past counts as now: a pause earns no more than the burst.</item>
/// <item>One more moves it on by the interval; if it would then lie further ahead than the burst's worth of intervals, it is one too many.</item>
/// <item>Else it is exchanged for the new one if nobody else did so meanwhile, or decided anew.</item>
/// </list>
/// Times are nanoseconds of the monotonic clock: at a million a second, an interval's rounding is below one in two thousand.
/// </summary>
internal sealed class GcraRateLimiter : RateLimiter
{
    static readonly RateLimitLease Passed = new Lease(isAcquired: true, retryAfter: null);

    readonly TimeProvider time;
    readonly double nanosecondsPerTick;
    readonly long start;
    readonly long interval;
    readonly long tolerance;
    long arrival;

    public GcraRateLimiter(long limit, TimeSpan window, long burst, TimeProvider time)
    {
        this.time = time;
        nanosecondsPerTick = 1e9 / time.TimestampFrequency;
        start = time.GetTimestamp();
        interval = Math.Max(1, (long)Math.Round(window.TotalNanoseconds / limit));
        // More than 30 years' worth of burst is as good as that, and stays far from where nanoseconds overflow.
        tolerance = (long)Math.Min((double)interval * burst, 1e18);
        arrival = 0;
    }

    /// <summary>How long the quota has been whole; null while it is not.</summary>
    public override TimeSpan? IdleDuration => Now() - Volatile.Read(ref arrival) is var idle and >= 0 ? Span(idle) : null;

    public RateLimitDecision Decide(int permits)
    {
        while (true)
        {
            var known = Volatile.Read(ref arrival);
            var now = Now();
            var from = Math.Max(known, now); // 1
            var cost = (Int128)interval * permits is var exact && exact <= tolerance ? (long)exact : long.MaxValue;
            if (cost > tolerance - (from - now)) // 2
                return new RateLimitDecision(false, (tolerance - (from - now)) / interval, Span(from - now), cost > tolerance ? null : Span(cost - (tolerance - (from - now))));

            if (permits == 0 || Interlocked.CompareExchange(ref arrival, from + cost, known) == known) // 3
                return new RateLimitDecision(true, (tolerance - (from + cost - now)) / interval, Span(from + cost - now), TimeSpan.Zero);
        }
    }

    /// <summary>Counts one that came already, whether it might or not: one too many is a debt that time pays.</summary>
    public void Charge()
    {
        long known;
        do
            known = Volatile.Read(ref arrival);
        while (Interlocked.CompareExchange(ref arrival, Math.Max(known, Now()) + interval, known) != known);
    }

    public override RateLimiterStatistics GetStatistics() => new() { CurrentAvailablePermits = Decide(0).Remaining ?? 0 };

    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        var decision = Decide(permitCount);
        return decision.IsAllowed ? Passed : new Lease(isAcquired: false, decision.RetryAfter);
    }

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) => new(AttemptAcquireCore(permitCount));

    // Rounded up: who comes back then is let in.
    static TimeSpan Span(long nanoseconds) => new((nanoseconds + 99) / 100);

    long Now() => (long)((time.GetTimestamp() - start) * nanosecondsPerTick);

    sealed class Lease(bool isAcquired, TimeSpan? retryAfter) : RateLimitLease
    {
        public override bool IsAcquired => isAcquired;

        public override IEnumerable<string> MetadataNames => retryAfter is null ? [] : [MetadataName.RetryAfter.Name];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = metadataName == MetadataName.RetryAfter.Name ? retryAfter : null;
            return metadata is not null;
        }
    }
}
