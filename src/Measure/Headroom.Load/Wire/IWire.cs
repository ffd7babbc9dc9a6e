namespace Headroom.Load.Wire;

/// <summary>
/// Carries requests to a target over a fixed number of slots, each with at most one exchange under way. One worker thread owns
/// a wire: it starts exchanges and polls for their ends; nothing here may be called from another thread.
/// </summary>
internal interface IWire : IDisposable
{
    /// <summary>
    /// Starts an exchange on an idle slot. Never blocks; however it ends, <see cref="Poll"/> reports it. The slot's connection to the request's origin is
    /// used again when it is open and the policy allows.
    /// </summary>
    /// <param name="slot">From 0 to <see cref="WireOptions.Slots"/> - 1.</param>
    /// <param name="request">What every such request has in common.</param>
    /// <param name="bytes">The request as HTTP/1.1 bytes; unchanged until the exchange ends.</param>
    void Start(int slot, RequestImage request, ReadOnlyMemory<byte> bytes);

    /// <summary>Waits until <paramref name="deadlineNs"/> at the latest and hands every exchange that ended to <paramref name="sink"/>; the sink may start new ones.</summary>
    void Poll(long deadlineNs, IExchangeSink sink);

    /// <summary>Ends the exchange under way on a slot, if there is one, with <paramref name="error"/> and reports it.</summary>
    void Abort(int slot, WireError error, IExchangeSink sink);

    /// <summary>Ends every exchange under way with <paramref name="error"/> and reports it.</summary>
    void AbortAll(WireError error, IExchangeSink sink);

    /// <summary>Closes the idle connections of a slot: its next exchange makes a new one.</summary>
    void CloseIdle(int slot);
}

/// <summary>Receives ended exchanges from <see cref="IWire.Poll"/>, on the polling thread.</summary>
internal interface IExchangeSink
{
    /// <param name="exchange">How it ended.</param>
    /// <param name="response">What the request asked to keep (<see cref="RequestImage.Capture"/>); null when that is nothing or no response came. Valid until this returns.</param>
    void Completed(in Exchange exchange, CapturedResponse? response);
}

/// <summary>Limits that every wire keeps.</summary>
internal sealed record WireOptions
{
    public required IReadOnlyList<Origin> Origins { get; init; }

    public required int Slots { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From the start of the exchange to the first byte of the response; null leaves it to the exchange's whole time.</summary>
    public TimeSpan? ResponseTimeout { get; init; }

    /// <summary>From the start of the exchange to the last byte of the response, where the request does not say (<see cref="RequestImage.Timeout"/>).</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Requests that one connection carries at most; null leaves it to the server.</summary>
    public int? RequestsPerConnectionMax { get; init; }

    /// <summary>Longest body that is kept for checks and extractions.</summary>
    public long CaptureBytesMax { get; init; } = 1024 * 1024;

    public TlsOptions Tls { get; init; } = new();
}
