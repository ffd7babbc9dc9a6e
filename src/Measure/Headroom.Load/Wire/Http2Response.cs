using System.Text;

namespace Headroom.Load.Wire;

/// <summary>What is counted and kept of one response over HTTP/2, by the same rules as over HTTP/1.1: the head is written out as one of that version and read as such.</summary>
internal sealed class Http2Response
{
    private readonly ResponseHead _head = new();
    private readonly CapturedResponse _captured = new();
    private DecodedSize _decodedSize;
    private EventCounter _events;
    private bool _captures;
    private int _eventsMax;
    private bool _begun;
    private long _bodyBytes;
    private long _eventCount;
    private long _firstEventNs;

    public CapturedResponse? Captured => _captures ? _captured : null;

    public WireError Begin(RequestImage request, HttpResponseMessage response, long captureBytesMax)
    {
        _captures = request.Capture != Capture.None;
        _eventsMax = request.EventsMax;
        _bodyBytes = 0;
        _eventCount = 0;
        _firstEventNs = 0;
        _events = default;
        _begun = true;
        var bytes = Encoding.Latin1.GetBytes(WriteHead(response));
        _head.Clear();
        var error = _head.Parse(bytes);
        _decodedSize.Reset(_head.Coding);
        if (_captures)
        {
            _captured.Begin(request.Capture, captureBytesMax);
            _captured.TakeHead(bytes, _head.Coding);
        }

        return error;
    }

    /// <summary>Takes the next bytes of the body. True when enough events were seen.</summary>
    public bool Take(ReadOnlySpan<byte> bytes)
    {
        _bodyBytes += bytes.Length;
        _decodedSize.Feed(bytes);
        if (_captures)
            _captured.TakeBody(bytes);
        if (!_head.IsEventStream || _head.Coding != ContentCoding.Identity)
            return false;
        var more = _events.Feed(bytes, _eventsMax > 0 ? _eventsMax - _eventCount : long.MaxValue);
        if (more > 0 && _eventCount == 0)
            _firstEventNs = MonotonicClock.NowNs;
        _eventCount += more;
        return _eventsMax > 0 && _eventCount == _eventsMax;
    }

    /// <summary>Puts what was counted into the exchange: all of it when it went well, else the bytes alone.</summary>
    public void Fill(ref Exchange exchange)
    {
        if (!_begun)
            return;
        _begun = false;
        exchange.BytesReceived = _bodyBytes;
        if (exchange.Error != WireError.None)
            return;
        exchange.Status = _head.Status;
        exchange.Cache = _head.Cache;
        exchange.BodyBytes = _bodyBytes;
        exchange.DecodedBodyBytes = _decodedSize.Total(_bodyBytes);
        exchange.UnknownCoding = _decodedSize.IsUnknown;
        exchange.Events = _eventCount;
        exchange.FirstEventNs = _firstEventNs;
    }

    private static string WriteHead(HttpResponseMessage response)
    {
        var head = new StringBuilder();
        head.Append("HTTP/1.1 ").Append((int)response.StatusCode).Append(" \r\n");
        foreach (var header in response.Headers.NonValidated)
        {
            foreach (var value in header.Value)
                head.Append(header.Key).Append(": ").Append(value).Append("\r\n");
        }

        foreach (var header in response.Content.Headers.NonValidated)
        {
            foreach (var value in header.Value)
                head.Append(header.Key).Append(": ").Append(value).Append("\r\n");
        }

        return head.Append("\r\n").ToString();
    }
}
