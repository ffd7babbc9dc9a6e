using Headroom.Gateway.Forwarding;
using Headroom.Gateway.Routing;
using Headroom.Gateway.Upstreams;
using Microsoft.AspNetCore.Http;

namespace Headroom.Gateway.Tests.Routing;

public sealed class RouteTableTests
{
    private static readonly RouteTable Table = new(
    [
        Route("/"), Route("/api"), Route("/api/v2/"), Route("/", "api.example.com"), Route("/admin", "api.example.com"), Route("/", "*.example.com"), Route("/", "*.deep.example.com"),
    ]);

    [Theory]
    [InlineData("other.org", "/", "/")]
    [InlineData("other.org", "/apis", "/")]
    [InlineData("other.org", "/api", "/api")]
    [InlineData("other.org", "/api/", "/api")]
    [InlineData("other.org", "/api/v2", "/api")]
    [InlineData("other.org", "/api/v2/x", "/api/v2/")]
    [InlineData("other.org", "/API", "/")]
    [InlineData("api.example.com", "/api", "api.example.com/")]
    [InlineData("API.Example.com:8080", "/admin/x", "api.example.com/admin")]
    [InlineData("www.example.com", "/admin", "*.example.com/")]
    [InlineData("a.deep.example.com", "/", "*.deep.example.com/")]
    [InlineData("example.com", "/", "/")]
    [InlineData("notexample.com", "/", "/")]
    [InlineData("", "/", "/")]
    public void Find_HostAndPath_IsTheMostExactRoute(string host, string path, string expected)
    {
        Assert.Equal(expected, Table.Find(new HostString(host), new PathString(path))?.Name);
    }

    [Fact]
    public void Find_NothingFits_IsNull()
    {
        Assert.Null(new RouteTable([Route("/a"), Route("/", "x.org")]).Find(new HostString("y.org"), "/b"));
    }

    private static GatewayRoute Route(string path, params string[] hosts) => new(path, hosts, new UpstreamGroup([], 1), new ForwardOptions(), []);
}
