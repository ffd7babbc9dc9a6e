using System.Globalization;
using System.Text;
using Headroom.Gateway.Wire;
using Headroom.Testing;

namespace Headroom.Gateway.Tests.Wire;

public sealed class AnswerHeadTests(ITestOutputHelper output)
{
    private const int HeadsMax = 64 * 1024;

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 200, 5, false, true)]
    [InlineData("HTTP/1.1 200\r\ncontent-length:5\r\n\r\n", 200, 5, false, true)]
    [InlineData("HTTP/1.1 200 \r\n\r\n", 200, -1, false, true)]
    [InlineData("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", 204, -1, false, false)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked \r\n\r\n", 200, -1, true, true)]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: x, Close\r\n\r\n", 200, -1, false, false)]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", 200, 5, false, false)]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n", 200, 5, false, true)]
    [InlineData("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n", 200, -1, true, false)]
    public void TryParse_WholeHead_SaysWhereItEnds(string head, int status, long length, bool chunked, bool keepsAlive)
    {
        Assert.True(AnswerHead.TryParse(Encoding.Latin1.GetBytes(head), out var parsed));

        Assert.Equal((status, length, chunked, keepsAlive), (parsed.Status, parsed.Length, parsed.IsChunked, parsed.KeepsAlive));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775808\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding : chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nno colon\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n: no name\r\n\r\n")]
    [InlineData("HTTP/1.1 200 O\u0001K\r\n\r\n")]
    [InlineData("HTTP/1.1 2000\r\n\r\n")]
    [InlineData("HTTP/1.1 20\r\n\r\n")]
    [InlineData("HTTP/1.1  200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 +20 OK\r\n\r\n")]
    [InlineData("HTTP/1.x 200 OK\r\n\r\n")]
    public void TryParse_CouldBeReadOtherwise_IsRefused(string head) => Assert.False(AnswerHead.TryParse(Encoding.Latin1.GetBytes(head), out _));

    [Fact]
    public void TryParse_ConnectionNamesFields_HasThem()
    {
        Assert.True(AnswerHead.TryParse("HTTP/1.1 200 OK\r\nConnection: x-a, keep-alive\r\nConnection: X-B\r\n\r\n"u8, out var parsed));

        Assert.Equal(["x-a", "X-B"], parsed.Named);
    }

    /// <summary>However the bytes of a head are split, its end is found where it is, and never before.</summary>
    [Fact]
    public void Look_AnySplit_FindsTheSameEnd()
    {
        var random = new Random(Seed.Printed(output));
        for (var run = 0; run < 2_000; run++)
        {
            var head = RandomHead(random);
            var bytes = Encoding.Latin1.GetBytes(head + "HTTP/1.1 500 next\r\n\r\n");
            var scan = new HeadScan(isHead: true);
            var there = 0;
            var length = 0;
            var state = ScanState.Incomplete;
            while (state == ScanState.Incomplete && there < bytes.Length)
            {
                there = run % 2 == 0 ? there + 1 : Math.Min(bytes.Length, there + random.Next(1, 40));
                state = scan.Look(bytes.AsSpan(0, there), HeadsMax, out length);
            }

            Assert.Equal((ScanState.Complete, head.Length), (state, length));
            Assert.True(AnswerHead.TryParse(bytes.AsSpan(0, length), out _), head);
        }
    }

    [Fact]
    public void Look_BareLineFeed_IsMalformedAtOnce()
    {
        foreach (var text in new[] { "HTTP/1.1 200 OK\n", "HTTP/1.1 200 OK\r\nX: a\n", "HTTP/1.1 200 OK\r\n\n" })
        {
            var scan = new HeadScan(isHead: true);
            var state = ScanState.Incomplete;
            for (var there = 1; there <= text.Length && state == ScanState.Incomplete; there++)
            {
                state = scan.Look(Encoding.Latin1.GetBytes(text[..there]), HeadsMax, out _);
                Assert.True(state == ScanState.Incomplete || there == text.Length);
            }

            Assert.Equal(ScanState.Malformed, state);
        }
    }

    [Theory]
    [InlineData("h")]
    [InlineData("HTTP/2")]
    [InlineData("\r")]
    [InlineData("<")]
    public void Look_NotHttp_IsMalformedWithTheFirstWrongByte(string text)
    {
        var scan = new HeadScan(isHead: true);

        Assert.Equal(ScanState.Malformed, scan.Look(Encoding.Latin1.GetBytes(text), HeadsMax, out _));
    }

    [Fact]
    public void Look_MoreThanTheBound_IsTooLarge()
    {
        var whole = Encoding.Latin1.GetBytes("HTTP/1.1 200 OK\r\nX: " + new string('a', 100) + "\r\n\r\n");

        Assert.Equal(ScanState.Complete, new HeadScan(isHead: true).Look(whole, whole.Length, out _));
        Assert.Equal(ScanState.TooLarge, new HeadScan(isHead: true).Look(whole, whole.Length - 1, out _));
        Assert.Equal(ScanState.TooLarge, new HeadScan(isHead: true).Look(whole.AsSpan(0, 100), 99, out _));
    }

    /// <summary>Random bytes are never an exception, and what is accepted has no control character in it.</summary>
    [Fact]
    public void TryParse_RandomDamage_NeverThrows()
    {
        var random = new Random(Seed.Printed(output));
        for (var run = 0; run < 5_000; run++)
        {
            var bytes = Encoding.Latin1.GetBytes(RandomHead(random));
            for (var damage = random.Next(4); damage > 0; damage--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (new HeadScan(isHead: true).Look(bytes, HeadsMax, out var length) != ScanState.Complete || !AnswerHead.TryParse(bytes.AsSpan(0, length), out _))
                continue;
            foreach (var line in Encoding.Latin1.GetString(bytes, 0, length).Split("\r\n"))
                Assert.DoesNotContain(line, c => c is (< ' ' and not '\t') or '\u007F');
        }
    }

    private static string RandomHead(Random random)
    {
        var head = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.{random.Next(2)} {random.Next(100, 1000)} Some reason\r\n"));
        for (var fields = random.Next(8); fields > 0; fields--)
            head.Append("X-").Append(random.Next(1000)).Append(random.Next(2) == 0 ? ": " : ":\t ").Append('v', random.Next(60)).Append('\u00E9').Append("\r\n");
        return head.Append("\r\n").ToString();
    }
}
