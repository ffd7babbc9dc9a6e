namespace Headroom.Load.Wire;

/// <summary>What of a response a request asks to keep.</summary>
[Flags]
internal enum Capture : byte
{
    None = 0,
    Head = 1,
    Body = 2,
}

/// <summary>
/// The parts of one response that its request asked to keep. Belongs to a connection and is used again for its next response; buffers grow to what was
/// needed and are given back above 64 KiB.
/// </summary>
internal sealed class CapturedResponse
{
    private const int KeptBytesMax = 64 * 1024;

    private byte[] _head = [];
    private int _headBytes;
    private byte[] _body = [];
    private int _bodyBytes;
    private long _bodyBytesMax;

    public Capture Wanted { get; private set; }

    /// <summary>Status line and headers of the final response, its empty line included.</summary>
    public ReadOnlySpan<byte> Head => _head.AsSpan(0, _headBytes);

    /// <summary>The body with chunk framing removed, still content-encoded.</summary>
    public ReadOnlySpan<byte> Body => _body.AsSpan(0, _bodyBytes);

    public ContentCoding Coding { get; private set; }

    /// <summary>The body was longer than what is kept.</summary>
    public bool IsTruncated { get; private set; }

    public void Begin(Capture wanted, long bodyBytesMax)
    {
        Wanted = wanted;
        _bodyBytesMax = bodyBytesMax;
        _headBytes = 0;
        _bodyBytes = 0;
        IsTruncated = false;
        Coding = ContentCoding.Identity;
        if (_body.Length > KeptBytesMax)
            _body = [];
    }

    public void TakeHead(ReadOnlySpan<byte> head, ContentCoding coding)
    {
        Coding = coding;
        if ((Wanted & Capture.Head) == Capture.None)
            return;
        _headBytes = 0;
        Append(ref _head, ref _headBytes, head);
    }

    public void TakeBody(ReadOnlySpan<byte> bytes)
    {
        if ((Wanted & Capture.Body) == Capture.None)
            return;
        var room = _bodyBytesMax - _bodyBytes;
        if (bytes.Length > room)
        {
            bytes = bytes[..(int)room];
            IsTruncated = true;
        }

        Append(ref _body, ref _bodyBytes, bytes);
    }

    private static void Append(ref byte[] buffer, ref int length, ReadOnlySpan<byte> bytes)
    {
        if (buffer.Length < length + bytes.Length)
            Array.Resize(ref buffer, Math.Max(1024, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(length + bytes.Length))));
        bytes.CopyTo(buffer.AsSpan(length));
        length += bytes.Length;
    }
}
