namespace Headroom.Telemetry.Collection;

/// <summary>
/// Bucket counts and sum of one series. Each stripe is one array, guarded by a spin lock that only threads on the same processor number and a
/// reader ask for, so one interlocked operation covers both the count and the sum and a reader never sees one without the other.
/// </summary>
internal sealed class HistogramSeries(BucketBounds bounds, bool isOverflow, bool isServerError, ExemplarSampler? sampler = null, int? stripes = null)
{
    // A cache line on both sides keeps neighbours on the heap out of the way.
    const int Padding = 8;
    const int LockAt = Padding;
    const int SumAt = Padding + 1;
    const int BucketsAt = Padding + 2;

    readonly long[]?[] copies = new long[]?[stripes ?? Stripes.Count];
    Exemplar?[]? exemplars;

    /// <summary>Whether it takes what exceeds the limit on series.</summary>
    public bool IsOverflow { get; } = isOverflow;

    /// <summary>Whether its tags say that a server failed; see <see cref="HistogramMetric"/>.</summary>
    public bool IsServerError { get; } = isServerError;

    public void Record(double value)
    {
        var bucket = bounds.BucketOf(value);
        ref var slot = ref copies[Stripes.Current(copies.Length)];
        var stripe = Volatile.Read(ref slot);
        if (stripe is null)
        {
            var created = new long[BucketsAt + bounds.Count + 1 + Padding];
            stripe = Interlocked.CompareExchange(ref slot, created, null) ?? created;
        }

        Enter(stripe);
        var seen = ++stripe[BucketsAt + bucket];
        stripe[SumAt] = BitConverter.DoubleToInt64Bits(BitConverter.Int64BitsToDouble(stripe[SumAt]) + value);
        Volatile.Write(ref stripe[LockAt], 0);
        if (sampler is not null && ExemplarSampler.IsDue(seen))
            sampler.Take(ref exemplars, bounds.Count + 1, bucket, value);
    }

    /// <summary>The latest exemplar of a bucket.</summary>
    public Exemplar? Exemplar(int bucket) => Volatile.Read(ref exemplars) is { } kept ? Volatile.Read(ref kept[bucket]) : null;

    /// <summary>Adds this series' buckets (not cumulative) to <paramref name="buckets"/>, which has one more than there are boundaries.</summary>
    /// <returns>The sum of all values.</returns>
    public double Read(Span<long> buckets)
    {
        var sum = 0.0;
        foreach (var stripe in copies)
        {
            if (stripe is null)
                continue;
            Enter(stripe);
            for (var i = 0; i < buckets.Length; i++)
                buckets[i] += stripe[BucketsAt + i];
            sum += BitConverter.Int64BitsToDouble(stripe[SumAt]);
            Volatile.Write(ref stripe[LockAt], 0);
        }

        return sum;
    }

    static void Enter(long[] stripe)
    {
        if (Interlocked.CompareExchange(ref stripe[LockAt], 1, 0) == 0)
            return;

        var wait = default(SpinWait);
        do
        {
            wait.SpinOnce();
        }
        while (Interlocked.CompareExchange(ref stripe[LockAt], 1, 0) != 0);
    }
}
