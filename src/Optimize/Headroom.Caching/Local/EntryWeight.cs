using System.Numerics;

namespace Headroom.Caching.Local;

/// <summary>
/// A weight in 16 bits: 11 of mantissa, 5 of exponent. Exact up to 2,047, then rounded up by less than 0.1 %. The same packed weight is added and taken
/// off, so sums stay exact.
/// </summary>
internal static class EntryWeight
{
    const int MantissaBits = 11;

    /// <summary>The largest weight that can be packed, about 4 TB.</summary>
    public const long Most = ((1L << MantissaBits) - 1) << 31;

    public static ushort Pack(long weight)
    {
        if (weight is < 0 or > Most)
            throw new ArgumentOutOfRangeException(nameof(weight), weight, $"A weight is from 0 to {Most}.");
        var exponent = Math.Max(0, 64 - BitOperations.LeadingZeroCount((ulong)weight) - MantissaBits);
        var mantissa = (weight + (1L << exponent) - 1) >> exponent;
        if (mantissa == 1 << MantissaBits)
        {
            mantissa >>= 1;
            exponent++;
        }

        return (ushort)((exponent << MantissaBits) | (int)mantissa);
    }

    public static long Unpack(ushort packed) => (long)(packed & ((1 << MantissaBits) - 1)) << (packed >> MantissaBits);
}
