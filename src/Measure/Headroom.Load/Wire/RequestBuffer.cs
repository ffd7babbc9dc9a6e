using System.Buffers;
using System.Buffers.Text;
using System.Text.Encodings.Web;

namespace Headroom.Load.Wire;

/// <summary>Where a VU's changing requests are written, one after another, into the same memory.</summary>
internal sealed class RequestBuffer : IBufferWriter<byte>
{
    private static readonly SearchValues<byte> Unreserved = SearchValues.Create(
        "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> EndsTarget = SearchValues.Create([.. Enumerable.Range(0, 0x21).Select(octet => (byte)octet), 0x7f]);

    private byte[] _bytes = new byte[512];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    public void Clear() => Length = 0;

    public void Advance(int count) => Length += count;

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        var needed = Length + Math.Max(1, sizeHint);
        if (_bytes.Length < needed)
            Array.Resize(ref _bytes, Math.Max(needed, _bytes.Length * 2));
        return _bytes.AsSpan(Length);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        GetSpan(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Length += bytes.Length;
    }

    public void Append(long number)
    {
        Utf8Formatter.TryFormat(number, GetSpan(20), out var written);
        Length += written;
    }

    /// <summary>Percent-encodes everything but unreserved characters (RFC 3986 §2.3).</summary>
    public void AppendUrlEncoded(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var plain = bytes.IndexOfAnyExcept(Unreserved);
            Append(plain < 0 ? bytes : bytes[..plain]);
            if (plain < 0)
                return;
            var escape = GetSpan(3);
            escape[0] = (byte)'%';
            escape[1] = "0123456789ABCDEF"u8[bytes[plain] >> 4];
            escape[2] = "0123456789ABCDEF"u8[bytes[plain] & 15];
            Length += 3;
            bytes = bytes[(plain + 1)..];
        }
    }

    /// <summary>Escapes for the inside of a JSON string (RFC 8259 §7).</summary>
    public void AppendJsonEscaped(ReadOnlySpan<byte> utf8)
    {
        var encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        while (!utf8.IsEmpty)
        {
            encoder.EncodeUtf8(utf8, GetSpan(Math.Max(16, utf8.Length * 2)), out var consumed, out var written);
            Length += written;
            utf8 = utf8[consumed..];
        }
    }

    public void AppendBase64(ReadOnlySpan<byte> bytes)
    {
        Base64.EncodeToUtf8(bytes, GetSpan(Base64.GetMaxEncodedToUtf8Length(bytes.Length)), out _, out var written);
        Length += written;
    }

    /// <summary>A space or line break in a target would end the request line (RFC 9112 §3): from <paramref name="start"/> on they are percent-encoded.</summary>
    public void KeepInTarget(int start)
    {
        if (Written[start..].IndexOfAny(EndsTarget) < 0)
            return;
        var text = Written[start..].ToArray();
        Length = start;
        foreach (var octet in text)
        {
            if (EndsTarget.Contains(octet))
                AppendUrlEncoded([octet]);
            else
                Append([octet]);
        }
    }

    /// <summary>A line break in a header's value would be a second header (RFC 9110 §5.5): control characters become spaces.</summary>
    public void AppendHeaderValue(ReadOnlySpan<byte> bytes)
    {
        var start = Length;
        Append(bytes);
        foreach (ref var octet in _bytes.AsSpan(start, bytes.Length))
        {
            if (octet is < 0x20 or 0x7f)
                octet = (byte)' ';
        }
    }
}
