using System.Buffers;
using System.Globalization;
using System.Text;
using Headroom.Caching.Distributed;
using Headroom.Caching.Serialization;
using Microsoft.Extensions.Caching.Hybrid;

namespace Headroom.Caching.Tests.Distributed;

public sealed class EntryEnvelopeTests(ITestOutputHelper output)
{
    /// <summary>Written by the first release. It must read for ever; only a new version of the format may write otherwise.</summary>
    private const string Frozen =
        "48430100" + "68656C6C6F"
        + "0A00000000000000" + "1400000000000000" + "1E00000000000000" + "2800000000000000" + "0500000000000000" + "0600000000000000"
        + "05000000" + "0200" + "0500" + "6368617473" + "0700000000000000" + "0200" + "C3BC" + "0000000000000000"
        + "51000000";

    /// <summary>Computed by another implementation of CRC-32C.</summary>
    private const string FrozenCrc = "046C2448";

    private static readonly EntryMetadata Metadata = new()
    {
        CreatedMs = 10,
        FreshUntilMs = 20,
        EndsAtMs = 30,
        SlidingMs = 40,
        KeyVersion = 5,
        AllVersion = 6,
        Tags = [new TagVersion("chats", 7), new TagVersion("ü", 0)],
    };

    [Fact]
    public void TryRead_FrozenPayload_IsWhatItWas()
    {
        var bytes = Convert.FromHexString(Frozen + FrozenCrc);
        Assert.Equal(EnvelopeState.Read, EntryEnvelope.TryRead(bytes, out var content));
        Assert.Equal("hello", content.Deserialize(new BytesAsText()));
        AssertSame(Metadata, content.Metadata);
        using var written = Write("hello", Metadata);
        Assert.Equal(Frozen + FrozenCrc, Convert.ToHexString(written.WrittenSpan));
    }

    [Fact]
    public void TryRead_AnyBitFlippedOrAnyLengthCut_IsNotRead()
    {
        var bytes = Convert.FromHexString(Frozen + FrozenCrc);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var flipped = (byte[])bytes.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(EnvelopeState.Read, EntryEnvelope.TryRead(flipped, out _));
        }

        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.NotEqual(EnvelopeState.Read, EntryEnvelope.TryRead(bytes.AsMemory(0, length), out _));
            Assert.NotEqual(EnvelopeState.Read, EntryEnvelope.TryRead(bytes.AsMemory(length + 1), out _));
        }
    }

    [Fact]
    public void TryRead_RandomBytesBehindAGoodBeginning_NeverThrows()
    {
        var random = new Random(Seed.Printed(output));
        for (var run = 0; run < 20_000; run++)
        {
            var bytes = new byte[random.Next(3, 200)];
            random.NextBytes(bytes);
            (bytes[0], bytes[1], bytes[2]) = ((byte)'H', (byte)'C', 1);
            EntryEnvelope.TryRead(bytes, out _);
        }
    }

    [Fact]
    public void TryRead_LaterVersion_IsToldApart()
    {
        var bytes = Convert.FromHexString(Frozen + FrozenCrc);
        bytes[2] = 2;
        Assert.Equal(EnvelopeState.Newer, EntryEnvelope.TryRead(bytes, out _));
    }

    [Fact]
    public void Write_AnyValueAndMetadata_ReadsBack()
    {
        var random = new Random(Seed.Printed(output));
        for (var run = 0; run < 2000; run++)
        {
            var text = random.Next(8) == 0 ? null : string.Concat(Enumerable.Repeat(random.Next().ToString(CultureInfo.InvariantCulture), random.Next(0, 2000)));
            var metadata = Metadata with
            {
                CreatedMs = random.NextInt64(),
                EndsAtMs = EntryMetadata.Never,
                KeyVersion = random.NextInt64(),
                Tags = [.. Enumerable.Range(0, random.Next(5)).Select(_ => new TagVersion(new string((char)random.Next(0x20, 0xD7FF), random.Next(40)), random.NextInt64()))],
            };
            using var written = Write(text, metadata, compressAbove: random.Next(2) == 0 ? null : random.Next(5000));
            Assert.Equal(EnvelopeState.Read, EntryEnvelope.TryRead(written.WrittenMemory, out var content));
            Assert.Equal(text is null, content.IsNull);
            Assert.Equal(text, content.Deserialize(new BytesAsText()));
            AssertSame(metadata, content.Metadata);
        }
    }

    [Fact]
    public void Write_LongAndRepetitive_IsCompressed()
    {
        using var written = Write(new string('x', 100_000), Metadata, compressAbove: 4096);
        Assert.InRange(written.Length, 1, 500);
        EntryEnvelope.TryRead(written.WrittenMemory, out var content);
        Assert.Equal((true, 100_000), (content.IsCompressed, content.PayloadBytes));
    }

    [Fact]
    public void Write_LongAndRandom_IsLeftAsItIs()
    {
        var random = new Random(1);
        var text = string.Create(10_000, random, static (span, random) =>
        {
            foreach (ref var letter in span)
                letter = (char)random.Next(1, 128);
        });
        using var written = Write(text, Metadata, compressAbove: 4096);
        EntryEnvelope.TryRead(written.WrittenMemory, out var content);
        Assert.Equal((false, text), (content.IsCompressed, content.Deserialize(new BytesAsText())));
    }

    private static PooledBuffer Write(string? text, EntryMetadata metadata, int? compressAbove = null)
    {
        var buffer = new PooledBuffer();
        EntryEnvelope.Write(buffer, metadata, text!, new BytesAsText(), compressAbove);
        return buffer;
    }

    private static void AssertSame(EntryMetadata expected, EntryMetadata actual)
    {
        Assert.Equal(expected.Tags, actual.Tags);
        Assert.Equal(expected with { Tags = [] }, actual with { Tags = [] });
    }

    private sealed class BytesAsText : IHybridCacheSerializer<string>
    {
        public string Deserialize(ReadOnlySequence<byte> source) => Encoding.UTF8.GetString(source);

        public void Serialize(string value, IBufferWriter<byte> target) => Encoding.UTF8.GetBytes(value, target);
    }
}
