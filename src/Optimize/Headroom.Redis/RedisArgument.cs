using System.Runtime.InteropServices;
using Headroom.Redis.Protocol;

namespace Headroom.Redis;

/// <summary>
/// One argument of a command, a key among them: text (sent as UTF-8), bytes, or a number, by implicit conversion. Costs 16 bytes and no allocation. Bytes are copied while
/// the command is called, not later, so a buffer may be used again as soon as the call has returned its task. Any byte is allowed, CR, LF and NUL among them; 512 MiB at most.
/// </summary>
public readonly struct RedisArgument : IEquatable<RedisArgument>
{
    // What reference holds is the kind: string, byte[], or one of these two for a number in bits.
    static readonly object Int64Kind = new();
    static readonly object DoubleKind = new();

    readonly object? reference;
    readonly long bits;

    RedisArgument(object reference, long bits)
    {
        this.reference = reference;
        this.bits = bits;
    }

    /// <summary>Text, as UTF-8. A lone surrogate becomes U+FFFD.</summary>
    public RedisArgument(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        reference = text;
        bits = Range(0, text.Length);
    }

    /// <summary>Bytes as they are.</summary>
    public RedisArgument(ReadOnlyMemory<byte> bytes)
    {
        if (MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Array is { } array)
        {
            reference = array;
            bits = Range(segment.Offset, segment.Count);
        }
        else
        {
            // Memory that no array stands behind is rare; it costs a copy.
            reference = bytes.ToArray();
            bits = Range(0, bytes.Length);
        }
    }

    /// <summary>A part of a text, as UTF-8.</summary>
    public RedisArgument(ReadOnlyMemory<char> text)
    {
        if (MemoryMarshal.TryGetString(text, out var whole, out var start, out var length))
        {
            reference = whole;
            bits = Range(start, length);
        }
        else
        {
            reference = text.ToString();
            bits = Range(0, text.Length);
        }
    }

    /// <inheritdoc cref="RedisArgument(string)"/>
    public static implicit operator RedisArgument(string text) => new(text);

    /// <inheritdoc cref="RedisArgument(ReadOnlyMemory{byte})"/>
    public static implicit operator RedisArgument(byte[] bytes) => new(new ReadOnlyMemory<byte>(bytes ?? throw new ArgumentNullException(nameof(bytes))));

    /// <inheritdoc cref="RedisArgument(ReadOnlyMemory{byte})"/>
    public static implicit operator RedisArgument(ReadOnlyMemory<byte> bytes) => new(bytes);

    /// <inheritdoc cref="RedisArgument(ReadOnlyMemory{byte})"/>
    public static implicit operator RedisArgument(Memory<byte> bytes) => new((ReadOnlyMemory<byte>)bytes);

    /// <inheritdoc cref="RedisArgument(ReadOnlyMemory{char})"/>
    public static implicit operator RedisArgument(ReadOnlyMemory<char> text) => new(text);

    /// <summary>A whole number, in decimal digits.</summary>
    public static implicit operator RedisArgument(long number) => new(Int64Kind, number);

    /// <inheritdoc cref="op_Implicit(long)"/>
    public static implicit operator RedisArgument(int number) => new(Int64Kind, number);

    /// <summary>A number with the digits that bring it back exactly; infinities are <c>inf</c> and <c>-inf</c>.</summary>
    public static implicit operator RedisArgument(double number) => new(DoubleKind, BitConverter.DoubleToInt64Bits(number));

    /// <summary>An upper bound of what it takes in a request, its header included.</summary>
    internal long EncodedMostBytes => reference switch
    {
        string => RespWriter.StringHeaderMostBytes + (Length * 3L),
        byte[] => RespWriter.StringHeaderMostBytes + (long)Length,
        _ => RespWriter.StringHeaderMostBytes + RespWriter.NumberMostBytes,
    };

    int Start => (int)(bits >> 32);

    int Length => (int)bits;

    /// <summary>Whether both were made of the same kind and value. Text and the bytes that encode it are not equal.</summary>
    public bool Equals(RedisArgument other) => (reference, other.reference) switch
    {
        (string, string) => Text.SequenceEqual(other.Text),
        (byte[], byte[]) => Bytes.SequenceEqual(other.Bytes),
        _ => ReferenceEquals(reference, other.reference) && bits == other.bits,
    };

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RedisArgument other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        switch (reference)
        {
            case string:
                return string.GetHashCode(Text, StringComparison.Ordinal);
            case byte[]:
                var hash = default(HashCode);
                hash.AddBytes(Bytes);
                return hash.ToHashCode();
            default:
                return bits.GetHashCode();
        }
    }

    /// <summary>Whether both are equal, see <see cref="Equals(RedisArgument)"/>.</summary>
    public static bool operator ==(RedisArgument left, RedisArgument right) => left.Equals(right);

    /// <summary>Whether both differ, see <see cref="Equals(RedisArgument)"/>.</summary>
    public static bool operator !=(RedisArgument left, RedisArgument right) => !left.Equals(right);

    /// <summary>The kind and the length, never the content: arguments are keys and values, which stay out of logs.</summary>
    public override string ToString() => reference switch
    {
        string => $"text of {Length} characters",
        byte[] => $"{Length} bytes",
        null => "nothing",
        _ => "a number",
    };

    /// <summary>The bytes that are sent, without a header; <paramref name="buffer"/> has <see cref="EncodedMostBytes"/> at least.</summary>
    internal ReadOnlySpan<byte> CopyTo(Span<byte> buffer)
    {
        var writer = new RespWriter(buffer);
        WriteTo(ref writer);
        var reader = new RespReader(buffer[..writer.Length]);
        reader.Read();
        return reader.Value;
    }

    internal void WriteTo(ref RespWriter writer)
    {
        switch (reference)
        {
            case string:
                writer.WriteString(Text);
                return;
            case byte[]:
                writer.WriteString(Bytes);
                return;
            case null:
                throw new ArgumentException("An argument of the command is default(RedisArgument); give text, bytes or a number.");
            case var kind when ReferenceEquals(kind, Int64Kind):
                writer.WriteNumber(bits);
                return;
            default:
                writer.WriteNumber(BitConverter.Int64BitsToDouble(bits));
                return;
        }
    }

    ReadOnlySpan<char> Text => ((string)reference!).AsSpan(Start, Length);

    ReadOnlySpan<byte> Bytes => ((byte[])reference!).AsSpan(Start, Length);

    static long Range(int start, int length) => ((long)start << 32) | (uint)length;
}
