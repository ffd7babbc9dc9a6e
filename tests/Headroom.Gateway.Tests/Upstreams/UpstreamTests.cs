using Headroom.Gateway.Upstreams;

namespace Headroom.Gateway.Tests.Upstreams;

public sealed class UpstreamTests
{
    /// <summary>What Host says where the upstream's own is asked for; a server knows no other form of an international name.</summary>
    [Theory]
    [InlineData("http://m\u00fcnchen.example", "xn--mnchen-3ya.example")]
    [InlineData("http://m\u00fcnchen.example:8080/base", "xn--mnchen-3ya.example:8080")]
    [InlineData("http://\u65e5\u672c.example", "xn--wgv71a.example")]
    [InlineData("http://api.example:80", "api.example")]
    [InlineData("http://127.0.0.1:3000", "127.0.0.1:3000")]
    [InlineData("http://[::1]:3000", "[::1]:3000")]
    public void Authority_Address_IsAsHostHasIt(string address, string expected)
    {
        using var upstream = new Upstream(UpstreamSettings.Default(address), TimeProvider.System);

        Assert.Equal(expected, upstream.Authority);
    }
}
