namespace Headroom.Gateway.Wire;

internal enum ScanState
{
    /// <summary>More bytes are needed.</summary>
    Incomplete,

    Complete,

    /// <summary>Not HTTP/1, or a line that ends otherwise than in CR LF: others could see its end in another place.</summary>
    Malformed,

    TooLarge,
}

/// <summary>Finds the end of a head, or of a trailer section, in bytes that come piece by piece. Each byte is looked at once. Pure.</summary>
/// <param name="isHead">It begins with a status line.</param>
internal struct HeadScan(bool isHead)
{
    private int _line;
    private int _next;

    /// <param name="bytes">From the first byte on, those of earlier calls among them.</param>
    /// <param name="bytesMax">Of the whole section.</param>
    /// <param name="length">Of the section, its empty line included.</param>
    public ScanState Look(ReadOnlySpan<byte> bytes, int bytesMax, out int length)
    {
        length = 0;
        if (isHead && !StartsAsHttp(bytes))
            return ScanState.Malformed;
        while (bytes[_next..].IndexOf((byte)'\n') is >= 0 and var offset)
        {
            var end = _next + offset;
            if (end == _line || bytes[end - 1] != '\r')
                return ScanState.Malformed;
            _next = end + 1;
            if (end - _line == 1)
            {
                length = _next;
                return length > bytesMax ? ScanState.TooLarge : ScanState.Complete;
            }

            _line = _next;
        }

        _next = bytes.Length;
        return bytes.Length > bytesMax ? ScanState.TooLarge : ScanState.Incomplete;
    }

    private static bool StartsAsHttp(ReadOnlySpan<byte> bytes)
    {
        var version = "HTTP/1."u8;
        return bytes.Length < version.Length ? version.StartsWith(bytes) : bytes.StartsWith(version);
    }
}
