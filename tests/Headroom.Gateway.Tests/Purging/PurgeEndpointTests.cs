using Headroom.Gateway.Configuration;

namespace Headroom.Gateway.Tests.Purging;

public sealed class PurgeEndpointTests
{
    private const string Token = "0123456789abcdef0123";
    private int _version;

    [Fact]
    public async Task Cache_FieldsAllowIt_SecondRequestDoesNotReachTheUpstream()
    {
        await using var origin = new Origin(Answer);
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        Assert.Equal("v1", (await gateway.GetAsync("/a")).Body);
        var second = await gateway.GetAsync("/a");

        Assert.Equal("v1", second.Body);
        Assert.Contains("hit", second.Field("Cache-Status") ?? "", StringComparison.Ordinal);
        // A path that is another one byte for byte is another resource.
        Assert.Equal("v2", (await gateway.GetAsync("/x/../a")).Body);
        Assert.Equal("v3", (await gateway.GetAsync("/%61")).Body);
    }

    [Theory]
    [InlineData("?url=http://api.example.com/a")]
    [InlineData("?prefix=http://api.example.com/")]
    [InlineData("?all")]
    [InlineData("?tag=things&mode=hard")]
    public async Task Purge_NamedResponse_IsMadeAnew(string query)
    {
        await using var origin = new Origin(Answer);
        await using var gateway = await StartAsync(origin, "cache: { for: 1h, tags: [ things ] }");
        await gateway.GetAsync("/a");
        Assert.Equal("v1", (await gateway.GetAsync("/a")).Body);

        var purged = await gateway.SendAsync($"POST /.headroom/purge{query} HTTP/1.1\r\nHost: any\r\nAuthorization: Bearer {Token}\r\nContent-Length: 0\r\n\r\n");

        Assert.Equal(204, purged.Status);
        Assert.Equal("v2", (await gateway.GetAsync("/a")).Body);
    }

    [Theory]
    [InlineData("varyByQuery: [ page ]")]
    [InlineData("varyByHeader: [ X-Tenant ]")]
    [InlineData("ignoreHost: on")]
    [InlineData("tags: [ things ]")]
    public async Task Write_WhateverIsInTheKeysOfItsRoute_WhatWasBeforeItIsGone(string policy)
    {
        await using var origin = new Origin(Answer);
        await using var gateway = await StartAsync(origin, $"cache: {{ for: 1h, {policy} }}");
        await gateway.GetAsync("/a");
        Assert.Equal("v1", (await gateway.GetAsync("/a")).Body);

        await gateway.SendAsync("POST /a HTTP/1.1\r\nHost: api.example.com\r\nContent-Length: 0\r\n\r\n");

        Assert.Equal("v3", (await gateway.GetAsync("/a")).Body);
    }

    [Theory]
    [InlineData("POST", "?all", "Authorization: Bearer wrong\r\n", 401)]
    [InlineData("POST", "?all", "", 401)]
    [InlineData("POST", "?all", "Authorization: Basic 0123456789abcdef0123\r\n", 401)]
    [InlineData("GET", "?all", "Authorization: Bearer 0123456789abcdef0123\r\n", 405)]
    [InlineData("POST", "", "Authorization: Bearer 0123456789abcdef0123\r\n", 400)]
    [InlineData("POST", "?all&mode=hrd", "Authorization: Bearer 0123456789abcdef0123\r\n", 400)]
    [InlineData("POST", "?all=false", "Authorization: Bearer 0123456789abcdef0123\r\n", 400)]
    [InlineData("POST", "?tags=a", "Authorization: Bearer 0123456789abcdef0123\r\n", 400)]
    [InlineData("POST", "?url=/a", "Authorization: Bearer 0123456789abcdef0123\r\n", 400)]
    public async Task Purge_NotAllowedOrNotUnderstood_PurgesNothing(string method, string query, string field, int status)
    {
        await using var origin = new Origin(Answer);
        await using var gateway = await StartAsync(origin, "cache: { for: 1h }");
        await gateway.GetAsync("/a");

        var refused = await gateway.SendAsync($"{method} /.headroom/purge{query} HTTP/1.1\r\nHost: any\r\n{field}Content-Length: 0\r\n\r\n");

        Assert.Equal(status, refused.Status);
        Assert.Equal("v1", (await gateway.GetAsync("/a")).Body);
        Assert.Single(origin.Requests);
    }

    [Fact]
    public async Task Purge_NoToken_PathIsTheUpstreams()
    {
        await using var origin = new Origin(Answer);
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        await gateway.SendAsync("POST /.headroom/purge?all HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");

        Assert.Equal("POST /.headroom/purge?all HTTP/1.1", origin.RequestLine);
    }

    [Fact]
    public async Task Cache_RouteHasItOff_EveryRequestReachesTheUpstream()
    {
        await using var origin = new Origin(Answer);
        await using var gateway = await StartAsync(origin, "cache: off\ncompression: off");

        Assert.Equal("v1", (await gateway.GetAsync("/a")).Body);
        Assert.Equal("v2", (await gateway.GetAsync("/a")).Body);
    }

    [Fact]
    public async Task Cache_UpstreamFailsAndStaleIsAllowed_StaleIsServed()
    {
        var failing = false;
        await using var origin = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null && !Volatile.Read(ref failing))
                await conversation.SendAsync("HTTP/1.1 200 OK\r\nCache-Control: max-age=1, stale-if-error=600\r\nContent-Length: 2\r\n\r\nok");
        });
        await using var gateway = await GatewayServer.StartAsync(origin.Url);
        Assert.Equal("ok", (await gateway.GetAsync("/a")).Body);
        Volatile.Write(ref failing, true);
        await Task.Delay(2100, TestContext.Current.CancellationToken);

        var stale = await gateway.GetAsync("/a");

        Assert.Equal((200, "ok"), (stale.Status, stale.Body));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nContent-Length: 10\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    public async Task Cache_BodyBreaksOff_NothingIsStored(string broken)
    {
        var first = true;
        await using var server = new ScriptedServer(async conversation =>
        {
            await conversation.ReadRequestAsync();
            var answer = first ? broken : ScriptedServer.Ok("whole");
            first = false;
            await conversation.SendAsync(answer);
        });
        await using var gateway = await GatewayServer.StartAsync(server.Url);

        var partial = await gateway.GetAsync("/a");
        var whole = await gateway.GetAsync("/a");

        Assert.False(partial.Status == 200 && partial.IsComplete, partial.Head + partial.Body);
        Assert.Equal((200, "whole"), (whole.Status, whole.Body));
    }

    private string Answer(string request)
    {
        var body = $"v{Interlocked.Increment(ref _version)}";
        return $"HTTP/1.1 200 OK\r\nCache-Control: max-age=600\r\nContent-Length: {body.Length}\r\n\r\n{body}";
    }

    private static Task<GatewayServer> StartAsync(Origin origin, string policy)
    {
        var problems = new SettingsProblems("gateway.yaml");
        var settings = GatewayFile.Read($"upstreams: {origin.Url}\n{policy}", new CommandLineAddresses([GatewayServer.Listen()], []), problems);
        Assert.Empty(problems.InOrder());
        return GatewayServer.StartAsync(settings! with { Purge = new PurgeSettings("/.headroom/purge", Token) });
    }
}
