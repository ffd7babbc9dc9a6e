using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Headroom.Gateway.Wire;

/// <summary>Bytes that are to be sent, in an array from the pool.</summary>
internal sealed class OutputBuffer : IDisposable
{
    private const int FirstBytes = 2 * 1024;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(FirstBytes);
    private int _length;

    public int Length => _length;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    public void Clear() => _length = 0;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Each character is one byte; there are none above U+00FF.</summary>
    public void Write(string text)
    {
        Reserve(text.Length);
        _length += Encoding.Latin1.GetBytes(text, _bytes.AsSpan(_length));
    }

    public void Write(long number, char format = 'D')
    {
        Reserve(20);
        Utf8Formatter.TryFormat(number, _bytes.AsSpan(_length), out var written, format);
        _length += written;
    }

    public void WriteField(string name, string value)
    {
        Write(name);
        Write(": "u8);
        Write(value);
        Write("\r\n"u8);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        (_bytes, _length) = ([], 0);
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - _length >= count)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_bytes.Length * 2, _length + count));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
