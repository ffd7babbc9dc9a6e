using Headroom.Http.Compression;

namespace Headroom.Http.Tests.Compression;

public sealed class ContentDecoderTests
{
    public static TheoryData<string> Codings => ["gzip", "br", "deflate"];

    [Theory]
    [MemberData(nameof(Codings))]
    public async Task Decode_AnyContent_InAnyReads_IsTheSame(string coding)
    {
        var random = new Random(Seed.Printed(TestContext.Current.TestOutputHelper!));
        for (var round = 0; round < 60; round++)
        {
            var content = Content(random, random.Next(random.Next(2) == 0 ? 50 : 100_000));
            Assert.Equal(content, await ReadAsync(Encoded.Encode(content, coding), coding, random));
        }
    }

    [Theory]
    [MemberData(nameof(Codings))]
    public async Task Decode_ContentThatBreaksOffAnywhere_Throws(string coding)
    {
        var random = new Random(Seed.Printed(TestContext.Current.TestOutputHelper!));
        foreach (var length in new[] { 1, 40, 700, 5000, 40_000 })
        {
            var encoded = Encoded.Encode(Content(random, length), coding);
            for (var kept = 1; kept < encoded.Length; kept += 1 + (encoded.Length / 60))
            {
                var broken = encoded[..kept];
                await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(broken, coding, random));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Codings))]
    public async Task Decode_Noise_ThrowsOrEnds(string coding)
    {
        var random = new Random(Seed.Printed(TestContext.Current.TestOutputHelper!));
        for (var round = 0; round < 300; round++)
        {
            var encoded = Encoded.Encode(Content(random, random.Next(1, 3000)), coding);
            encoded[random.Next(encoded.Length)] ^= (byte)(1 << random.Next(8));
            // A flipped bit may hit what does not matter; anything but another exception is fine.
            try
            {
                await ReadAsync(encoded, coding, random);
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    [Fact]
    public async Task Decode_GzipMembersBehindEachOther_AreOneContent()
    {
        var random = new Random(Seed.Printed(TestContext.Current.TestOutputHelper!));
        byte[] first = Content(random, 3000), second = Content(random, 5000);
        byte[] both = [.. Encoded.Encode(first, "gzip"), .. Encoded.Encode(second, "gzip")];
        byte[] expected = [.. first, .. second];
        Assert.Equal(expected, await ReadAsync(both, "gzip", random));
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(both[..^9], "gzip", random));
    }

    static async Task<byte[]> ReadAsync(byte[] encoded, string coding, Random random)
    {
        await using var decoder = ContentDecoder.TryDecode([coding], new Trickle(encoded, random))!;
        using var decoded = new MemoryStream();
        var chunk = new byte[random.Next(1, 10_000)];
        while (true)
        {
            var count = random.Next(2) == 0 ? await decoder.ReadAsync(chunk, TestContext.Current.CancellationToken) : decoder.Read(chunk);
            if (count == 0)
                return decoded.ToArray();
            decoded.Write(chunk, 0, count);
        }
    }

    static byte[] Content(Random random, int length)
    {
        var content = new byte[length];
        random.NextBytes(content.AsSpan(0, length / (1 + random.Next(4))));
        return content;
    }

    /// <summary>As a network gives it: as much as there happens to be.</summary>
    sealed class Trickle(byte[] content, Random random) : ReadOnlyStream
    {
        int at;

        public override int Read(Span<byte> buffer)
        {
            var count = Math.Min(Math.Min(buffer.Length, content.Length - at), random.Next(1, 3000));
            content.AsSpan(at, count).CopyTo(buffer);
            at += count;
            return count;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));
    }
}
