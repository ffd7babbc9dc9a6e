using System.Diagnostics;

namespace Headroom.Telemetry.Collection;

/// <summary>One measurement with the trace that it was made in, so that a person gets from a slow bucket to a request that fell into it.</summary>
internal sealed record Exemplar(double Value, string TraceId, string SpanId, DateTimeOffset At);

/// <summary>
/// Takes exemplars of one series, the latest of each bucket. Only a measurement within a recorded activity can be one (a trace that nobody keeps leads nowhere), and a bucket's is replaced once a second at most, so that
/// making them stays rare however many requests are traced.
/// </summary>
internal sealed class ExemplarSampler(TimeProvider time)
{
    // All of the first values of a bucket are looked at, so that rare ones (the slow) have fresh exemplars; of the many every 16th, because finding the activity costs a third of a measurement.
    const long EachUpTo = 256;
    const long ThenEvery = 16;

    static readonly TimeSpan KeptLeast = TimeSpan.FromSeconds(1);

    /// <param name="seen">Values of the bucket so far.</param>
    public static bool IsDue(long seen) => seen <= EachUpTo || (seen & (ThenEvery - 1)) == 0;

    public void Take(ref Exemplar?[]? exemplars, int buckets, int bucket, double value)
    {
        if (Activity.Current is not { Recorded: true, IdFormat: ActivityIdFormat.W3C } activity)
            return;

        if (Volatile.Read(ref exemplars) is not { } kept)
        {
            var created = new Exemplar?[buckets];
            kept = Interlocked.CompareExchange(ref exemplars, created, null) ?? created;
        }

        var now = time.GetUtcNow();
        if (Volatile.Read(ref kept[bucket]) is { } before && now - before.At < KeptLeast)
            return;
        Volatile.Write(ref kept[bucket], new Exemplar(value, activity.TraceId.ToHexString(), activity.SpanId.ToHexString(), now));
    }
}
