using System.Globalization;
using System.Text;
using Headroom.Gateway.Wire;
using Headroom.Testing;

namespace Headroom.Gateway.Tests.Wire;

public sealed class ChunkedDecoderTests(ITestOutputHelper output)
{
    /// <summary>However a body is cut into chunks and its bytes into pieces, the same body comes out, and what follows it is left.</summary>
    [Fact]
    public void Take_AnySplit_GivesTheBody()
    {
        var random = new Random(Seed.Printed(output));
        for (var run = 0; run < 1_000; run++)
        {
            var (sent, body) = RandomBody(random);
            var bytes = Encoding.Latin1.GetBytes(sent + "\r\nleft");

            var (state, decoded, taken) = Decode(bytes, run % 2 == 0 ? () => 1 : () => random.Next(1, 50));

            Assert.Equal((ChunkState.LastChunk, body), (state, decoded));
            Assert.Equal(sent.Length, taken);
        }
    }

    [Theory]
    [InlineData("5\nhello")]
    [InlineData("x\r\n")]
    [InlineData("\r\n")]
    [InlineData("-5\r\nhello")]
    [InlineData("0x5\r\nhello")]
    [InlineData("5 \r\nhello")]
    [InlineData(" 5\r\nhello")]
    [InlineData("5 x\r\nhello")]
    [InlineData("5;a\rb\r\nhello")]
    [InlineData("5;a\0b\r\nhello")]
    [InlineData("5\r\nhelloX")]
    [InlineData("5\r\nhello\n")]
    [InlineData("5\r\nhello\rX")]
    [InlineData("5\r\nhello\r\n\r\n")]
    [InlineData("FFFFFFFFFFFFFFFF\r\nhello")]
    [InlineData("10000000000000000\r\nhello")]
    public void Take_NotChunkedAsItShouldBe_IsMalformed_WhateverTheSplit(string sent)
    {
        Assert.Equal(ChunkState.Malformed, Decode(Encoding.Latin1.GetBytes(sent), () => sent.Length).State);
        Assert.Equal(ChunkState.Malformed, Decode(Encoding.Latin1.GetBytes(sent), () => 1).State);
    }

    [Fact]
    public void Take_EndlessExtension_IsMalformed()
    {
        var sent = Encoding.Latin1.GetBytes("5;" + new string('a', 20_000));

        Assert.Equal(ChunkState.Malformed, Decode(sent, () => 100).State);
    }

    [Theory]
    [InlineData("5\r\nhel")]
    [InlineData("5\r\nhello")]
    [InlineData("5\r\nhello\r")]
    [InlineData("5\r\nhello\r\n")]
    [InlineData("")]
    public void Take_CutOff_IsIncomplete(string sent) => Assert.Equal(ChunkState.Incomplete, Decode(Encoding.Latin1.GetBytes(sent), () => 1).State);

    private static (ChunkState State, string Body, int Taken) Decode(byte[] bytes, Func<int> piece)
    {
        var decoder = default(ChunkedDecoder);
        var body = new StringBuilder();
        var (start, there) = (0, 0);
        var state = ChunkState.Incomplete;
        while (true)
        {
            state = decoder.Take(bytes.AsSpan(start, there - start), out var taken, out var data);
            body.Append(Encoding.Latin1.GetString(bytes, start + taken - data, data));
            start += taken;
            if (state == ChunkState.Data)
                continue;
            if (state != ChunkState.Incomplete || there == bytes.Length)
                return (state, body.ToString(), start);
            there = Math.Min(bytes.Length, there + piece());
        }
    }

    private static (string Sent, string Body) RandomBody(Random random)
    {
        var (sent, body) = (new StringBuilder(), new StringBuilder());
        for (var chunks = random.Next(6); chunks > 0; chunks--)
        {
            var data = new string((char)random.Next(256), random.Next(1, 300));
            var size = data.Length.ToString(random.Next(2) == 0 ? "x" : "X4", CultureInfo.InvariantCulture);
            sent.Append(size).Append(random.Next(3) switch { 0 => " ; a=b", 1 => ";c", _ => "" }).Append("\r\n").Append(data).Append("\r\n");
            body.Append(data);
        }

        return (sent.Append("0\r\n").ToString(), body.ToString());
    }
}
