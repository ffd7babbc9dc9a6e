using System.Runtime.CompilerServices;

namespace Headroom.Load.Wire;

internal enum ReadState : byte
{
    NeedMore,
    Done,
    Failed,
}

/// <summary>
/// Reads one response after another off a connection, from whatever pieces the socket gives, and keeps only what is counted. After RFC 9112:
/// <list type="number">
/// <item>head lines up to the empty one (§2.2, §4, §5), interim 1xx heads skipped (RFC 9110 §15.2);</item>
/// <item>the body's length decided by method, status, Transfer-Encoding, Content-Length, or the end of the connection (§6.3);</item>
/// <item>body bytes counted, chunk framing undone (§7.1), trailers skipped;</item>
/// <item>the connection judged reusable or not (§9.3).</item>
/// </list>
/// A body is never held, and a head at most <see cref="HeadBytesMax"/>.
/// </summary>
internal sealed class ResponseReader
{
    /// <summary>Longest head (status line and headers, or trailers) accepted.</summary>
    public const int HeadBytesMax = 64 * 1024;

    /// <summary>Longest chunk-size line, extensions included.</summary>
    private const int ChunkLineBytesMax = 16 * 1024;

    /// <summary>Most interim responses before the final one.</summary>
    private const int InterimResponsesMax = 64;

    private enum Stage : byte
    {
        Head,
        FixedBody,
        BodyUntilClose,
        ChunkSize,
        ChunkExtension,
        ChunkData,
        ChunkDataEnd,
        Trailers,
    }

    private readonly ResponseHead _head = new();
    private readonly HeadMemo? _memo;
    private byte[] _carry = [];
    private int _carried;
    private Stage _stage;
    private bool _isHead;
    private long _remaining;
    private int _lineBytes;
    private byte _lineFirst;
    private int _trailerBytes;
    private int _chunkDigits;
    private bool _chunkSizeEnded;
    private int _interimResponses;
    private DecodedSize _decodedSize;
    private CapturedResponse? _captured;
    private bool _captures;
    private bool _countsEvents;
    private int _eventsMax;
    private bool _hasEnoughEvents;
    private EventCounter _events;

    /// <param name="memo">Remembers the last head for all connections of a worker; null reads every head anew.</param>
    public ResponseReader(HeadMemo? memo = null)
    {
        _memo = memo;
    }

    public int Status => _head.Status;

    public WireError Error { get; private set; }

    public CacheOutcome Cache => _head.Cache;

    public long BodyBytes { get; private set; }

    public long DecodedBodyBytes => _decodedSize.Total(BodyBytes);

    public bool UnknownCoding => _decodedSize.IsUnknown;

    /// <summary>Server-sent events so far; of an encoded body none is seen.</summary>
    public long Events { get; private set; }

    /// <summary>When the first event was complete; 0 before that.</summary>
    public long FirstEventNs { get; private set; }

    /// <summary>Whether the connection may carry another exchange. Known once a response is done.</summary>
    public bool KeepAlive { get; private set; }

    /// <summary>Whether any byte of the current response has been read.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>What the request asked to keep of the response; null when that is nothing.</summary>
    public CapturedResponse? Captured => _captures ? _captured : null;

    /// <param name="request">What the response answers.</param>
    /// <param name="captureBytesMax">Longest body that is kept.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Begin(RequestImage request, long captureBytesMax)
    {
        _isHead = request.IsHead;
        _captures = request.Capture != Capture.None;
        if (_captures)
            (_captured ??= new CapturedResponse()).Begin(request.Capture, captureBytesMax);
        _stage = Stage.Head;
        _carried = 0;
        _interimResponses = 0;
        _decodedSize.Reset(ContentCoding.Identity);
        _head.Clear();
        Error = WireError.None;
        BodyBytes = 0;
        _countsEvents = false;
        _hasEnoughEvents = false;
        _eventsMax = request.EventsMax;
        Events = 0;
        FirstEventNs = 0;
        KeepAlive = false;
        HasBegun = false;
    }

    /// <summary>Takes the next bytes off the socket. When done, bytes after the response stay unconsumed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public ReadState Feed(ReadOnlySpan<byte> data, out int consumed)
    {
        consumed = 0;
        if (data.Length > 0)
            HasBegun = true;
        while (true)
        {
            var rest = data[consumed..];
            if (rest.IsEmpty)
                return ReadState.NeedMore;
            var state = _stage switch
            {
                Stage.Head => ReadHead(rest, ref consumed),
                Stage.FixedBody => ReadFixedBody(rest, ref consumed),
                Stage.BodyUntilClose => ReadBodyUntilClose(rest, ref consumed),
                Stage.ChunkSize => ReadChunkSize(rest, ref consumed),
                Stage.ChunkExtension => ReadChunkExtension(rest, ref consumed),
                Stage.ChunkData => ReadChunkData(rest, ref consumed),
                Stage.ChunkDataEnd => ReadChunkDataEnd(rest, ref consumed),
                _ => ReadTrailers(rest, ref consumed),
            };
            if (state is { } ended)
            {
                // What follows the last event that was asked for is not looked at: the connection is given up.
                if (_hasEnoughEvents)
                    consumed = data.Length;
                return ended;
            }
        }
    }

    /// <summary>The peer closed its side. Ends a body that runs until then; anything else was cut short.</summary>
    public ReadState EndOfStream()
    {
        if (_stage == Stage.BodyUntilClose)
        {
            KeepAlive = false;
            return ReadState.Done;
        }

        return Fail(HasBegun ? WireError.PrematureEnd : WireError.ConnectionClosed);
    }

    // Each reader below takes what it can from the rest, adds it to consumed, and returns null to go on with the next stage.

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ReadState? ReadHead(ReadOnlySpan<byte> rest, ref int consumed)
    {
        int headBytes;
        if (_carried == 0)
        {
            if (_memo is not null && _memo.TryRecall(rest, out headBytes))
            {
                // Copied: another connection may replace what is remembered before this response ends.
                _head.CopyFrom(_memo.Head);
                consumed += headBytes;
                return EndHead(WireError.None, rest[..headBytes]);
            }

            headBytes = ResponseHead.FindEnd(rest, 0);
            if (headBytes < 0)
                return Carry(rest, ref consumed);
            if (headBytes > HeadBytesMax)
                return Fail(WireError.HeadTooLarge);
            consumed += headBytes;
            var error = _head.Parse(rest[..headBytes]);
            if (error == WireError.None)
                _memo?.Remember(rest[..headBytes], _head);
            return EndHead(error, rest[..headBytes]);
        }

        // A head in pieces: join them, and search again only from where the end could have begun.
        var before = _carried;
        var take = Math.Min(rest.Length, HeadBytesMax + 1 - before);
        Append(rest[..take]);
        headBytes = ResponseHead.FindEnd(_carry.AsSpan(0, _carried), Math.Max(0, before - 2));
        if (headBytes < 0)
        {
            consumed += take;
            return _carried > HeadBytesMax ? Fail(WireError.HeadTooLarge) : ReadState.NeedMore;
        }

        consumed += headBytes - before;
        _carried = 0;
        return EndHead(_head.Parse(_carry.AsSpan(0, headBytes)), _carry.AsSpan(0, headBytes));
    }

    private ReadState? Carry(ReadOnlySpan<byte> rest, ref int consumed)
    {
        if (rest.Length > HeadBytesMax)
            return Fail(WireError.HeadTooLarge);
        Append(rest);
        consumed += rest.Length;
        return ReadState.NeedMore;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_carry.Length < _carried + bytes.Length)
            Array.Resize(ref _carry, Math.Max(1024, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(_carried + bytes.Length))));
        bytes.CopyTo(_carry.AsSpan(_carried));
        _carried += bytes.Length;
    }

    /// <summary>Decides how the body ends, in the order of RFC 9112 §6.3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ReadState? EndHead(WireError error, ReadOnlySpan<byte> head)
    {
        if (error != WireError.None)
            return Fail(error);
        KeepAlive = _head.KeepAlive;
        var status = _head.Status;
        if (status == 101)
            return Fail(WireError.UnexpectedUpgrade);
        if (status < 200)
        {
            _head.Clear();
            return ++_interimResponses > InterimResponsesMax ? Fail(WireError.BadHeader) : null;
        }

        if (_captures)
            _captured!.TakeHead(head, _head.Coding);
        if (_isHead || status is 204 or 304)
            return ReadState.Done;

        _decodedSize.Reset(_head.Coding);
        if (_head.IsEventStream && _head.Coding == ContentCoding.Identity)
        {
            _countsEvents = true;
            _events = default;
        }

        if (_head.HasTransferEncoding)
        {
            // A length beside a transfer coding is an attempt at smuggling or a mistake: read as chunked, reuse nothing. Where it is not chunked either,
            // recipients differ in which of the two they follow, so neither is. HTTP/1.0 has no transfer codings, so that there the framing is doubtful (§6.1).
            if (_head.ContentLength >= 0 && !_head.IsChunked)
                return Fail(WireError.BadContentLength);
            if (_head.ContentLength >= 0 || _head.IsHttp10)
                KeepAlive = false;
            if (_head.IsChunked)
                BeginChunk();
            else
                _stage = Stage.BodyUntilClose;
            return null;
        }

        if (_head.ContentLength == 0)
            return ReadState.Done;
        _remaining = _head.ContentLength;
        _stage = _head.ContentLength > 0 ? Stage.FixedBody : Stage.BodyUntilClose;
        return null;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ReadState? ReadFixedBody(ReadOnlySpan<byte> rest, ref int consumed)
    {
        var take = (int)Math.Min(_remaining, rest.Length);
        CountBody(rest[..take], ref consumed);
        _remaining -= take;
        return _remaining == 0 || _hasEnoughEvents ? ReadState.Done : ReadState.NeedMore;
    }

    private ReadState? ReadBodyUntilClose(ReadOnlySpan<byte> rest, ref int consumed)
    {
        CountBody(rest, ref consumed);
        return _hasEnoughEvents ? ReadState.Done : ReadState.NeedMore;
    }

    private void BeginChunk()
    {
        _stage = Stage.ChunkSize;
        _remaining = 0;
        _chunkDigits = 0;
        _chunkSizeEnded = false;
        _lineBytes = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ReadState? ReadChunkSize(ReadOnlySpan<byte> rest, ref int consumed)
    {
        foreach (var octet in rest)
        {
            var digit = HexDigit(octet);
            if (digit >= 0 && !_chunkSizeEnded)
            {
                // 15 digits of hex are below 2^60: no overflow, and no body is that long.
                if (++_chunkDigits > 15)
                    return Fail(WireError.BadChunk);
                _remaining = (_remaining << 4) | (uint)digit;
                consumed++;
                continue;
            }

            if (_chunkDigits == 0)
                return Fail(WireError.BadChunk);
            if (octet is (byte)' ' or (byte)'\t')
            {
                _chunkSizeEnded = true;
                if (++_lineBytes > ChunkLineBytesMax)
                    return Fail(WireError.BadChunk);
                consumed++;
                continue;
            }

            if (octet is not ((byte)'\r' or (byte)'\n' or (byte)';'))
                return Fail(WireError.BadChunk);
            _lineBytes = octet == '\r' ? -1 : _lineBytes;
            if (octet != '\n')
                consumed++;
            _stage = Stage.ChunkExtension;
            return null;
        }

        return ReadState.NeedMore;
    }

    /// <summary>Skips to the end of the chunk-size line. A line length of -1 says that CR was read, so that only LF may follow.</summary>
    private ReadState? ReadChunkExtension(ReadOnlySpan<byte> rest, ref int consumed)
    {
        var end = rest.IndexOf((byte)'\n');
        if (_lineBytes < 0 && end != 0)
            return Fail(WireError.BadChunk);
        _lineBytes += end < 0 ? rest.Length : 0;
        if (_lineBytes > ChunkLineBytesMax || end > ChunkLineBytesMax)
            return Fail(WireError.BadChunk);
        consumed += end < 0 ? rest.Length : end + 1;
        if (end < 0)
            return ReadState.NeedMore;
        _lineBytes = 0;
        _trailerBytes = 0;
        _stage = _remaining == 0 ? Stage.Trailers : Stage.ChunkData;
        return null;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ReadState? ReadChunkData(ReadOnlySpan<byte> rest, ref int consumed)
    {
        var take = (int)Math.Min(_remaining, rest.Length);
        CountBody(rest[..take], ref consumed);
        _remaining -= take;
        if (_hasEnoughEvents)
            return ReadState.Done;
        if (_remaining > 0)
            return ReadState.NeedMore;
        _lineBytes = 0;
        _stage = Stage.ChunkDataEnd;
        return null;
    }

    private ReadState? ReadChunkDataEnd(ReadOnlySpan<byte> rest, ref int consumed)
    {
        var octet = rest[0];
        consumed++;
        if (octet == '\r' && _lineBytes == 0)
        {
            _lineBytes = 1;
            return null;
        }

        if (octet != '\n')
            return Fail(WireError.BadChunk);
        BeginChunk();
        return null;
    }

    /// <summary>Skips trailer lines; an empty one (nothing, or a lone CR, before its LF) ends the response.</summary>
    private ReadState? ReadTrailers(ReadOnlySpan<byte> rest, ref int consumed)
    {
        var end = rest.IndexOf((byte)'\n');
        var line = end < 0 ? rest : rest[..end];
        _trailerBytes += line.Length + 1;
        if (_trailerBytes > HeadBytesMax)
            return Fail(WireError.HeadTooLarge);
        if (_lineBytes == 0 && line.Length > 0)
            _lineFirst = line[0];
        _lineBytes += line.Length;
        consumed += end < 0 ? rest.Length : end + 1;
        if (end < 0)
            return ReadState.NeedMore;
        if (_lineBytes == 0 || (_lineBytes == 1 && _lineFirst == '\r'))
            return ReadState.Done;
        _lineBytes = 0;
        return null;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CountBody(ReadOnlySpan<byte> bytes, ref int consumed)
    {
        consumed += bytes.Length;
        BodyBytes += bytes.Length;
        _decodedSize.Feed(bytes);
        if (_captures)
            _captured!.TakeBody(bytes);
        if (_countsEvents)
            CountEvents(bytes);
    }

    private void CountEvents(ReadOnlySpan<byte> bytes)
    {
        var more = _events.Feed(bytes, _eventsMax > 0 ? _eventsMax - Events : long.MaxValue);
        if (more == 0)
            return;
        if (Events == 0)
            FirstEventNs = MonotonicClock.NowNs;
        Events += more;
        if (Events != _eventsMax)
            return;
        _hasEnoughEvents = true;
        KeepAlive = false;
    }

    private ReadState Fail(WireError error)
    {
        Error = error;
        KeepAlive = false;
        return ReadState.Failed;
    }

    private static int HexDigit(byte octet) => octet switch
    {
        >= (byte)'0' and <= (byte)'9' => octet - '0',
        >= (byte)'a' and <= (byte)'f' => octet - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => octet - 'A' + 10,
        _ => -1,
    };
}
