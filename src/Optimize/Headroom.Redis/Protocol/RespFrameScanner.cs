using System.Buffers.Text;
using System.Runtime.CompilerServices;

namespace Headroom.Redis.Protocol;

internal enum RespScan
{
    /// <summary>More bytes are needed; scanning goes on where it stopped.</summary>
    Incomplete,

    /// <summary>One whole reply, well formed.</summary>
    Complete,

    /// <summary>These bytes are no RESP; <see cref="RespFrameScanner.Error"/> says why.</summary>
    Malformed,
}

/// <summary>
/// Finds where one reply ends, in bytes that arrive in any pieces, and checks all of its structure, so that what parses it afterwards cannot fail for want
/// of bytes. Nothing is allocated and no byte is looked at twice, whatever the cuts: only counts of what is still missing are kept.
/// <para>1. A header line is read up to its LF. 2. A string's body is skipped by its length. 3. An array, set, map or push opens a level with the number of values it
/// still lacks; a value that ends takes one off, and a level without any ends its own value too. 4. An attribute is a level whose end is not a value: the value follows it.</para>
/// </summary>
internal struct RespFrameScanner
{
    Levels missing;
    int depth;
    int position;
    int searched;
    int bodyEnd;

    /// <summary>Why the bytes are malformed.</summary>
    public string? Error { get; private set; }

    /// <summary>The number of bytes, from the reply's first, that will complete at least what is being read; 0 when not known.</summary>
    public readonly int NeededBytes => bodyEnd;

    /// <summary>Looks at a reply from its first byte on; the same bytes, and perhaps more, after <see cref="RespScan.Incomplete"/>.</summary>
    public RespScan Scan(ReadOnlySpan<byte> bytes, out int length)
    {
        length = 0;
        while (true)
        {
            bool valueEnded;
            if (bodyEnd > 0)
            {
                if (bytes.Length < bodyEnd)
                    return RespScan.Incomplete;
                if (bytes[bodyEnd - 2] != '\r' || bytes[bodyEnd - 1] != '\n')
                    return Malformed("a string is not followed by CR LF");
                position = bodyEnd;
                bodyEnd = 0;
                valueEnded = true;
            }
            else
            {
                var lineFeed = bytes[(position + searched)..].IndexOf((byte)'\n');
                if (lineFeed < 0)
                {
                    searched = bytes.Length - position;
                    return searched > RespLimits.LineMostBytes ? Malformed($"a line is longer than {RespLimits.LineMostBytes} bytes") : RespScan.Incomplete;
                }

                var next = position + searched + lineFeed + 1;
                searched = 0;
                var line = bytes[position..next];
                if (line.Length < 3 || line[^2] != '\r')
                    return Malformed("a line is empty or does not end in CR LF");
                position = next;
                if (ReadHeader(line[0], line[1..^2], out valueEnded) is { } error)
                    return Malformed(error);
            }

            if (position > RespLimits.ReplyMostBytes || bodyEnd > RespLimits.ReplyMostBytes)
                return Malformed($"a reply is longer than {RespLimits.ReplyMostBytes} bytes");
            if (valueEnded && EndValue())
            {
                length = position;
                return RespScan.Complete;
            }
        }
    }

    /// <summary>Begins with the next reply.</summary>
    public void Reset()
    {
        depth = 0;
        position = 0;
        searched = 0;
        bodyEnd = 0;
        Error = null;
    }

    // Returns what is wrong, or null. A value has ended unless a body or elements follow.
    string? ReadHeader(byte type, ReadOnlySpan<byte> text, out bool valueEnded)
    {
        valueEnded = true;
        switch (type)
        {
            case RespType.SimpleString or RespType.SimpleError:
                return text.Contains((byte)'\r') ? "a status line contains CR" : null;
            case RespType.Integer:
                return RespNumber.TryInteger(text, out _) ? null : "an integer is not a number of 64 bits";
            case RespType.Double:
                return RespNumber.TryDouble(text, out _) ? null : "a double is not a number";
            case RespType.BigNumber:
                return RespNumber.IsBigNumber(text) ? null : "a big number has something else than digits";
            case RespType.Boolean:
                return text is [(byte)'t'] or [(byte)'f'] ? null : "a boolean is neither 't' nor 'f'";
            case RespType.Null:
                return text.IsEmpty ? null : "a null has a value";
            case RespType.BulkString or RespType.BulkError or RespType.Verbatim:
                return ReadString(type, text, out valueEnded);
            case RespType.Array or RespType.Set or RespType.Map or RespType.Push or RespType.Attribute:
                return ReadAggregate(type, text, out valueEnded);
            case RespType.StreamedPart or RespType.StreamedEnd:
                return "a streamed reply (RESP3 '?'), which this client does not read";
            default:
                return $"0x{type:x2} is not the first byte of a reply";
        }
    }

    string? ReadString(byte type, ReadOnlySpan<byte> text, out bool valueEnded)
    {
        valueEnded = false;
        if (text is [RespType.StreamedLength])
            return "a streamed string (RESP3 '$?'), which this client does not read";
        if (text is [(byte)'-', (byte)'1'] && type == RespType.BulkString)
        {
            valueEnded = true;
            return null;
        }

        if (!TryLength(text, out var length))
            return "the length of a string is not a number";
        if (length > RespLimits.BulkMostBytes)
            return $"a string of {length} bytes is longer than {RespLimits.BulkMostBytes}";
        // "txt:" comes first in a verbatim string.
        if (type == RespType.Verbatim && length < 4)
            return "a verbatim string has no format";
        if (position > RespLimits.ReplyMostBytes)
            return $"a reply is longer than {RespLimits.ReplyMostBytes} bytes";
        bodyEnd = position + (int)length + 2;
        return null;
    }

    string? ReadAggregate(byte type, ReadOnlySpan<byte> text, out bool valueEnded)
    {
        valueEnded = false;
        if (text is [RespType.StreamedLength])
            return "a streamed array, set or map (RESP3 '?'), which this client does not read";
        if (text is [(byte)'-', (byte)'1'] && type == RespType.Array)
        {
            valueEnded = true;
            return null;
        }

        if (!TryLength(text, out var count))
            return "the length of an array, set, map or push is not a number";
        if (type == RespType.Push && depth > 0)
            return "a push stands within another reply";
        if (type == RespType.Push && count == 0)
            return "a push has no kind";
        if (type is RespType.Map or RespType.Attribute)
            count *= 2;
        if (count == 0)
        {
            // Also within an attribute: an empty one is followed by its value like any other.
            valueEnded = type != RespType.Attribute;
            return null;
        }

        if (depth == RespLimits.DepthMost)
            return $"a reply nests deeper than {RespLimits.DepthMost}";
        missing[depth++] = type == RespType.Attribute ? -count : count;
        return null;
    }

    // Whether the value that ended was the whole reply.
    bool EndValue()
    {
        while (depth > 0)
        {
            ref var count = ref missing[depth - 1];
            if (count > 0)
            {
                if (--count > 0)
                    return false;
                depth--;
            }
            else
            {
                if (++count == 0)
                    depth--;
                return false;
            }
        }

        return true;
    }

    static bool TryLength(ReadOnlySpan<byte> text, out long length)
    {
        length = 0;
        return text.Length is > 0 and <= 10 && text[0] is >= (byte)'0' and <= (byte)'9'
            && Utf8Parser.TryParse(text, out length, out var consumed) && consumed == text.Length && length <= int.MaxValue;
    }

    RespScan Malformed(string error)
    {
        Error = error;
        return RespScan.Malformed;
    }

    [InlineArray(RespLimits.DepthMost)]
    struct Levels
    {
        long first;
    }
}
