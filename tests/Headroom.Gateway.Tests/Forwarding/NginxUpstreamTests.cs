using Headroom.Gateway.Forwarding;
using Headroom.Gateway.Upstreams;

namespace Headroom.Gateway.Tests.Forwarding;

public sealed class NginxUpstreamTests
{
    [Fact]
    public async Task Forward_ManyRequestsToNginx_AreAllAnsweredOverKeptConnections()
    {
        const int Requests = 400;
        await using var nginx = await NginxProcess.StartAsync(Require.Tool("nginx"));
        var upstream = UpstreamSettings.Default(nginx.Url.ToString().TrimEnd('/'));
        await using var gateway = await GatewayServer.StartAsync(GatewayServer.Settings(new ForwardOptions(), upstream) with { Headroom = GatewayServer.NothingCached });
        var connections = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            await using var connection = await gateway.ConnectAsync();
            for (var i = 0; i < Requests / 4; i++)
            {
                await connection.SendAsync("GET /1k HTTP/1.1\r\nHost: a\r\n\r\n");
                var response = await connection.ReadAsync();
                Assert.Equal((200, 1024, true), (response.Status, response.Body.Length, response.IsComplete));
                Assert.StartsWith("nginx", response.Field("Server"), StringComparison.Ordinal);
            }
        }));

        await Task.WhenAll(connections);

        Assert.Equal(Requests, (await nginx.StopAndReadLogAsync()).Requests);
    }

    [Fact]
    public async Task Forward_RangeConditionAndHead_AreNginxs()
    {
        await using var nginx = await NginxProcess.StartAsync(Require.Tool("nginx"));
        await using var gateway = await GatewayServer.StartAsync(nginx.Url);

        var whole = await gateway.GetAsync("/1k");
        var part = await gateway.GetAsync("/1k", "Range: bytes=0-9");
        var unchanged = await gateway.GetAsync("/1k", $"If-None-Match: {whole.Field("ETag")}");
        var head = await gateway.SendAsync("HEAD /1k HTTP/1.1\r\nHost: a\r\n\r\n");
        var missing = await gateway.GetAsync("/none");

        Assert.Equal((206, "xxxxxxxxxx", "bytes 0-9/1024"), (part.Status, part.Body, part.Field("Content-Range")));
        Assert.Equal((304, whole.Field("ETag")), (unchanged.Status, unchanged.Field("ETag")));
        Assert.Equal((200, "1024", ""), (head.Status, head.Field("Content-Length"), head.Body));
        Assert.Equal(404, missing.Status);
    }
}
