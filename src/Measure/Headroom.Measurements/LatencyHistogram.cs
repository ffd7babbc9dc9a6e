using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Headroom.Measurements.Histogram;

namespace Headroom.Measurements;

/// <summary>
/// Counts durations from 0 ns to one hour in log-linear buckets, so that every percentile is off by less than 1/1000 of its value.
/// One per worker: recording takes no lock and is not safe from two threads; merge the workers' histograms with <see cref="Add"/>.
/// </summary>
/// <remarks>
/// The layout is HdrHistogram's (hdrhistogram.org) with lowest value 1, highest value 3.6e12 and 3 significant digits: values below
/// 2,048 ns have a bucket each; above, every doubling of the value is divided into 1,024 buckets of equal width. That is 33,792
/// buckets, 264 KiB, of which only touched pages cost memory. docs/decisions/histogram.md says why.
/// </remarks>
public sealed class LatencyHistogram
{
    /// <summary>The longest duration that is told apart, one hour in nanoseconds. Longer ones are recorded as this.</summary>
    public const long HighestTrackableNs = 3_600_000_000_000;

    internal static readonly HistogramLayout Layout = new(lowestDiscernibleValue: 1, significantDigits: 3);

    // The same layout as constants, so that Record is a handful of instructions.
    private const int SubBucketHalfCountMagnitude = 10;
    private const int SubBucketHalfCount = 1 << SubBucketHalfCountMagnitude;
    private const long SubBucketMask = (SubBucketHalfCount * 2) - 1;
    private const int LeadingZerosOfFirstBucket = 64 - SubBucketHalfCountMagnitude - 1;

    internal static readonly int BucketCount = (IndexOf(HighestTrackableNs) | (SubBucketHalfCount - 1)) + 1;

    private readonly long[] _counts = new long[BucketCount];
    private long _count;
    private long _minNs = long.MaxValue;
    private long _maxNs = -1;

    /// <summary>Number of recorded values, clamped ones included.</summary>
    public long Count => _count;

    /// <summary>How many recorded values were below 0 or above <see cref="HighestTrackableNs"/> and were counted at that bound. Not part of the encoding.</summary>
    public long Clamped { get; private set; }

    /// <summary>The smallest recorded value, exact; 0 when nothing was recorded. After <see cref="Decode"/>: the lower bound of its bucket.</summary>
    public long MinNs => _count == 0 ? 0 : _minNs;

    /// <summary>The largest recorded value, exact; 0 when nothing was recorded. After <see cref="Decode"/>: the upper bound of its bucket.</summary>
    public long MaxNs => _count == 0 ? 0 : _maxNs;

    /// <summary>Mean over the middles of the buckets, as HdrHistogram defines it, but never outside the exact extremes; 0 when nothing was recorded.</summary>
    public double MeanNs => Math.Clamp(MeanOfMiddlesNs(), MinNs, MaxNs);

    /// <summary>Standard deviation of the whole population over the middles of the buckets; 0 when nothing was recorded.</summary>
    public double StdDevNs
    {
        get
        {
            if (_count == 0)
                return 0;

            var mean = MeanOfMiddlesNs();
            var squares = 0.0;
            for (var index = FirstIndex; index <= LastIndex; index++)
            {
                if (_counts[index] == 0)
                    continue;

                var deviation = Layout.MedianValueAt(index) - mean;
                squares += deviation * deviation * _counts[index];
            }

            return Math.Sqrt(squares / _count);
        }
    }

    // The touched range follows from the extremes, because a larger value never has a lower index. Record need not keep it.
    internal int FirstIndex => _count == 0 ? 0 : IndexOf(_minNs);

    internal int LastIndex => _count == 0 ? -1 : IndexOf(_maxNs);

    internal ReadOnlySpan<long> Counts => _counts;

    /// <summary>Counts one duration. Constant time, no allocation, no lock.</summary>
    /// <param name="valueNs">Duration in nanoseconds; outside 0 to <see cref="HighestTrackableNs"/> it is counted at the bound and in <see cref="Clamped"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Record(long valueNs) => RecordUnchecked(valueNs, 1);

    /// <summary>Counts the same duration several times. Constant time, no allocation, no lock.</summary>
    /// <param name="valueNs">Duration in nanoseconds; outside 0 to <see cref="HighestTrackableNs"/> it is counted at the bound and in <see cref="Clamped"/>.</param>
    /// <param name="count">How often, 0 or more; 0 records nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    public void Record(long valueNs, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count > 0)
            RecordUnchecked(valueNs, count);
    }

    /// <summary>Adds everything that <paramref name="other"/> has recorded, extremes and clamped values included.</summary>
    public void Add(LatencyHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other._count == 0)
            return;

        var last = other.LastIndex;
        for (var index = other.FirstIndex; index <= last; index++)
            _counts[index] += other._counts[index];

        _count += other._count;
        Clamped += other.Clamped;
        _minNs = Math.Min(_minNs, other._minNs);
        _maxNs = Math.Max(_maxNs, other._maxNs);
    }

    /// <summary>Forgets everything. Costs no more than the range that was recorded in.</summary>
    public void Reset()
    {
        if (_count > 0)
            Array.Clear(_counts, FirstIndex, LastIndex - FirstIndex + 1);

        _count = 0;
        Clamped = 0;
        _minNs = long.MaxValue;
        _maxNs = -1;
    }

    /// <summary>
    /// The duration that at least <paramref name="percentile"/> percent of the recorded values do not exceed: the upper bound of its
    /// bucket (HdrHistogram's "highest equivalent value"), never above the exact <see cref="MaxNs"/>. 0 when nothing was recorded.
    /// </summary>
    /// <param name="percentile">0 to 100; 0 gives <see cref="MinNs"/>, 100 gives <see cref="MaxNs"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not a number, below 0 or above 100.</exception>
    public long ValueAtPercentile(double percentile)
    {
        if (!(percentile is >= 0 and <= 100))
            throw new ArgumentOutOfRangeException(nameof(percentile), percentile, "A percentile is a number from 0 to 100.");

        if (_count == 0)
            return 0;
        if (percentile == 0)
            return _minNs;

        var rank = RankOf(percentile);
        long cumulative = 0;
        for (var index = FirstIndex; index <= LastIndex; index++)
        {
            cumulative += _counts[index];
            if (cumulative >= rank)
                return Math.Min(Layout.HighestValueAt(index), _maxNs);
        }

        return _maxNs;
    }

    /// <summary>Percentiles, extremes, mean and standard deviation in milliseconds, to the nanosecond. All zero when nothing was recorded.</summary>
    public LatencySummary Summarize() => new()
    {
        Min = Milliseconds(MinNs),
        P50 = Milliseconds(ValueAtPercentile(50)),
        P75 = Milliseconds(ValueAtPercentile(75)),
        P90 = Milliseconds(ValueAtPercentile(90)),
        P95 = Milliseconds(ValueAtPercentile(95)),
        P99 = Milliseconds(ValueAtPercentile(99)),
        P999 = Milliseconds(ValueAtPercentile(99.9)),
        Max = Milliseconds(MaxNs),
        Mean = Milliseconds(MeanNs),
        StdDev = Milliseconds(StdDevNs),
    };

    /// <summary>The buckets that hold something, from the lowest value up: what a percentile curve is drawn from.</summary>
    public IEnumerable<HistogramBucket> RecordedBuckets()
    {
        long cumulative = 0;
        for (var index = FirstIndex; index <= LastIndex; index++)
        {
            if (_counts[index] == 0)
                continue;

            cumulative += _counts[index];
            var highest = Math.Min(Layout.HighestValueAt(index), _maxNs);
            yield return new HistogramBucket(highest, _counts[index], Layout.LowestValueAt(index), cumulative, 100.0 * cumulative / _count);
        }
    }

    /// <summary>Whether both have the same count in every bucket. Exact extremes and <see cref="Clamped"/> are not compared.</summary>
    public bool HasSameCounts(LatencyHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return _count == other._count && _counts.AsSpan().SequenceEqual(other._counts);
    }

    /// <summary>HdrHistogram V2 compressed encoding, base64. Any HdrHistogram library reads it; values are nanoseconds.</summary>
    public string Encode() => HistogramEncoding.Encode(this);

    /// <summary>
    /// Reads the HdrHistogram V2 encoding (base64, compressed or not) of this or any other HdrHistogram library. Payloads with another
    /// resolution are recorded again at the upper bound of each of their buckets, so their percentiles stay what that library says.
    /// </summary>
    /// <exception cref="FormatException">Not base64, not that encoding, truncated, damaged, or larger than any real histogram.</exception>
    public static LatencyHistogram Decode(string encoded)
    {
        ArgumentNullException.ThrowIfNull(encoded);
        return HistogramEncoding.Decode(encoded);
    }

    /// <summary>Sets extremes known from elsewhere (the run file keeps them exact), which the encoding has only as buckets. Ignored when they contradict the buckets.</summary>
    internal void RestoreExtremes(long minNs, long maxNs)
    {
        if (_count == 0)
            return;

        minNs = Math.Clamp(minNs, 0, HighestTrackableNs);
        maxNs = Math.Clamp(maxNs, 0, HighestTrackableNs);
        if (minNs <= maxNs && IndexOf(minNs) == FirstIndex && IndexOf(maxNs) == LastIndex)
            (_minNs, _maxNs) = (minNs, maxNs);
    }

    /// <summary>Counts into a bucket of the same layout, as read from an encoding.</summary>
    internal void RecordAtIndex(int index, long count)
    {
        _counts[index] += count;
        _count += count;
        _minNs = Math.Min(_minNs, Layout.LowestValueAt(index));
        _maxNs = Math.Max(_maxNs, Math.Min(Layout.HighestValueAt(index), HighestTrackableNs));
    }

    private double MeanOfMiddlesNs()
    {
        if (_count == 0)
            return 0;

        Int128 total = 0;
        for (var index = FirstIndex; index <= LastIndex; index++)
            total += (Int128)_counts[index] * Layout.MedianValueAt(index);

        return (double)total / _count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RecordUnchecked(long valueNs, long count)
    {
        if ((ulong)valueNs > HighestTrackableNs)
            valueNs = Clamp(valueNs, count);

        _counts[IndexOf(valueNs)] += count;
        _count += count;
        if (valueNs < _minNs)
            _minNs = valueNs;
        if (valueNs > _maxNs)
            _maxNs = valueNs;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long Clamp(long valueNs, long count)
    {
        Clamped += count;
        return valueNs < 0 ? 0 : HighestTrackableNs;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int IndexOf(long valueNs)
    {
        var bucket = LeadingZerosOfFirstBucket - BitOperations.LeadingZeroCount((ulong)(valueNs | SubBucketMask));
        return (bucket << SubBucketHalfCountMagnitude) + (int)(valueNs >> bucket);
    }

    /// <summary>Nearest rank, 1-based. 99.9 % of 1,000 is rank 999, although 99.9 / 100 * 1000 comes out a hair above 999 in binary.</summary>
    private long RankOf(double percentile)
    {
        if (percentile == 100)
            return _count;

        var rank = (long)Math.Ceiling(Math.BitDecrement(percentile) / 100 * _count);
        return Math.Clamp(rank, 1, _count);
    }

    /// <summary>Six decimals of a millisecond are whole nanoseconds.</summary>
    private static double Milliseconds(double nanoseconds) => Math.Round(nanoseconds / 1e6, 6);
}

/// <summary>A bucket that holds something.</summary>
/// <param name="ValueNs">Highest value of the bucket in nanoseconds, capped by the recorded maximum: the latency at <paramref name="Percentile"/>.</param>
/// <param name="Count">Values in this bucket.</param>
/// <param name="LowestNs">Lowest value that belongs to the bucket, in nanoseconds.</param>
/// <param name="CumulativeCount">Values in this bucket and all below.</param>
/// <param name="Percentile">Share of values in this bucket and all below, above 0 to 100.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct HistogramBucket(long ValueNs, long Count, long LowestNs, long CumulativeCount, double Percentile);
