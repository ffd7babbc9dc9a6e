using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace Headroom.Load.Wire;

internal enum ContentCoding : byte
{
    Identity,
    Gzip,
    Brotli,
    Other,
}

/// <summary>
/// Size of a body after undoing its Content-Encoding, without keeping the body. gzip tells it in its last four bytes (RFC 1952 §2.3.1, ISIZE,
/// modulo 2^32, of the last member); brotli has no such field and is decoded piece by piece into a scratch buffer.
/// </summary>
internal struct DecodedSize
{
    [ThreadStatic]
    private static byte[]? _scratch;

    private ContentCoding _coding;
    private uint _gzipTail;
    private BrotliDecoder _brotli;
    private byte[]? _brotliRest;
    private int _brotliRestBytes;
    private long _brotliBytes;
    private bool _brotliEnded;

    public readonly bool IsUnknown => _coding == ContentCoding.Other;

    public void Reset(ContentCoding coding)
    {
        if (_coding == ContentCoding.Brotli)
            _brotli.Dispose();
        _coding = coding;
        _gzipTail = 0;
        _brotli = default;
        _brotliBytes = 0;
        _brotliEnded = false;
        _brotliRestBytes = 0;
    }

    public void Feed(ReadOnlySpan<byte> bytes)
    {
        if (_coding == ContentCoding.Gzip)
            FeedGzip(bytes);
        else if (_coding == ContentCoding.Brotli && !_brotliEnded)
            FeedBrotli(bytes);
    }

    /// <summary>The decoded size, or the received size where it cannot be told.</summary>
    public readonly long Total(long receivedBytes) => _coding switch
    {
        ContentCoding.Gzip when receivedBytes >= 18 => _gzipTail,
        ContentCoding.Brotli => _brotliBytes,
        _ => receivedBytes,
    };

    private void FeedGzip(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= 4)
        {
            _gzipTail = BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..]);
            return;
        }

        foreach (var octet in bytes)
            _gzipTail = (_gzipTail >> 8) | ((uint)octet << 24);
    }

    private void FeedBrotli(ReadOnlySpan<byte> bytes)
    {
        var scratch = _scratch ??= new byte[64 * 1024];
        if (_brotliRestBytes > 0)
        {
            // The decoder asked for more before it took everything: it sees the rest again, joined with what came.
            var joined = new byte[_brotliRestBytes + bytes.Length];
            _brotliRest.AsSpan(0, _brotliRestBytes).CopyTo(joined);
            bytes.CopyTo(joined.AsSpan(_brotliRestBytes));
            _brotliRestBytes = 0;
            bytes = joined;
        }

        while (true)
        {
            var status = _brotli.Decompress(bytes, scratch, out var taken, out var written);
            _brotliBytes += written;
            bytes = bytes[taken..];
            if (status == OperationStatus.DestinationTooSmall)
                continue;
            if (status is OperationStatus.Done or OperationStatus.InvalidData)
            {
                _brotliEnded = true;
                return;
            }

            if (bytes.Length > 0)
            {
                _brotliRest = bytes.ToArray();
                _brotliRestBytes = bytes.Length;
            }

            return;
        }
    }
}
