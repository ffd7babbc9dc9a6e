using System.Buffers.Binary;
using System.IO.Compression;
using FsCheck;
using FsCheck.Fluent;
using Headroom.Measurements.Histogram;

namespace Headroom.Measurements.Tests.Histogram;

public sealed class HistogramEncodingTests(ITestOutputHelper output)
{
    private static Gen<(long ValueNs, long Count)[]> Recordings =>
        Gen.OneOf(Property.Between(0, 5_000), Property.Between(0, 1_000_000_000), Property.Between(0, LatencyHistogram.HighestTrackableNs))
            .Zip(Gen.OneOf(Property.Between(0, 3), Property.Between(0, 1L << 50)), (value, count) => (value, count))
            .ArrayOf();

    [Fact]
    public void Decode_WhatEncodeWrote_HasTheSameCountsAndBuckets() =>
        Property.Check(output, Recordings, recordings =>
        {
            var histogram = Recorded(recordings);
            var decoded = LatencyHistogram.Decode(histogram.Encode());
            return decoded.HasSameCounts(histogram)
                && decoded.MinNs <= histogram.MinNs && decoded.MaxNs >= histogram.MaxNs
                && decoded.Encode() == histogram.Encode();
        });

    [Fact]
    public void Decode_UncompressedPayload_IsReadToo()
    {
        var histogram = Recorded([(5, 1), (1_000_000, 7)]);

        var decoded = LatencyHistogram.Decode(Convert.ToBase64String(HistogramEncoding.EncodePlain(histogram)));

        Assert.True(decoded.HasSameCounts(histogram));
    }

    [Fact]
    public void ReadOfZigZagLeb128_AnyNumber_IsWhatWasWritten() =>
        Property.Check(output, Gen.OneOf(Property.Between(long.MinValue, long.MaxValue), Property.Between(-300, 300), Gen.Constant(long.MinValue), Gen.Constant(long.MaxValue)), value =>
        {
            var buffer = new byte[ZigZagLeb128.MaxLength];
            var written = ZigZagLeb128.Write(buffer, value);
            var read = ZigZagLeb128.Read(buffer, out var back);
            return back == value && read == written && ZigZagLeb128.Read(buffer.AsSpan(0, written - 1), out _) == 0;
        });

    [Fact]
    public void Decode_AnyTruncation_IsAFormatException()
    {
        var bytes = Convert.FromBase64String(Recorded([(5, 1), (1_000_000, 7), (90_000_000, 1L << 40)]).Encode());
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<FormatException>(() => LatencyHistogram.Decode(Convert.ToBase64String(bytes.AsSpan(0, length))));
    }

    [Fact]
    public void Decode_AnyDamage_IsAFormatExceptionOrAnotherHistogram() =>
        Property.Check(output, Gen.Choose(0, 60).Zip(Gen.Choose(0, 255)), damage =>
        {
            var plain = HistogramEncoding.EncodePlain(Recorded([(5, 1), (1_000_000, 7), (90_000_000, 1L << 40)]));
            plain[damage.Item1 % plain.Length] = (byte)damage.Item2;
            try
            {
                LatencyHistogram.Decode(Convert.ToBase64String(plain)).Summarize();
                return true;
            }
            catch (FormatException e)
            {
                return e.Message.Length > 20;
            }
        }, runs: 2000);

    [Theory]
    [InlineData("", "truncated")]
    [InlineData("not base64!", "'not base64!' is not base64")]
    [InlineData("aGVsbG8gd29ybGQ=", "starts with 0x68656c6c; allowed are 0x1c849314")]
    public void Decode_Garbage_SaysWhatWasFoundAndWhatIsAllowed(string encoded, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => LatencyHistogram.Decode(encoded)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(12, 6, "6 significant digits; allowed are 0 to 5")]
    [InlineData(12, -1, "-1 significant digits")]
    [InlineData(16, int.MaxValue, "as its lowest value; allowed are 1 to")]
    [InlineData(16, -1, "as its lowest value")]
    [InlineData(32, 0x40000000, "fractional values (conversion ratio 2)")]
    public void Decode_ImpossibleHeader_SaysWhatIsAllowed(int offset, int value, string expected)
    {
        var plain = HistogramEncoding.EncodePlain(Recorded([(5, 1)]));
        BinaryPrimitives.WriteInt32BigEndian(plain.AsSpan(offset), value);

        var error = Assert.Throws<FormatException>(() => LatencyHistogram.Decode(Convert.ToBase64String(plain)));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new[] { long.MinValue, 1 }, "more buckets")]
    [InlineData(new long[] { -60_000, 1 }, "more buckets")]
    [InlineData(new[] { long.MaxValue, 1 }, "add up to more than 2^63")]
    public void Decode_ImpossibleCounts_SaysWhatIsWrong(long[] counts, string expected)
    {
        var error = Assert.Throws<FormatException>(() => LatencyHistogram.Decode(PlainWith(counts)));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_ValuesAboveOneHour_AreClampedAndCounted()
    {
        // Bucket 50,000 of the same layout starts at 1,828 << 47.
        var decoded = LatencyHistogram.Decode(PlainWith([-50_000, 3]));

        Assert.Equal((3, 3), (decoded.Count, decoded.Clamped));
        Assert.Equal(LatencyHistogram.HighestTrackableNs, decoded.MaxNs);
    }

    [Fact]
    public void Decode_ZipBomb_StopsAtTheBound()
    {
        using var buffer = new MemoryStream();
        buffer.Write([0x1c, 0x84, 0x93, 0x14, 0, 0, 0, 0]);
        using (var zlib = new ZLibStream(buffer, CompressionLevel.Optimal, leaveOpen: true))
        {
            var zeros = new byte[1024 * 1024];
            for (var i = 0; i < 512; i++)
                zlib.Write(zeros);
        }

        var bomb = buffer.ToArray();
        BinaryPrimitives.WriteInt32BigEndian(bomb.AsSpan(4), bomb.Length - 8);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var error = Assert.Throws<FormatException>(() => LatencyHistogram.Decode(Convert.ToBase64String(bomb)));

        Assert.Contains("inflates to more than 8388608 bytes", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024 * 1024);
    }

    [Fact]
    public void Decode_TooLongText_IsRefusedBeforeItIsRead() =>
        Assert.Contains("too long", Assert.Throws<FormatException>(() => LatencyHistogram.Decode(new string('A', 13 * 1024 * 1024))).Message, StringComparison.Ordinal);

    private static string PlainWith(ReadOnlySpan<long> counts)
    {
        var plain = new byte[40 + (counts.Length * ZigZagLeb128.MaxLength)];
        HistogramEncoding.EncodePlain(new LatencyHistogram()).AsSpan(0, 40).CopyTo(plain);
        var position = 40;
        foreach (var count in counts)
            position += ZigZagLeb128.Write(plain.AsSpan(position), count);
        BinaryPrimitives.WriteInt32BigEndian(plain.AsSpan(4), position - 40);
        return Convert.ToBase64String(plain.AsSpan(0, position));
    }

    private static LatencyHistogram Recorded(ReadOnlySpan<(long ValueNs, long Count)> recordings)
    {
        var histogram = new LatencyHistogram();
        foreach (var (valueNs, count) in recordings)
            histogram.Record(valueNs, count);
        return histogram;
    }
}
