namespace Headroom.Load.Wire;

/// <summary>What a response said of the caches it came through.</summary>
internal enum CacheOutcome : byte
{
    /// <summary>Nothing.</summary>
    Untold,
    Hit,
    Miss,

    /// <summary>Only an <c>Age</c> header: a hit of a cache that marks its hits but not its misses.</summary>
    HitByAge,
}

/// <summary>How one exchange (one request and its response) ended. Times are <see cref="MonotonicClock"/> nanoseconds.</summary>
internal struct Exchange
{
    public int Slot;
    public WireError Error;
    public CacheOutcome Cache;

    /// <summary>Status code, 0 when no complete response was read.</summary>
    public int Status;

    /// <summary>When the request was handed to the wire; a connection may still have had to be made.</summary>
    public long StartedNs;

    /// <summary>When the first byte of the request was sent; 0 when it never was.</summary>
    public long SentNs;

    public long CompletedNs;

    /// <summary>How long the end of the exchange waited to be noticed because the generator was busy.</summary>
    public long LagNs;
    public long BytesSent;

    /// <summary>Head, body and framing, as they came off the socket.</summary>
    public long BytesReceived;

    public long BodyBytes;
    public long DecodedBodyBytes;

    /// <summary>When the first server-sent event was complete; 0 when there was none.</summary>
    public long FirstEventNs;

    /// <summary>Server-sent events in the response.</summary>
    public long Events;

    /// <summary>The Content-Encoding was one whose decoded size this wire cannot tell.</summary>
    public bool UnknownCoding;
}
