namespace Headroom.Measurements.Histogram;

/// <summary>
/// Variable-length integers as HdrHistogram stores counts: zig-zag (sign in the lowest bit), then 7 bits a byte from the lowest up, the
/// high bit saying that more follow. Unlike plain LEB128 a ninth byte holds 8 bits, so that 64 bits never take more than 9 bytes.
/// </summary>
internal static class ZigZagLeb128
{
    public const int MaxLength = 9;

    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> destination, long value)
    {
        var bits = (ulong)((value << 1) ^ (value >> 63));
        for (var position = 0; position < MaxLength - 1; position++)
        {
            if (bits < 0x80)
            {
                destination[position] = (byte)bits;
                return position + 1;
            }

            destination[position] = (byte)(bits | 0x80);
            bits >>= 7;
        }

        destination[MaxLength - 1] = (byte)bits;
        return MaxLength;
    }

    /// <returns>Bytes read; 0 when the source ends within the number.</returns>
    public static int Read(ReadOnlySpan<byte> source, out long value)
    {
        ulong bits = 0;
        for (var position = 0; position < source.Length && position < MaxLength; position++)
        {
            var isLast = position == MaxLength - 1;
            var payload = isLast ? source[position] : (byte)(source[position] & 0x7F);
            bits |= (ulong)payload << (7 * position);
            if (isLast || source[position] < 0x80)
            {
                value = (long)(bits >> 1) ^ -(long)(bits & 1);
                return position + 1;
            }
        }

        value = 0;
        return 0;
    }
}
