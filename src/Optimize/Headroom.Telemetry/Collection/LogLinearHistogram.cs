namespace Headroom.Telemetry.Collection;

/// <summary>
/// Counts of non-negative values in bins whose width grows with the value: each power of two is cut into 128 equal bins, so a percentile
/// read from it is within 0.4 % (1/256) of a value that was recorded. Covers 2⁻³⁰ (0.93 ns, in seconds) to 2¹⁷ (36 hours); what lies outside
/// counts in the outermost bins. This is the layout of HdrHistogram, taken from the bits of the floating-point number.
/// 48 KB per stripe that was used; recording neither allocates (after a stripe's first value) nor locks.
/// </summary>
/// <param name="stripes">A power of two; null for one per processor.</param>
internal sealed class LogLinearHistogram(int? stripes = null)
{
    const int MantissaBits = 52;
    const int SubBinBits = 7;
    const int Shift = MantissaBits - SubBinBits;
    const int ExponentBias = 1023;
    const int SmallestExponent = -30;
    const int LargestExponent = 17;
    const long FirstKey = (long)(ExponentBias + SmallestExponent) << SubBinBits;
    const int BinCount = (LargestExponent - SmallestExponent) << SubBinBits;

    readonly long[]?[] copies = new long[]?[stripes ?? Stripes.Count];

    public void Record(double value)
    {
        ref var stripe = ref copies[Stripes.Current(copies.Length)];
        var bins = Volatile.Read(ref stripe);
        if (bins is null)
        {
            var created = new long[BinCount];
            bins = Interlocked.CompareExchange(ref stripe, created, null) ?? created;
        }

        Interlocked.Increment(ref bins[IndexOf(value)]);
    }

    /// <summary>A consistent copy to read several percentiles from.</summary>
    public Snapshot Read()
    {
        var merged = new long[BinCount];
        foreach (var stripe in copies)
        {
            if (stripe is null)
                continue;
            for (var i = 0; i < merged.Length; i++)
                merged[i] += Volatile.Read(ref stripe[i]);
        }

        return new Snapshot(merged);
    }

    // The exponent and the leading mantissa bits of a positive double, read as one integer, are the bin's number.
    static int IndexOf(double value)
    {
        var key = (BitConverter.DoubleToInt64Bits(Math.Max(value, 0)) >> Shift) - FirstKey;
        return (int)Math.Clamp(key, 0, BinCount - 1);
    }

    static double MiddleOf(int index)
    {
        var low = BitConverter.Int64BitsToDouble((index + FirstKey) << Shift);
        var high = BitConverter.Int64BitsToDouble((index + 1 + FirstKey) << Shift);
        return (low + high) / 2;
    }

    internal readonly struct Snapshot
    {
        readonly long[] bins;

        public Snapshot(long[] bins)
        {
            this.bins = bins;
            foreach (var bin in bins)
                Count += bin;
        }

        public static Snapshot Empty { get; } = new([]);

        public long Count { get; }

        public Snapshot With(Snapshot other)
        {
            if (bins.Length == 0)
                return other;
            var merged = bins.ToArray();
            for (var i = 0; i < other.bins.Length; i++)
                merged[i] += other.bins[i];
            return new Snapshot(merged);
        }

        /// <summary>What was recorded after an earlier copy was made.</summary>
        public Snapshot Since(Snapshot earlier)
        {
            if (bins.Length == 0 || earlier.bins.Length == 0)
                return this;
            var rest = bins.ToArray();
            for (var i = 0; i < rest.Length; i++)
                rest[i] = Math.Max(0, rest[i] - earlier.bins[i]);
            return new Snapshot(rest);
        }

        /// <summary>The smallest recorded value that at least this share (0 to 1) of all values do not exceed; null when there is none.</summary>
        public double? Quantile(double share)
        {
            if (Count == 0)
                return null;

            var rank = Math.Max(1, (long)Math.Ceiling(share * Count));
            var index = -1;
            for (var seen = 0L; seen < rank;)
                seen += bins[++index];
            return MiddleOf(index);
        }
    }
}
