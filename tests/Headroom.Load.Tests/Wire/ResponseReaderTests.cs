using System.Text;
using Headroom.Load.Wire;

namespace Headroom.Load.Tests.Wire;

public sealed class ResponseReaderTests(ITestOutputHelper output)
{
    private static readonly RequestImage AnyGet = new() { Bytes = default, OriginIndex = 0, Row = 0 };

    private static readonly string[] Corpus =
    [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
        "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n1a \r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nA: b\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 404 Not Found\r\nX-Cache: MISS\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.0 200 OK\r\nAge: 3\r\n\r\nuntil the end",
        "HTTP/1.1 200 OK\r\nX: folded\r\n  line\r\nContent-Length: 1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 7\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\nConnection: Keep-Alive, close\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX",
        "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n",
    ];

    /// <summary>However the bytes are cut, the reader must come to the same outcome at the same byte.</summary>
    [Fact]
    public void Feed_MutatedResponsesInRandomPieces_ReadsAsInOnePiece()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("HEADROOM_TEST_SEED"), out var given) ? given : Random.Shared.Next();
        output.WriteLine($"seed: HEADROOM_TEST_SEED={seed}");
        var random = new Random(seed);
        var whole = new ResponseReader();

        // The second reader shares what it remembers of heads with a third, as the connections of a worker do.
        var memo = new HeadMemo();
        var pieces = new ResponseReader(memo);
        var neighbour = new ResponseReader(memo);
        for (var run = 0; run < 20_000; run++)
        {
            var bytes = Mutate(Encoding.Latin1.GetBytes(Corpus[random.Next(Corpus.Length)]), random);
            var expected = Read(whole, bytes, () => bytes.Length);
            var others = Encoding.Latin1.GetBytes(Corpus[random.Next(Corpus.Length)]);
            var piecesAre = random.Next(2) == 0 ? 9 : 10_000;
            var actual = Read(pieces, bytes, () => random.Next(1, piecesAre), () => Read(neighbour, others, () => others.Length));
            Assert.True(expected == actual, $"run {run}: {Encoding.Latin1.GetString(bytes)}\nwhole {expected}\npieces {actual}");
        }
    }

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

    private static (ReadState, WireError, int, long, long, CacheOutcome, bool) Read(ResponseReader reader, byte[] bytes, Func<int> pieceBytes, Action? between = null)
    {
        reader.Begin(AnyGet, 1024);
        var position = 0L;
        var state = ReadState.NeedMore;
        for (var rest = bytes.AsSpan(); rest.Length > 0 && state == ReadState.NeedMore;)
        {
            var piece = rest[..Math.Min(pieceBytes(), rest.Length)];
            state = reader.Feed(piece, out var consumed);
            position += consumed;
            rest = rest[piece.Length..];
            between?.Invoke();
        }

        if (state == ReadState.NeedMore)
            state = reader.EndOfStream();

        // Where a failure is noticed depends on how much was seen; where a response ends does not.
        return (state, reader.Error, state == ReadState.Done ? reader.Status : 0, state == ReadState.Done ? position : 0,
            state == ReadState.Done ? reader.BodyBytes : 0, state == ReadState.Done ? reader.Cache : default, reader.KeepAlive);
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        var list = bytes.ToList();
        for (var i = random.Next(4); i > 0 && list.Count > 0; i--)
        {
            var at = random.Next(list.Count);
            switch (random.Next(5))
            {
                case 0:
                    list.RemoveAt(at);
                    break;
                case 1:
                    list[at] = (byte)random.Next(256);
                    break;
                case 2:
                    list.Insert(at, (byte)"\r\n: ;0a"[random.Next(7)]);
                    break;
                case 3:
                    list.RemoveRange(at, list.Count - at);
                    break;
                default:
                    list.AddRange(list.GetRange(at, list.Count - at));
                    break;
            }
        }

        return [.. list];
    }
}
