namespace Headroom.Load.Wire;

/// <summary>
/// Carries requests to a target over a fixed number of slots, each with at most one exchange under way. One worker thread owns
/// a wire: it starts exchanges and polls for their ends; nothing here may be called from another thread.
/// </summary>
internal interface IWire : IDisposable
{
    /// <summary>Starts an exchange on an idle slot. Never blocks; however it ends, <see cref="Poll"/> reports it.</summary>
    void Start(int slot, RequestImage request);

    /// <summary>Waits until <paramref name="deadlineNs"/> at the latest and hands every exchange that ended to <paramref name="sink"/>; the sink may start new ones.</summary>
    void Poll(long deadlineNs, IExchangeSink sink);

    /// <summary>Ends every exchange under way with <paramref name="error"/> and reports it.</summary>
    void AbortAll(WireError error, IExchangeSink sink);
}

/// <summary>Limits that every wire keeps.</summary>
internal sealed record WireOptions
{
    public required IReadOnlyList<Origin> Origins { get; init; }

    public required int Slots { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From the start of the exchange to the last byte of the response.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Accept any certificate.</summary>
    public bool Insecure { get; init; }
}
