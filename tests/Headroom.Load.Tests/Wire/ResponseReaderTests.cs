using System.Text;
using Headroom.Load.Wire;

namespace Headroom.Load.Tests.Wire;

public sealed class ResponseReaderTests
{
    private static readonly RequestImage AnyGet = new() { Bytes = default, OriginIndex = 0, Row = 0 };

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", true)]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", false)]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", false)]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", false)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false)]
    public void KeepAlive_Response_SaysWhetherTheConnectionMayBeUsedAgain(string response, bool expected)
    {
        var reader = new ResponseReader();
        reader.Begin(AnyGet, 1024);
        Assert.Equal(ReadState.Done, reader.Feed(Encoding.Latin1.GetBytes(response), out _));
        Assert.Equal(expected, reader.KeepAlive);
    }

    [Fact]
    public void Feed_EndlessInterimResponses_AreRefused()
    {
        var reader = new ResponseReader();
        reader.Begin(AnyGet, 1024);
        var interim = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 100)));
        Assert.Equal(ReadState.Failed, reader.Feed(interim, out _));
    }

    [Fact]
    public void Feed_EndlessTrailersOrChunkExtension_AreRefused()
    {
        foreach (var start in new[] { "0\r\n", "5;" })
        {
            var reader = new ResponseReader();
            reader.Begin(AnyGet, 1024);
            reader.Feed(Encoding.Latin1.GetBytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + start), out _);
            var state = ReadState.NeedMore;
            for (var i = 0; i < 10_000 && state == ReadState.NeedMore; i++)
                state = reader.Feed("Name: 0123456789"u8, out _);
            Assert.Equal(ReadState.Failed, state);
        }
    }
}
