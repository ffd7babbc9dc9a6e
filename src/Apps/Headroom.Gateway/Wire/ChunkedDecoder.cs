using System.Buffers.Text;

namespace Headroom.Gateway.Wire;

internal enum ChunkState
{
    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>Some bytes of the body.</summary>
    Data,

    /// <summary>The last chunk was read; trailers follow.</summary>
    LastChunk,

    Malformed,
}

/// <summary>Takes a body in chunks apart (RFC 9112 §7.1), strictly: hexadecimal digits and CR LF; extensions are read over, up to a bound. Pure.</summary>
internal struct ChunkedDecoder
{
    private const int LineBytesMax = 8 * 1024;
    private const int SizeDigitsMax = 15;

    private long _left;
    private bool _isAfterData;

    /// <param name="bytes">What is there and was not taken.</param>
    /// <param name="taken">Bytes that are done with, data included.</param>
    /// <param name="data">Bytes of the body, the last of those that were taken.</param>
    public ChunkState Take(ReadOnlySpan<byte> bytes, out int taken, out int data)
    {
        (taken, data) = (0, 0);
        if (_left == 0)
        {
            if (_isAfterData)
            {
                if (bytes.Length < 2)
                    return bytes.Length == 1 && bytes[0] != '\r' ? ChunkState.Malformed : ChunkState.Incomplete;
                if (!bytes.StartsWith("\r\n"u8))
                    return ChunkState.Malformed;
                taken = 2;
                _isAfterData = false;
                bytes = bytes[2..];
            }

            var end = bytes.IndexOf((byte)'\n');
            if (end < 0)
                return bytes.Length > LineBytesMax || !MayBecomeLine(bytes) ? ChunkState.Malformed : ChunkState.Incomplete;
            if (end > LineBytesMax || end == 0 || bytes[end - 1] != '\r' || !TryParseSize(bytes[..(end - 1)], out _left))
                return ChunkState.Malformed;
            taken += end + 1;
            if (_left == 0)
                return ChunkState.LastChunk;
            bytes = bytes[(end + 1)..];
        }

        data = (int)Math.Min(_left, bytes.Length);
        taken += data;
        _left -= data;
        _isAfterData = _left == 0;
        return data == 0 ? ChunkState.Incomplete : ChunkState.Data;
    }

    /// <summary>What is no size is refused at once, not when its line has come to an end.</summary>
    private static bool MayBecomeLine(ReadOnlySpan<byte> bytes) => bytes.IsEmpty || char.IsAsciiHexDigit((char)bytes[0]);

    private static bool TryParseSize(ReadOnlySpan<byte> line, out long size)
    {
        var digits = line.IndexOfAny((byte)';', (byte)' ', (byte)'\t') is >= 0 and var end ? end : line.Length;
        size = 0;
        if (digits is 0 or > SizeDigitsMax || FieldLines.HasControl(line) || !Utf8Parser.TryParse(line[..digits], out size, out var read, 'x') || read != digits)
            return false;

        // White space only before an extension.
        var rest = line[digits..].TrimStart(" \t"u8);
        return rest.IsEmpty ? digits == line.Length : rest[0] == ';';
    }
}
