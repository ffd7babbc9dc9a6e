using Headroom.Load.Wire;

namespace Headroom.Load.Tests.Wire;

/// <summary>One request over one wire, without the check that a run makes beforehand.</summary>
internal sealed class WireProbe : IExchangeSink
{
    private Exchange? _ended;

    public static string ErrorOf(ScriptedServer server, bool insecure = false)
    {
        using var wire = new StreamWire(new WireOptions
        {
            Origins = [new Origin(server.Url.Scheme, server.Url.IdnHost, server.Url.Port, server.EndPoint)],
            Slots = 1,
            Tls = new TlsOptions { Insecure = insecure },
        });
        var request = new RequestImage { Bytes = RequestImage.Encode(new PlannedRequest { Name = "x", Url = server.Url }), OriginIndex = 0, Row = 0 };
        var probe = new WireProbe();
        wire.Start(0, request, request.Bytes);
        for (var i = 0; i < 200 && probe._ended is null; i++)
            wire.Poll(MonotonicClock.NowNs + 50_000_000, probe);
        return probe._ended?.Error.ToString() ?? "no end";
    }

    public void Completed(in Exchange exchange, CapturedResponse? response) => _ended = exchange;
}
