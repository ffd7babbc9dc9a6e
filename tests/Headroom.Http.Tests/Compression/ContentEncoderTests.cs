using System.Buffers;
using System.IO.Compression;
using Headroom.Http.Compression;

namespace Headroom.Http.Tests.Compression;

public sealed class ContentEncoderTests
{
    public static TheoryData<string, string> Encodings()
    {
        var all = new TheoryData<string, string>();
        foreach (var coding in Enum.GetNames<ContentCoding>())
        {
            foreach (var effort in Enum.GetNames<EncodingEffort>())
                all.Add(coding, effort);
        }

        return all;
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Encode_AnyContentInAnySegments_DecodesToTheSame(string codingName, string effortName)
    {
        var (coding, effort) = (Enum.Parse<ContentCoding>(codingName), Enum.Parse<EncodingEffort>(effortName));
        var random = new Random(Seed.Printed(TestContext.Current.TestOutputHelper!));
        foreach (var length in new[] { 0, 1, 2, 255, 256, 4096, 70_000, 300_000, random.Next(200_000), random.Next(20_000), random.Next(2_000) })
        {
            var content = Content(random, length);
            var encoded = ContentEncoder.Encode(coding, effort, Segments(random, content));
            Assert.Equal(content, Decode(coding, encoded));
            Assert.Equal(content, Decode(coding, ContentEncoder.Encode(coding, effort, new ReadOnlySequence<byte>(content))));
        }
    }

    [Theory]
    [InlineData(nameof(ContentCoding.Gzip))]
    [InlineData(nameof(ContentCoding.Brotli))]
    public void CreateStream_Flushed_WhatWasWrittenCanBeRead(string codingName)
    {
        var coding = Enum.Parse<ContentCoding>(codingName);
        var random = new Random(Seed.Printed(TestContext.Current.TestOutputHelper!));
        using var output = new MemoryStream();
        using var whole = new MemoryStream();
        using (var encoder = ContentEncoder.CreateStream(coding, EncodingEffort.Quick, output, length: null))
        {
            for (var i = 0; i < 10; i++)
            {
                var piece = Content(random, random.Next(5_000));
                encoder.Write(piece);
                whole.Write(piece);
                encoder.Flush();
                var readable = new byte[whole.Length];
                using var decoder = Decoder(coding, new MemoryStream(output.ToArray()));
                decoder.ReadExactly(readable);
                Assert.Equal(whole.ToArray(), readable);
            }
        }

        Assert.Equal(whole.ToArray(), Decode(coding, output.ToArray()));
    }

    [Theory]
    [InlineData(nameof(ContentCoding.Gzip))]
    [InlineData(nameof(ContentCoding.Brotli))]
    public void Encode_MoreEffort_IsShorter(string codingName)
    {
        var coding = Enum.Parse<ContentCoding>(codingName);
        var random = new Random(Seed.Printed(TestContext.Current.TestOutputHelper!));
        var content = new ReadOnlySequence<byte>(Content(random, 50_000));
        var lengths = Enum.GetValues<EncodingEffort>().Select(effort => ContentEncoder.Encode(coding, effort, content).Length).ToList();
        // Between the upper two of gzip there may be a byte the other way.
        Assert.All(lengths[1..], length => Assert.True(length < lengths[0], $"{length} < {lengths[0]}"));
    }

    [Fact]
    public void CreateStream_Identity_Refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ContentEncoder.CreateStream(ContentCoding.Identity, EncodingEffort.Quick, Stream.Null, null));

    // Words with some noise between, as JSON is.
    static byte[] Content(Random random, int length)
    {
        string[] words = ["\"name\":", "{\"id\":", "true,", "pending", "delivered", "2026-11-21T", "},"];
        var content = new byte[length];
        for (var at = 0; at < length;)
        {
            var piece = random.Next(4) == 0 ? System.Text.Encoding.ASCII.GetBytes(random.Next().ToString(System.Globalization.CultureInfo.InvariantCulture)) : System.Text.Encoding.ASCII.GetBytes(words[random.Next(words.Length)]);
            var count = Math.Min(piece.Length, length - at);
            piece.AsSpan(0, count).CopyTo(content.AsSpan(at));
            at += count;
        }

        return content;
    }

    static ReadOnlySequence<byte> Segments(Random random, byte[] content)
    {
        Segment? first = null, last = null;
        for (var at = 0; at < content.Length || last is null;)
        {
            var count = Math.Min(content.Length - at, random.Next(1, 10_000));
            last = new Segment(content.AsMemory(at, count), last);
            first ??= last;
            at += count;
        }

        return new ReadOnlySequence<byte>(first!, 0, last, last.Memory.Length);
    }

    static byte[] Decode(ContentCoding coding, byte[] encoded)
    {
        using var decoded = new MemoryStream();
        using var decoder = Decoder(coding, new MemoryStream(encoded));
        decoder.CopyTo(decoded);
        return decoded.ToArray();
    }

    static Stream Decoder(ContentCoding coding, Stream encoded) => coding switch
    {
        ContentCoding.Brotli => new BrotliStream(encoded, CompressionMode.Decompress),
        ContentCoding.Gzip => new GZipStream(encoded, CompressionMode.Decompress),
        _ => encoded,
    };

    sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? before)
        {
            Memory = memory;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }
}
