using System.IO.Compression;
using Headroom.Measurements.Histogram;

namespace Headroom.Measurements.Tests.Histogram;

/// <summary>Old data and other tools' data still read, to the same figures.</summary>
public sealed class FrozenPayloadTests
{
    public static TheoryData<string> SameUpToOurResolution => [nameof(FrozenPayloads.JsEmpty), nameof(FrozenPayloads.JsLogUniform),
        nameof(FrozenPayloads.JsLargeCounts), nameof(FrozenPayloads.JsCoarse), nameof(FrozenPayloads.JsAutoResized),
        nameof(FrozenPayloads.JavaSquares), nameof(FrozenPayloads.JavaCoarse), nameof(FrozenPayloads.JavaAutoResized), nameof(FrozenPayloads.JavaShifted)];

    public static TheoryData<string> Ours => [nameof(FrozenPayloads.OursEmpty), nameof(FrozenPayloads.OursSquares), nameof(FrozenPayloads.OursEdges)];

    [Theory]
    [MemberData(nameof(SameUpToOurResolution))]
    public void Decode_PayloadOfAnotherLibrary_HasItsCountsAndPercentiles(string name)
    {
        var frozen = Payload(name);

        var histogram = LatencyHistogram.Decode(frozen.Encoded);

        Assert.Equal(frozen.Count, histogram.Count);
        Assert.Equal(frozen.ValuesAtPercentiles[1..], FrozenPayloads.Percentiles[1..].Select(histogram.ValueAtPercentile));
    }

    [Fact]
    public void Decode_FinerPayload_IsRoundedUpToOurResolution()
    {
        var histogram = LatencyHistogram.Decode(FrozenPayloads.JsFine.Encoded);

        Assert.Equal(FrozenPayloads.JsFine.Count, histogram.Count);
        Assert.All(FrozenPayloads.Percentiles.Zip(FrozenPayloads.JsFine.ValuesAtPercentiles), expected =>
            Assert.InRange(histogram.ValueAtPercentile(expected.First), expected.Second * 0.999, expected.Second * 1.001));
    }

    [Fact]
    public void Decode_SameLayoutByAnotherLibrary_EqualsRecordingTheSame()
    {
        var expected = new LatencyHistogram();
        expected.Record(1500, 1L << 40);
        expected.Record(70_000, 127);
        expected.Record(90_000, 128);

        Assert.True(LatencyHistogram.Decode(FrozenPayloads.JsLargeCounts.Encoded).HasSameCounts(expected));
    }

    /// <summary>Byte for byte, but for the compression.</summary>
    [Fact]
    public void Encode_SameRecordingsAsTheReference_IsTheReferencesPayload() =>
        Assert.Equal(Inflated(FrozenPayloads.JavaSquares.Encoded), HistogramEncoding.EncodePlain(Recorded(nameof(FrozenPayloads.OursSquares))));

    [Theory]
    [MemberData(nameof(Ours))]
    public void Decode_OurOldPayload_HasWhatWasRecorded(string name)
    {
        var histogram = LatencyHistogram.Decode(Payload(name).Encoded);

        Assert.True(histogram.HasSameCounts(Recorded(name)));
    }

    /// <summary>Together with the figures frozen from hdr-histogram-js: what we write today it reads as before. Compared inflated, because zlib may pack better one day.</summary>
    [Theory]
    [MemberData(nameof(Ours))]
    public void Encode_SameRecordings_IsThePayloadThatTheOtherLibraryRead(string name)
    {
        var frozen = Payload(name);
        var recorded = Recorded(name);

        Assert.Equal(HistogramEncoding.EncodePlain(LatencyHistogram.Decode(frozen.Encoded)), HistogramEncoding.EncodePlain(recorded));
        Assert.Equal(frozen.Count, recorded.Count);

        // The other library has no exact maximum: its values are the upper bounds of the buckets.
        Assert.All(FrozenPayloads.Percentiles.Zip(frozen.ValuesAtPercentiles), expected =>
            Assert.Equal(Math.Min(expected.Second, recorded.MaxNs), recorded.ValueAtPercentile(expected.First)));
    }

    private static LatencyHistogram Recorded(string name)
    {
        var histogram = new LatencyHistogram();
        if (name == nameof(FrozenPayloads.OursSquares))
        {
            for (var i = 1L; i <= 2_000; i++)
                histogram.Record(i * i * 700);
            histogram.Record(0);
            histogram.Record(1_999_999_999, 5);
            histogram.Record(50_000, 127);
            histogram.Record(60_000, 128);
        }
        else if (name == nameof(FrozenPayloads.OursEdges))
        {
            histogram.Record(3, 1L << 40);
            histogram.Record(LatencyHistogram.HighestTrackableNs, 2);
        }

        return histogram;
    }

    private static byte[] Inflated(string encoded)
    {
        using var zlib = new ZLibStream(new MemoryStream(Convert.FromBase64String(encoded)[8..]), CompressionMode.Decompress);
        using var inflated = new MemoryStream();
        zlib.CopyTo(inflated);
        return inflated.ToArray();
    }

    private static FrozenPayload Payload(string name) => (FrozenPayload)typeof(FrozenPayloads).GetField(name)!.GetValue(null)!;
}
