using System.Text;
using Headroom.Load.Wire;

namespace Headroom.Load.Tests.Wire;

/// <summary>Keeps the exchanges that a wire reports.</summary>
internal sealed class ExchangeCollector : IExchangeSink
{
    public List<Exchange> Exchanges { get; } = [];

    public (string Head, string Body, bool IsTruncated)? Captured { get; private set; }

    public void Completed(in Exchange exchange, CapturedResponse? response)
    {
        Exchanges.Add(exchange);
        Captured = response is null ? null : (Encoding.Latin1.GetString(response.Head), Encoding.Latin1.GetString(response.Body), response.IsTruncated);
    }

    public void PollUntil(IWire wire, int count)
    {
        var giveUp = MonotonicClock.NowNs + 60_000_000_000;
        while (Exchanges.Count < count && MonotonicClock.NowNs < giveUp)
            wire.Poll(MonotonicClock.NowNs + 50_000_000, this);
        Assert.Equal(count, Exchanges.Count);
    }
}
