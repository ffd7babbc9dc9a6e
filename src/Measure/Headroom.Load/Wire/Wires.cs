namespace Headroom.Load.Wire;

/// <summary>Chooses the wire of a run.</summary>
internal static class Wires
{
    public static IWire Create(LoadPlan plan, LoadOptions options, IReadOnlyList<Origin> origins, int slots)
    {
        var wire = new WireOptions
        {
            Origins = origins,
            Slots = slots,
            ConnectTimeout = plan.ConnectTimeout,
            ResponseTimeout = plan.ResponseTimeout,
            Timeout = plan.Timeout,
            RequestsPerConnectionMax = plan.Connections.RequestsMax,
            CaptureBytesMax = plan.CaptureBytesMax,
            Tls = options.Tls,
        };
        if (plan.Connections.Version == HttpVersionChoice.Http2)
            return new Http2Wire(wire);
        var epoll = options.Wire == WireChoice.Epoll || (options.Wire == WireChoice.Auto && EpollWire.IsSupported && !origins.Any(origin => origin.IsTls));
        return epoll ? new EpollWire(wire) : new StreamWire(wire);
    }
}
