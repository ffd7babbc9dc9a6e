using Headroom.Gateway.Configuration;
using Headroom.Gateway.Forwarding;
using Headroom.Gateway.Upstreams;

namespace Headroom.Gateway.Tests.Routing;

public sealed class RouteSelectionTests
{
    [Fact]
    public async Task Select_ByHostAndPath_ReachesItsUpstream()
    {
        await using var first = new Origin(ScriptedServer.Ok("first"));
        await using var second = new Origin(ScriptedServer.Ok("second"));
        await using var gateway = await GatewayServer.StartAsync(GatewayServer.Settings(new ForwardOptions()) with
        {
            Routes = [Route("/", "api.example.com", first), Route("/special", "api.example.com", second)],
        });

        Assert.Equal("first", (await gateway.GetAsync("/x")).Body);
        Assert.Equal("second", (await gateway.GetAsync("/special/x")).Body);
        // However the path is written: the server that is asked in the end takes dots away too.
        Assert.Equal("second", (await gateway.GetAsync("/x/../special/y")).Body);
        Assert.Equal("second", (await gateway.GetAsync("/%73pecial/y")).Body);
        var unknown = await gateway.SendAsync("GET / HTTP/1.1\r\nHost: other.org\r\n\r\n");
        Assert.Equal((404, "headroom; error=destination_not_found"), (unknown.Status, unknown.Field("Proxy-Status")));
    }

    [Theory]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 200)]
    [InlineData("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 405)]
    [InlineData("OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n", 200)]
    public async Task Select_MeantForTheGateway_IsAnsweredByIt(string request, int status)
    {
        await using var origin = new Origin(ScriptedServer.Ok(""));
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        var response = await gateway.SendAsync(request);

        Assert.Equal(status, response.Status);
        Assert.Contains("GET", response.Field("Allow") ?? "", StringComparison.Ordinal);
        Assert.Empty(origin.Requests);
    }

    [Fact]
    public async Task Select_TraceThatEndsHere_EchoesWithoutSecrets()
    {
        await using var origin = new Origin(ScriptedServer.Ok(""));
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        var response = await gateway.SendAsync("TRACE /x HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\nX-A: 1\r\nCookie: secret\r\nAuthorization: secret\r\n\r\n");

        Assert.Equal((200, "message/http"), (response.Status, response.Field("Content-Type")));
        Assert.StartsWith("TRACE /x HTTP/1.1\r\n", response.Body, StringComparison.Ordinal);
        Assert.Contains("X-A: 1\r\n", response.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", response.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OPTIONS", "5", "4")]
    [InlineData("TRACE", "1", "0")]
    [InlineData("GET", "5", "5")]
    [InlineData("OPTIONS", "x", "x")]
    public async Task Select_MaxForwards_IsCountedDown(string method, string before, string after)
    {
        await using var origin = new Origin(ScriptedServer.Ok(""));
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        await gateway.SendAsync($"{method} / HTTP/1.1\r\nHost: a\r\nMax-Forwards: {before}\r\n\r\n");

        Assert.Equal([after], origin.Fields("Max-Forwards"));
    }

    private static RouteSettings Route(string path, string host, Origin origin) =>
        new(path, [host], [UpstreamSettings.Default(origin.Url.ToString().TrimEnd('/'))], new ForwardOptions());
}
