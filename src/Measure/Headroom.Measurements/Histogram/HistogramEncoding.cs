using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Numerics;

namespace Headroom.Measurements.Histogram;

/// <summary>
/// HdrHistogram's V2 encoding, big endian:
/// <list type="number">
/// <item>compressed envelope: cookie 0x1c849314, length, then a zlib stream of</item>
/// <item>40 bytes of header: cookie 0x1c849313, payload length, normalizing offset, significant digits, lowest and highest value, conversion ratio;</item>
/// <item>the counts from index 0 to the last one used as <see cref="ZigZagLeb128"/>; a negative number -n stands for n empty buckets.</item>
/// </list>
/// Source: the reference implementation's AbstractHistogram.encodeIntoCompressedByteBuffer (HdrHistogram 2.1).
/// </summary>
internal static class HistogramEncoding
{
    private const int CompressedCookie = 0x1c849304 | 0x10;
    private const int PlainCookie = 0x1c849303 | 0x10;
    private const int EnvelopeLength = 8;
    private const int HeaderLength = 40;

    // Far above any real histogram (ours ends at 33,792 buckets of at most 9 bytes), far below what hurts: a hostile or damaged file stops here.
    internal const int MaxInflatedLength = 8 * 1024 * 1024;
    internal const int MaxEncodedLength = 12 * 1024 * 1024;

    public static string Encode(LatencyHistogram histogram)
    {
        var plain = EncodePlain(histogram);
        using var buffer = new MemoryStream();
        buffer.Write(new byte[EnvelopeLength]);
        using (var zlib = new ZLibStream(buffer, CompressionLevel.Optimal, leaveOpen: true))
            zlib.Write(plain);

        var envelope = buffer.GetBuffer().AsSpan(0, (int)buffer.Length);
        BinaryPrimitives.WriteInt32BigEndian(envelope, CompressedCookie);
        BinaryPrimitives.WriteInt32BigEndian(envelope[4..], envelope.Length - EnvelopeLength);
        return Convert.ToBase64String(envelope);
    }

    public static LatencyHistogram Decode(string encoded)
    {
        if (encoded.Length > MaxEncodedLength)
            throw new FormatException($"A histogram of {encoded.Length} base64 characters is too long; at most {MaxEncodedLength} are allowed.");

        var bytes = new byte[(encoded.Length / 4 * 3) + 3];
        if (!Convert.TryFromBase64String(encoded, bytes, out var length))
            throw new FormatException($"'{Shorten(encoded)}' is not base64; a histogram is the HdrHistogram V2 encoding in base64.");

        return DecodeEnvelope(bytes.AsSpan(0, length));
    }

    internal static byte[] EncodePlain(LatencyHistogram histogram)
    {
        var bucketCount = Math.Max(histogram.LastIndex + 1, 1);
        var counts = histogram.Counts[..bucketCount];
        var buffer = new byte[HeaderLength + (bucketCount * ZigZagLeb128.MaxLength)];
        var position = HeaderLength;
        for (var index = 0; index < counts.Length;)
        {
            var emptyRun = counts[index..].IndexOfAnyExcept(0L);
            if (emptyRun < 0)
                emptyRun = counts.Length - index;

            // A single empty bucket is written as its count 0, as the reference implementation does.
            position += ZigZagLeb128.Write(buffer.AsSpan(position), emptyRun > 1 ? -emptyRun : counts[index]);
            index += Math.Max(emptyRun, 1);
        }

        var header = buffer.AsSpan(0, HeaderLength);
        BinaryPrimitives.WriteInt32BigEndian(header, PlainCookie);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], position - HeaderLength);
        BinaryPrimitives.WriteInt32BigEndian(header[12..], 3);
        BinaryPrimitives.WriteInt64BigEndian(header[16..], 1);
        BinaryPrimitives.WriteInt64BigEndian(header[24..], LatencyHistogram.HighestTrackableNs);
        BinaryPrimitives.WriteDoubleBigEndian(header[32..], 1.0);
        return buffer[..position];
    }

    private static LatencyHistogram DecodeEnvelope(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < EnvelopeLength)
            throw Truncated();

        var cookie = BinaryPrimitives.ReadInt32BigEndian(bytes);
        if (cookie == PlainCookie)
            return DecodePlain(bytes);
        if (cookie != CompressedCookie)
            throw WrongCookie(cookie);

        var length = BinaryPrimitives.ReadInt32BigEndian(bytes[4..]);
        if (length < 0 || length > bytes.Length - EnvelopeLength)
            throw Truncated();

        return DecodePlain(Inflate(bytes.Slice(EnvelopeLength, length)));
    }

    private static byte[] Inflate(ReadOnlySpan<byte> compressed)
    {
        using var source = new MemoryStream(compressed.ToArray(), writable: false);
        using var zlib = new ZLibStream(source, CompressionMode.Decompress);
        using var inflated = new MemoryStream();
        var chunk = new byte[16 * 1024];
        try
        {
            while (zlib.Read(chunk) is > 0 and var read)
            {
                if (inflated.Length + read > MaxInflatedLength)
                    throw new FormatException($"The histogram inflates to more than {MaxInflatedLength} bytes; no real one does.");
                inflated.Write(chunk, 0, read);
            }
        }
        catch (InvalidDataException e)
        {
            throw new FormatException("The compressed part of the histogram is damaged; it must be a zlib stream.", e);
        }

        return inflated.ToArray();
    }

    private static LatencyHistogram DecodePlain(ReadOnlySpan<byte> plain)
    {
        if (plain.Length < HeaderLength)
            throw Truncated();

        var cookie = BinaryPrimitives.ReadInt32BigEndian(plain);
        if (cookie != PlainCookie)
            throw WrongCookie(cookie);

        var payloadLength = BinaryPrimitives.ReadInt32BigEndian(plain[4..]);
        if (payloadLength < 0 || payloadLength > plain.Length - HeaderLength)
            throw Truncated();

        var layout = ReadLayout(plain);
        var payload = plain.Slice(HeaderLength, payloadLength);
        return layout == LatencyHistogram.Layout
            ? ReadCounts(payload, layout, static (histogram, layout, index, count) =>
            {
                if (index < LatencyHistogram.BucketCount)
                    histogram.RecordAtIndex(index, count);
                else
                    histogram.Record(layout.HighestValueAt(index), count);
            })
            : ReadCounts(payload, layout, static (histogram, layout, index, count) => histogram.Record(layout.HighestValueAt(index), count));
    }

    /// <summary>
    /// The highest value of the header is not used: auto-resizing libraries write one that their own counts exceed. The normalizing offset
    /// is not either: it says how the writer rotated its memory, the counts in the payload stand in the order of their values.
    /// </summary>
    private static HistogramLayout ReadLayout(ReadOnlySpan<byte> plain)
    {
        var digits = BinaryPrimitives.ReadInt32BigEndian(plain[12..]);
        if (digits is < 0 or > 5)
            throw new FormatException($"The histogram claims {digits} significant digits; allowed are 0 to 5.");

        var lowest = BinaryPrimitives.ReadInt64BigEndian(plain[16..]);
        if (lowest is < 1 or > 1L << 40)
            throw new FormatException($"The histogram claims {lowest} as its lowest value; allowed are 1 to {1L << 40}.");

        // HdrHistogram's DoubleHistogram stores scaled values, whose unit is not known here. The JavaScript library writes the
        // ratio 1 as an integer, which reads as the smallest double; a zero is a writer that has no such field.
        var ratio = BinaryPrimitives.ReadDoubleBigEndian(plain[32..]);
        if (ratio is not (1.0 or 0.0 or double.Epsilon))
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture,
                $"The histogram holds fractional values (conversion ratio {ratio}); only integer histograms (ratio 1) are allowed."));
        }

        return new HistogramLayout(lowest, digits);
    }

    private static LatencyHistogram ReadCounts(
        ReadOnlySpan<byte> payload, HistogramLayout layout, Action<LatencyHistogram, HistogramLayout, int, long> record)
    {
        var histogram = new LatencyHistogram();
        var total = BigInteger.Zero;
        long index = 0;
        while (payload.Length > 0)
        {
            var length = ZigZagLeb128.Read(payload, out var count);
            if (length == 0)
                throw Truncated();

            payload = payload[length..];
            if (count < 0)
            {
                // An empty run; Int128 because -long.MinValue does not exist.
                if (-(Int128)count > layout.HighestIndex + 1 - index)
                    throw TooManyBuckets(layout);
                index -= count;
                continue;
            }

            if (index > layout.HighestIndex)
                throw TooManyBuckets(layout);

            total += count;
            if (total > long.MaxValue)
                throw new FormatException("The counts of the histogram add up to more than 2^63.");
            if (count > 0)
                record(histogram, layout, (int)index, count);
            index++;
        }

        return histogram;
    }

    private static FormatException Truncated() =>
        new("The histogram is truncated: it ends before the length that it states.");

    private static FormatException TooManyBuckets(HistogramLayout layout) =>
        new($"The histogram has more buckets than the {layout.HighestIndex + 1} that its configuration allows.");

    private static FormatException WrongCookie(int cookie) =>
        new($"The histogram starts with 0x{cookie:x8}; allowed are 0x{CompressedCookie:x8} (HdrHistogram V2, compressed) and 0x{PlainCookie:x8} (V2).");

    private static string Shorten(string text) => text.Length <= 24 ? text : text[..24] + "…";
}
