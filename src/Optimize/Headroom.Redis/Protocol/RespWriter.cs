using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;

namespace Headroom.Redis.Protocol;

/// <summary>Writes a request (an array of strings, in RESP2 and RESP3 alike) into memory that the caller found large enough by <see cref="RequestMostBytes"/>.</summary>
internal ref struct RespWriter(Span<byte> buffer)
{
    /// <summary><c>$</c>, a length of ten digits and twice CR LF.</summary>
    public const int StringHeaderMostBytes = 16;

    /// <summary>The digits of a number that brings back its double exactly, or of a long.</summary>
    public const int NumberMostBytes = 32;

    readonly Span<byte> buffer = buffer;

    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Written => buffer[..Length];

    /// <summary>An upper bound of a request's size. Throws for arguments of which no Redis would take one.</summary>
    public static long RequestMostBytes(ReadOnlySpan<byte> command, ReadOnlySpan<RedisArgument> arguments)
    {
        long bytes = StringHeaderMostBytes + StringHeaderMostBytes + command.Length;
        foreach (ref readonly var argument in arguments)
            bytes += argument.EncodedMostBytes;
        return bytes;
    }

    /// <param name="command">The command's name, and for those of two words its second, as strings with their headers.</param>
    /// <param name="words">One, or two for a command such as <c>CLIENT ID</c>.</param>
    /// <param name="arguments">What follows.</param>
    public void WriteRequest(scoped ReadOnlySpan<byte> command, int words, scoped ReadOnlySpan<RedisArgument> arguments)
    {
        WriteHeader(RespType.Array, arguments.Length + words);
        command.CopyTo(buffer[Length..]);
        Length += command.Length;
        foreach (ref readonly var argument in arguments)
            argument.WriteTo(ref this);
    }

    public void WriteString(scoped ReadOnlySpan<byte> bytes)
    {
        WriteHeader(RespType.BulkString, bytes.Length);
        bytes.CopyTo(buffer[Length..]);
        Length += bytes.Length;
        WriteLineEnd();
    }

    public void WriteString(scoped ReadOnlySpan<char> text)
    {
        if (text.Length <= 3 * 1024 && Ascii.IsValid(text))
        {
            // Most keys: the length is known without encoding.
            WriteHeader(RespType.BulkString, text.Length);
            Ascii.FromUtf16(text, buffer[Length..], out var written);
            Length += written;
        }
        else
        {
            WriteHeader(RespType.BulkString, Encoding.UTF8.GetByteCount(text));
            Length += Encoding.UTF8.GetBytes(text, buffer[Length..]);
        }

        WriteLineEnd();
    }

    public void WriteNumber(long number)
    {
        Span<byte> digits = stackalloc byte[NumberMostBytes];
        Utf8Formatter.TryFormat(number, digits, out var length);
        WriteString(digits[..length]);
    }

    public void WriteNumber(double number)
    {
        Span<byte> digits = stackalloc byte[NumberMostBytes];
        if (!double.IsFinite(number))
            WriteString(double.IsNaN(number) ? "nan"u8 : number > 0 ? "inf"u8 : "-inf"u8);
        else if (number.TryFormat(digits, out var length, "R", System.Globalization.CultureInfo.InvariantCulture))
            WriteString(digits[..length]);
    }

    void WriteHeader(byte type, int count)
    {
        ref var at = ref MemoryMarshal.GetReference(buffer[Length..]);
        if (count < 10)
        {
            // One digit: nearly every header there is.
            var header = buffer.Slice(Length, 4);
            header[3] = (byte)'\n';
            header[2] = (byte)'\r';
            header[1] = (byte)('0' + count);
            at = type;
            Length += 4;
            return;
        }

        at = type;
        Utf8Formatter.TryFormat(count, buffer[(Length + 1)..], out var digits);
        Length += 1 + digits;
        WriteLineEnd();
    }

    void WriteLineEnd()
    {
        var end = buffer.Slice(Length, 2);
        end[1] = (byte)'\n';
        end[0] = (byte)'\r';
        Length += 2;
    }
}
