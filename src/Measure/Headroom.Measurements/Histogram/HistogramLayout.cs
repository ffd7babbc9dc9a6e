using System.Numerics;
using System.Runtime.InteropServices;

namespace Headroom.Measurements.Histogram;

/// <summary>
/// HdrHistogram's arithmetic between values and bucket indexes for any configuration: needed to read other libraries' payloads.
/// Sub-buckets of equal width (a power of two of them); the width doubles from one bucket to the next.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct HistogramLayout
{
    private readonly int _unitMagnitude;
    private readonly int _subBucketHalfCountMagnitude;

    /// <param name="lowestDiscernibleValue">1 or more; values below its power of two share a bucket.</param>
    /// <param name="significantDigits">0 to 5.</param>
    public HistogramLayout(long lowestDiscernibleValue, int significantDigits)
    {
        _unitMagnitude = BitOperations.Log2((ulong)lowestDiscernibleValue);

        // Resolution of one unit up to 2 * 10^digits keeps the relative error below 10^-digits.
        var singleUnitResolution = 2 * (long)Math.Pow(10, significantDigits);
        var subBucketCountMagnitude = BitOperations.Log2((ulong)singleUnitResolution - 1) + 1;
        _subBucketHalfCountMagnitude = Math.Max(subBucketCountMagnitude, 1) - 1;
    }

    private int SubBucketHalfCount => 1 << _subBucketHalfCountMagnitude;

    /// <summary>Highest index whose values all fit a 64-bit signed integer.</summary>
    public int HighestIndex => ((63 - _unitMagnitude - _subBucketHalfCountMagnitude) << _subBucketHalfCountMagnitude) + SubBucketHalfCount - 1;

    public long LowestValueAt(int index)
    {
        var (subBucket, shift) = Locate(index);
        return subBucket << shift;
    }

    public long HighestValueAt(int index)
    {
        var (subBucket, shift) = Locate(index);
        return (subBucket << shift) + ((1L << shift) - 1);
    }

    public long MedianValueAt(int index)
    {
        var (subBucket, shift) = Locate(index);
        return (subBucket << shift) + ((1L << shift) >> 1);
    }

    private (long SubBucket, int Shift) Locate(int index)
    {
        var bucket = (index >> _subBucketHalfCountMagnitude) - 1;
        var subBucket = (index & (SubBucketHalfCount - 1)) + SubBucketHalfCount;

        // The first bucket has both its halves; all others only their upper one, the lower being covered by the bucket before.
        return bucket < 0
            ? (subBucket - SubBucketHalfCount, _unitMagnitude)
            : (subBucket, bucket + _unitMagnitude);
    }
}
