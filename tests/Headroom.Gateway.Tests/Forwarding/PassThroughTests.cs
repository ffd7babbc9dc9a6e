using System.Globalization;
using Headroom.Gateway.Forwarding;
using Microsoft.AspNetCore.Http;

namespace Headroom.Gateway.Tests.Forwarding;

public sealed class PassThroughTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/?")]
    [InlineData("/a?b")]
    [InlineData("/a??b?#c")]
    [InlineData("//a//b/")]
    [InlineData("/a/../b/./c")]
    [InlineData("/a%2Fb%2fc")]
    [InlineData("/%41%7e~")]
    [InlineData("/a%20b+c?d=e%20f+g&&h=%e2%82%ac")]
    [InlineData("/a/..%2f..%2fetc")]
    [InlineData("/A/b;c=d,e'(f)*!$@:")]
    [InlineData("/a?b=[c]{d}|e\\f^g`h\"i<j>")]
    public async Task Target_AnyBytes_ReachesUpstreamUnchanged(string target)
    {
        await using var origin = new Origin(ScriptedServer.Ok("fine"));
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        var response = await gateway.GetAsync(target);

        Assert.Equal((200, "fine"), (response.Status, response.Body));
        Assert.Equal($"GET {target} HTTP/1.1", origin.RequestLine);
    }

    [Theory]
    [InlineData("http://api.example.com", "/")]
    [InlineData("http://api.example.com?q=1", "/?q=1")]
    [InlineData("http://api.example.com/a%2fb/../c?", "/a%2fb/../c?")]
    public async Task Target_AbsoluteForm_ReachesUpstreamAsOriginForm(string target, string expected)
    {
        await using var origin = new Origin(ScriptedServer.Ok("fine"));
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        Assert.Equal(200, (await gateway.GetAsync(target)).Status);
        Assert.Equal($"GET {expected} HTTP/1.1", origin.RequestLine);
    }

    [Fact]
    public async Task Target_UpstreamWithBasePath_IsPutBehindIt()
    {
        await using var origin = new Origin(ScriptedServer.Ok("fine"));
        await using var gateway = await GatewayServer.StartAsync(new Uri(origin.Url, "/base/path/"));

        await gateway.GetAsync("//a/%2e%2e/b?c");

        Assert.Equal("GET /base/path//a/%2e%2e/b?c HTTP/1.1", origin.RequestLine);
    }

    [Fact]
    public async Task Fields_UnknownAndKnown_ReachUpstreamUnchanged()
    {
        await using var origin = new Origin(ScriptedServer.Ok("fine"));
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        await gateway.GetAsync(
            "/", "X-Latin: caf\u00e9 \u00fc", "x-lower-Case: a  b\tc", "X-Empty:", "Accept: text/html;q=0.9 , */*", "User-Agent: a (b; c) d/1,2", "Cookie: a=1; b=\"2\"",
            "If-None-Match: W/\"x\", y", "Authorization: Bearer ==", "Range: bytes=0-", "Content-Type: a/b; c=d", "Date: yesterday", "traceparent: 00-x");

        foreach (var (name, value) in new[]
        {
            ("X-Latin", "caf\u00e9 \u00fc"), ("x-lower-Case", "a  b\tc"), ("X-Empty", ""), ("Accept", "text/html;q=0.9 , */*"), ("User-Agent", "a (b; c) d/1,2"), ("Cookie", "a=1; b=\"2\""),
            ("If-None-Match", "W/\"x\", y"), ("Authorization", "Bearer =="), ("Range", "bytes=0-"), ("Content-Type", "a/b; c=d"), ("Date", "yesterday"), ("traceparent", "00-x"),
        })
            Assert.Equal([value], origin.Fields(name));
        Assert.Contains("x-lower-Case:", origin.Request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fields_OfThisHop_AreNotForwarded()
    {
        await using var origin = new Origin("HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Secret\r\nX-Secret: 1\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\nX-Public: 2\r\nContent-Length: 0\r\n\r\n");
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        var response = await gateway.GetAsync(
            "/", "Connection: close, x-mine , X-Other", "X-Mine: 1", "X-Other: 2", "X-Kept: 3", "Keep-Alive: 300", "Proxy-Connection: keep-alive", "Proxy-Authorization: Basic x",
            "Proxy: http://evil.example", "TE: trailers, deflate;q=0.5", "Trailer: X-T");

        foreach (var name in new[] { "Connection", "X-Mine", "X-Other", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Proxy", "Trailer" })
            Assert.Empty(origin.Fields(name));
        Assert.Equal(["3"], origin.Fields("X-Kept"));
        Assert.Equal(["trailers"], origin.Fields("TE"));
        Assert.Null(response.Field("X-Secret"));
        Assert.Null(response.Field("Keep-Alive"));
        Assert.Null(response.Field("Proxy-Authenticate"));
        Assert.Equal("2", response.Field("X-Public"));
    }

    [Fact]
    public async Task Via_BothWays_IsAppended()
    {
        await using var origin = new Origin("HTTP/1.1 200 OK\r\nVia: 1.0 inner\r\nContent-Length: 0\r\n\r\n");
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        var response = await gateway.GetAsync("/", "Via: 1.0 outer");

        Assert.Equal("1.0 outer, 1.1 headroom", string.Join(", ", origin.Fields("Via")));
        Assert.Equal("1.0 inner, 1.1 headroom", response.Field("Via"));
    }

    [Fact]
    public async Task Origin_ClientClaimsAnother_IsReplaced()
    {
        await using var origin = new Origin(ScriptedServer.Ok(""));
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        await gateway.GetAsync("/", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil.example", "Forwarded: for=1.2.3.4");

        Assert.Equal(["127.0.0.1"], origin.Fields("X-Forwarded-For"));
        Assert.Equal(["http"], origin.Fields("X-Forwarded-Proto"));
        Assert.Equal(["api.example.com"], origin.Fields("X-Forwarded-Host"));
        Assert.Empty(origin.Fields("Forwarded"));
        Assert.Equal(["api.example.com"], origin.Fields("Host"));
    }

    [Fact]
    public async Task Origin_TrustedProxyClaimsAnother_IsAppendedTo()
    {
        await using var origin = new Origin(ScriptedServer.Ok(""));
        var trusting = new ClientOrigin(OriginPolicy.Append, OriginFields.XForwarded | OriginFields.Forwarded, [System.Net.IPNetwork.Parse("127.0.0.0/8")]);
        await using var gateway = await GatewayServer.StartAsync(new ForwardOptions { Origin = trusting }, origin.Url);

        await gateway.GetAsync("/", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: https", "Forwarded: for=1.2.3.4;proto=https");

        Assert.Equal(["1.2.3.4, 127.0.0.1"], origin.Fields("X-Forwarded-For"));
        Assert.Equal(["https"], origin.Fields("X-Forwarded-Proto"));
        Assert.Equal(["for=1.2.3.4;proto=https, for=127.0.0.1;host=api.example.com;proto=http"], origin.Fields("Forwarded"));
    }

    [Fact]
    public async Task Origin_ProxyNotTrusted_IsReplaced()
    {
        await using var origin = new Origin(ScriptedServer.Ok(""));
        var trusting = new ClientOrigin(OriginPolicy.Append, OriginFields.XForwarded, [System.Net.IPNetwork.Parse("10.0.0.0/8")]);
        await using var gateway = await GatewayServer.StartAsync(new ForwardOptions { Origin = trusting }, origin.Url);

        await gateway.GetAsync("/", "X-Forwarded-For: 1.2.3.4");

        Assert.Equal(["127.0.0.1"], origin.Fields("X-Forwarded-For"));
    }

    [Fact]
    public async Task Host_PolicyUpstream_IsTheUpstreams()
    {
        await using var origin = new Origin(ScriptedServer.Ok(""));
        await using var gateway = await GatewayServer.StartAsync(new ForwardOptions { Host = HostPolicy.Upstream }, origin.Url);

        await gateway.GetAsync("/");

        Assert.Equal([origin.Url.Authority], origin.Fields("Host"));
    }

    [Fact]
    public async Task Response_StatusPhraseAndFields_ReachClientUnchanged()
    {
        await using var origin = new Origin(
            "HTTP/1.1 299 Rather Fine\r\nServer: inner\r\nX-Latin: caf\u00e9\r\nSet-Cookie: a=1; Expires=Wed, 09 Jun 2021 10:18:14 GMT\r\nSet-Cookie: b=2\r\nX-Two: 1\r\nX-Two: 2\r\n"
            + "Date: Mon, 01 Jan 2024 00:00:00 GMT\r\nContent-Type: text/x\r\nX-Empty:\r\nContent-Length: 3\r\n\r\nabc");
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        var response = await gateway.GetAsync("/");

        Assert.Equal("HTTP/1.1 299 Rather Fine", response.StatusLine);
        Assert.Equal("inner", response.Field("Server"));
        Assert.Equal("caf\u00e9", response.Field("X-Latin"));
        Assert.Equal(["a=1; Expires=Wed, 09 Jun 2021 10:18:14 GMT", "b=2"], response.Fields("Set-Cookie"));
        Assert.Equal("1, 2", response.Field("X-Two"));
        Assert.Equal("Mon, 01 Jan 2024 00:00:00 GMT", response.Field("Date"));
        Assert.Equal(("text/x", "", "abc"), (response.Field("Content-Type"), response.Field("X-Empty"), response.Body));
    }

    [Fact]
    public async Task Response_WithoutDate_GetsOne()
    {
        await using var origin = new Origin(ScriptedServer.Ok(""));
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        var response = await gateway.GetAsync("/");

        Assert.True(DateTimeOffset.TryParse(response.Field("Date"), System.Globalization.CultureInfo.InvariantCulture, out _), response.Head);
        Assert.Null(response.Field("Server"));
    }

    [Theory]
    [InlineData("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n", 200, "1234")]
    [InlineData("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\nETag: \"a\"\r\n\r\n", 304, "1234")]
    [InlineData("GET", "HTTP/1.1 204 No Content\r\n\r\n", 204, null)]
    [InlineData("DELETE", "HTTP/1.1 204 No Content\r\n\r\n", 204, null)]
    [InlineData("GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "0")]
    public async Task Response_WithoutBody_EndsAtItsHead(string method, string answer, int status, string? length)
    {
        await using var origin = new Origin(answer);
        await using var gateway = await GatewayServer.StartAsync(origin.Url);
        await using var connection = await gateway.ConnectAsync();

        // Twice on one connection: a body that is not there would be taken for the second answer.
        for (var time = 0; time < 2; time++)
        {
            await connection.SendAsync($"{method} / HTTP/1.1\r\nHost: a\r\n\r\n");
            var response = await connection.ReadAsync(isHead: method == "HEAD");
            Assert.Equal((status, length, ""), (response.Status, response.Field("Content-Length"), response.Body));
        }
    }

    [Theory]
    [InlineData("POST", "Content-Length: 5\r\n\r\nhello", "POST 5 - hello")]
    [InlineData("PUT", "Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "PUT - chunked hello")]
    [InlineData("POST", "Content-Length: 0\r\n\r\n", "POST 0 - ")]
    [InlineData("DELETE", "\r\n", "DELETE 0 - ")]
    [InlineData("GET", "Content-Length: 5\r\n\r\nhello", "GET 5 - hello")]
    [InlineData("M-SEARCH", "Content-Length: 5\r\n\r\nhello", "M-SEARCH 5 - hello")]
    public async Task Request_WithBody_ReachesUpstream(string method, string rest, string expected)
    {
        await using var origin = await KestrelOrigin.StartAsync(async context =>
        {
            var body = await new StreamReader(context.Request.Body).ReadToEndAsync(context.RequestAborted);
            await context.Response.WriteAsync($"{context.Request.Method} {context.Request.ContentLength?.ToString(CultureInfo.InvariantCulture) ?? "-"} {context.Request.Headers.TransferEncoding.FirstOrDefault() ?? "-"} {body}");
        });
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        var response = await gateway.SendAsync($"{method} / HTTP/1.1\r\nHost: a\r\n{rest}");

        Assert.Equal((200, expected), (response.Status, response.Body));
    }
}
