using Headroom.Gateway.Forwarding;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Gateway.Tests.Forwarding;

public sealed class FailureLogTests
{
    [Fact]
    public async Task Forward_NothingListens_LogNamesErrorUpstreamAndRequestWithoutItsQuery()
    {
        using var log = new LogLines<Forwarder>();
        await using var gateway = await GatewayServer.StartAsync(new ForwardOptions { Retries = 0 }, new Uri("http://127.0.0.1:1"));
        gateway.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);

        var response = await gateway.GetAsync("/a%0Ab?token=secret");

        Assert.Equal(502, response.Status);
        Assert.Contains("connection_refused at http://127.0.0.1:1: GET /a%0Ab (route /)", log.Lines);
        Assert.DoesNotContain(log.Lines, line => line.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Forward_BodyLargerThanTheRouteTakes_TitleSaysSo()
    {
        await using var gateway = await GatewayServer.StartAsync(new ForwardOptions { MaxBodyBytes = 3 }, new Uri("http://127.0.0.1:1"));

        var response = await gateway.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody");

        Assert.Equal(413, response.Status);
        Assert.Contains("larger than this gateway takes", response.Body, StringComparison.Ordinal);
    }
}
