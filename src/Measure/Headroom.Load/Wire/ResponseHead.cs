using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace Headroom.Load.Wire;

/// <summary>Status line and the few headers that decide framing and are counted (RFC 9112 §4–§6). Lines may end in CRLF or a bare LF (§2.2).</summary>
internal sealed class ResponseHead
{
    private static readonly SearchValues<byte> TokenBytes = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    public int Status { get; private set; }

    /// <summary>Whether the connection persists (RFC 9112 §9.3): close wins over keep-alive, and HTTP/1.0 has to ask for it.</summary>
    public bool KeepAlive => !_closes && (_keepsAlive || !IsHttp10);

    public bool IsHttp10 => _minorVersion == '0';

    /// <summary>-1 when absent.</summary>
    public long ContentLength { get; private set; }

    public bool HasTransferEncoding { get; private set; }

    public bool IsChunked { get; private set; }

    public ContentCoding Coding { get; private set; }

    /// <summary>The body is text/event-stream.</summary>
    public bool IsEventStream { get; private set; }

    public CacheOutcome Cache => _cacheStatus != CacheOutcome.Untold ? _cacheStatus
        : _xCache != CacheOutcome.Untold ? _xCache
        : _hasAge ? CacheOutcome.HitByAge
        : CacheOutcome.Untold;

    private byte _minorVersion;
    private bool _closes;
    private bool _keepsAlive;
    private CacheOutcome _cacheStatus;
    private CacheOutcome _xCache;
    private bool _hasAge;

    public void Clear()
    {
        Status = 0;
        _closes = false;
        _keepsAlive = false;
        ContentLength = -1;
        HasTransferEncoding = false;
        IsChunked = false;
        Coding = ContentCoding.Identity;
        IsEventStream = false;
        _cacheStatus = CacheOutcome.Untold;
        _xCache = CacheOutcome.Untold;
        _hasAge = false;
    }

    public void CopyFrom(ResponseHead other)
    {
        Status = other.Status;
        ContentLength = other.ContentLength;
        HasTransferEncoding = other.HasTransferEncoding;
        IsChunked = other.IsChunked;
        Coding = other.Coding;
        IsEventStream = other.IsEventStream;
        _minorVersion = other._minorVersion;
        _closes = other._closes;
        _keepsAlive = other._keepsAlive;
        _cacheStatus = other._cacheStatus;
        _xCache = other._xCache;
        _hasAge = other._hasAge;
    }

    /// <summary>Length of the head including its empty line, or -1. Searches from <paramref name="from"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int FindEnd(ReadOnlySpan<byte> bytes, int from)
    {
        while (true)
        {
            var lineFeed = bytes[from..].IndexOf((byte)'\n');
            if (lineFeed < 0)
                return -1;
            from += lineFeed + 1;
            if (from < bytes.Length && bytes[from] == '\n')
                return from + 1;
            if (from + 1 < bytes.Length && bytes[from] == '\r' && bytes[from + 1] == '\n')
                return from + 2;
        }
    }

    /// <summary>Reads a whole head. Returns the error that makes it unusable, or none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public WireError Parse(ReadOnlySpan<byte> head)
    {
        if (!TryTakeLine(ref head, out var line) || !ParseStatusLine(line))
            return WireError.BadStatusLine;
        var previousFrames = false;
        while (true)
        {
            if (!TryTakeLine(ref head, out line))
                return WireError.BadHeader;
            if (line.IsEmpty)
                return WireError.None;
            if (line[0] is (byte)' ' or (byte)'\t')
            {
                // Folded lines are obsolete (§5.2): tolerated, but never in a header that frames the body or ends the connection.
                if (previousFrames)
                    return WireError.BadHeader;
                continue;
            }

            var colon = line.IndexOf((byte)':');
            if (colon <= 0 || line[..colon].ContainsAnyExcept(TokenBytes))
                return WireError.BadHeader;
            var error = Take(line[..colon], Trim(line[(colon + 1)..]), out previousFrames);
            if (error != WireError.None)
                return error;
        }
    }

    /// <summary>False where a NUL, or a CR that ends no line, stands in it: different recipients read those differently (RFC 9110 §5.5, RFC 9112 §2.2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool TryTakeLine(ref ReadOnlySpan<byte> head, out ReadOnlySpan<byte> line)
    {
        // One search finds the end and whatever must not stand before it. The head ends in an LF.
        var end = head.IndexOfAny((byte)'\n', (byte)'\r', (byte)0);
        line = head[..end];
        var lineFeed = head[end] == '\r' ? end + 1 : end;
        if (head[lineFeed] != '\n')
            return false;
        head = head[(lineFeed + 1)..];
        return true;
    }

    private bool ParseStatusLine(ReadOnlySpan<byte> line)
    {
        // HTTP/1.1 200 OK; the reason and the space before it may be missing.
        if (line.Length < 12 || !line.StartsWith("HTTP/1."u8) || !IsDigit(line[7]) || line[8] != ' ')
            return false;
        if (!IsDigit(line[9]) || !IsDigit(line[10]) || !IsDigit(line[11]) || (line.Length > 12 && line[12] != ' '))
            return false;
        Status = ((line[9] - '0') * 100) + ((line[10] - '0') * 10) + (line[11] - '0');
        _minorVersion = line[7];
        return Status >= 100;
    }

    /// <summary>Looks at a header only when its length is that of one we count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private WireError Take(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, out bool frames)
    {
        frames = false;
        switch (name.Length)
        {
            case 3 when Is(name, "Age"u8):
                _hasAge = true;
                break;
            case 7 when Is(name, "X-Cache"u8):
                _xCache = OutcomeOfXCache(value, _xCache);
                break;
            case 10 when Is(name, "Connection"u8):
                frames = true;
                TakeConnection(value);
                break;
            case 12 when Is(name, "Cache-Status"u8):
                _cacheStatus = OutcomeOfCacheStatus(value, _cacheStatus);
                break;
            case 12 when Is(name, "Content-Type"u8):
                IsEventStream = IsMediaType(value, "text/event-stream"u8);
                break;
            case 14 when Is(name, "Content-Length"u8):
                frames = true;
                return TakeContentLength(value);
            case 16 when Is(name, "Content-Encoding"u8):
                Coding = CodingOf(value);
                break;
            case 17 when Is(name, "Transfer-Encoding"u8):
                frames = true;
                HasTransferEncoding = true;
                return TakeTransferEncoding(value);
        }

        return WireError.None;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private WireError TakeContentLength(ReadOnlySpan<byte> value)
    {
        // At most 18 digits: no overflow. A repeated equal value is tolerated (RFC 9110 §8.6), a different one is not.
        if (value.IsEmpty || value.Length > 18 || value.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return WireError.BadContentLength;
        long length = 0;
        foreach (var octet in value)
            length = (length * 10) + (octet - '0');
        if (ContentLength >= 0 && ContentLength != length)
            return WireError.BadContentLength;
        ContentLength = length;
        return WireError.None;
    }

    /// <summary>
    /// A list of codings, of which the last decides (RFC 9112 §6.3); empty members count for nothing, so that "chunked," is chunked (RFC 9110 §5.6.1). One that is
    /// no name, or one after chunked, leaves open where the body ends: recipients differ.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private WireError TakeTransferEncoding(ReadOnlySpan<byte> value)
    {
        foreach (var range in value.Split((byte)','))
        {
            var coding = Trim(value[range]);
            if (coding.IsEmpty)
                continue;
            if (IsChunked || coding.ContainsAnyExcept(TokenBytes))
                return WireError.BadHeader;
            IsChunked = Is(coding, "chunked"u8);
        }

        return WireError.None;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TakeConnection(ReadOnlySpan<byte> value)
    {
        foreach (var range in value.Split((byte)','))
        {
            var option = Trim(value[range]);
            if (Is(option, "close"u8))
                _closes = true;
            else if (Is(option, "keep-alive"u8))
                _keepsAlive = true;
        }
    }

    /// <summary>
    /// A hit at any cache on the way is a hit (RFC 9211 §2.1), and so is the shared answer of another request (<c>collapsed</c>, §2.6), for which the origin did not run; a list without one says that the request went
    /// forward. One that went forward for its method's sake (<c>fwd=method</c>), a write, is none that a cache could have answered: it counts neither way.
    /// </summary>
    private static CacheOutcome OutcomeOfCacheStatus(ReadOnlySpan<byte> value, CacheOutcome soFar)
    {
        // Members are parted by commas; each is a cache's name and parameters behind semicolons; quoted strings may hold either.
        var isName = true;
        var isForMethod = false;
        var quoted = false;
        var start = 0;
        for (var i = 0; i <= value.Length; i++)
        {
            var octet = i < value.Length ? value[i] : (byte)',';
            if (octet == '"')
                quoted = !quoted;
            if (i < value.Length && (quoted || octet is not ((byte)',' or (byte)';')))
                continue;
            var word = Trim(value[start..i]);
            if (!isName && (Is(word, "hit"u8) || Is(word, "hit=?1"u8) || Is(word, "collapsed"u8) || Is(word, "collapsed=?1"u8)))
                return CacheOutcome.Hit;
            isForMethod |= !isName && Is(word, "fwd=method"u8);
            isName = octet == ',';
            start = i + 1;
        }

        return soFar != CacheOutcome.Untold || isForMethod ? soFar : CacheOutcome.Miss;
    }

    private static CacheOutcome OutcomeOfXCache(ReadOnlySpan<byte> value, CacheOutcome soFar)
    {
        Span<byte> lower = stackalloc byte[64];
        var length = Math.Min(value.Length, lower.Length);
        if (Ascii.ToLower(value[..length], lower, out _) != OperationStatus.Done)
            return soFar;
        return lower[..length].IndexOf("hit"u8) >= 0 || soFar == CacheOutcome.Hit ? CacheOutcome.Hit : CacheOutcome.Miss;
    }

    private static ContentCoding CodingOf(ReadOnlySpan<byte> value) =>
        Is(value, "br"u8) ? ContentCoding.Brotli
        : Is(value, "gzip"u8) || Is(value, "x-gzip"u8) ? ContentCoding.Gzip
        : value.IsEmpty || Is(value, "identity"u8) ? ContentCoding.Identity
        : ContentCoding.Other;

    /// <summary>Without its parameters (RFC 9110 §8.3.1).</summary>
    private static bool IsMediaType(ReadOnlySpan<byte> value, ReadOnlySpan<byte> expected) =>
        value.Length >= expected.Length && Is(value[..expected.Length], expected) && (value.Length == expected.Length || value[expected.Length] is (byte)';' or (byte)' ' or (byte)'\t');

    private static bool Is(ReadOnlySpan<byte> value, ReadOnlySpan<byte> expected) => Ascii.EqualsIgnoreCase(value, expected);

    private static bool IsDigit(byte octet) => octet is >= (byte)'0' and <= (byte)'9';

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> value) => value.Trim(" \t"u8);
}
