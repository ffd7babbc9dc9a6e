using System.Text;

namespace Headroom.Load.Tests.Wire;

/// <summary>Responses as servers send them, and those that once were misread: corpus/*.http, byte for byte.</summary>
internal static class ResponseCorpus
{
    public static (string Name, byte[] Bytes)[] All { get; } =
        [.. Directory.EnumerateFiles(RepositoryRoot.Combine("tests", "Headroom.Load.Tests", "Wire", "corpus"), "*.http").Order(StringComparer.Ordinal)
            .Select(file => (Path.GetFileNameWithoutExtension(file), File.ReadAllBytes(file)))];
}

/// <summary>Makes broken and unusual responses out of the corpus: the same seed makes the same ones.</summary>
internal sealed class ResponseMutator(int seed)
{
    /// <summary>Below the reader's limits, which have tests of their own: the reference knows none.</summary>
    private const int BytesMax = 4096;

    private static readonly byte[][] Words =
        [.. new[]
        {
            "\r\n", "\n", "\r", "\r\n\r\n", "\n\n", ":", " ", "\t", ";", ",", "0", "1", "9", "f", "F", "ffff", "FFFFFFFFFFFFFFFF", "-1", "+5", "0x5", "\0", "\u007f", "\u00ff", "\"",
            "chunked", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip\r\n", "Transfer-Encoding:\r\n chunked\r\n", "Content-Length: 5\r\n", "Content-Length: 0\r\n",
            "Content-Length: 99999999999999999999\r\n", "Content-Length : 5\r\n", "Connection: close\r\n", "Connection: keep-alive\r\n", "HTTP/1.1 ", "HTTP/1.0 200 OK\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/2 200\r\n", " folded\r\n", "0\r\n\r\n", "5\r\nhello\r\n", "data", "data: x\n\n", ": c\n\n", "Content-Type: text/event-stream\r\n",
        }.Select(Encoding.Latin1.GetBytes)];

    private readonly Random _random = new(seed);
    private byte[] _bytes = new byte[2 * BytesMax];
    private int _length;

    public Random Random => _random;

    /// <summary>How many responses a slow test tries: HEADROOM_FUZZ_COUNT, or <paramref name="usually"/>.</summary>
    public static int Count(int usually) => int.TryParse(Environment.GetEnvironmentVariable("HEADROOM_FUZZ_COUNT"), out var given) ? given : usually;

    /// <summary>The next response; valid until the next call.</summary>
    public ReadOnlySpan<byte> Next()
    {
        var start = ResponseCorpus.All[_random.Next(ResponseCorpus.All.Length)].Bytes;
        start.CopyTo(_bytes, 0);
        _length = start.Length;
        for (var i = _random.Next(5); i > 0; i--)
            Mutate();
        return _bytes.AsSpan(0, _length);
    }

    private void Mutate()
    {
        if (_length == 0)
            return;
        var at = _random.Next(_length);
        var count = Math.Min(_random.Next(1, 20), _length - at);
        switch (_random.Next(10))
        {
            case 0:
                Replace(at, 1, []);
                break;
            case 1:
                _bytes[at] = (byte)_random.Next(256);
                break;
            case 2:
            case 3:
                Replace(at, 0, Words[_random.Next(Words.Length)]);
                break;
            case 4:
                _length = at;
                break;
            case 5:
                Replace(at, count, []);
                break;
            case 6:
                Replace(_random.Next(_length), 0, _bytes.AsSpan(at, count).ToArray());
                break;
            case 7:
                _bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 8:
                var other = ResponseCorpus.All[_random.Next(ResponseCorpus.All.Length)].Bytes;
                Replace(at, _length - at, other.AsSpan(_random.Next(other.Length)));
                break;
            default:
                Replace(at, Math.Min(count, 3), Words[_random.Next(Words.Length)]);
                break;
        }
    }

    private void Replace(int at, int removed, ReadOnlySpan<byte> put)
    {
        if (_length - removed + put.Length > BytesMax)
            return;
        Buffer.BlockCopy(_bytes, at + removed, _bytes, at + put.Length, _length - at - removed);
        put.CopyTo(_bytes.AsSpan(at));
        _length += put.Length - removed;
    }
}
