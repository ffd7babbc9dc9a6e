using Headroom.Gateway.Forwarding;
using Headroom.Gateway.Upstreams;

namespace Headroom.Gateway.Tests.Forwarding;

/// <summary>An upstream that stalls, resets, lies or floods: a problem that names the stage, and nothing partial as if it were whole.</summary>
public sealed class HostileUpstreamTests
{
    private static readonly ForwardOptions Once = new() { Retries = 0 };
    private static readonly ForwardOptions Impatient = Once with { ResponseTimeout = TimeSpan.FromMilliseconds(400) };

    [Theory]
    [InlineData("", 502, "connection_terminated")]
    [InlineData("HTTP/1.1 200 OK\r\nX: y", 502, "connection_terminated")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\nhello", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nhello", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\u0001b\r\nContent-Length: 0\r\n\r\n", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 200 OK\r\nX y: a\r\nContent-Length: 0\r\n\r\n", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 200 OK\r\n: a\r\nContent-Length: 0\r\n\r\n", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 20 OK\r\n\r\n", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n", 502, "http_protocol_error")]
    [InlineData("HTTP/3.0 200 OK\r\n\r\n", 502, "http_protocol_error")]
    [InlineData("SSH-2.0-OpenSSH_9.2p1 Debian\r\n\r\n", 502, "http_protocol_error")]
    [InlineData("\u0015\u0003\u0003\u0000\u0002\u0002\u0016", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 0\n\n", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\nY: b\r\nContent-Length: 0\r\n\r\n", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\rY: b\r\nContent-Length: 0\r\n\r\n", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\r\n folded\r\nContent-Length: 0\r\n\r\n", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 0\r\n\r\n", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n", 502, "http_protocol_error")]
    [InlineData("\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 502, "http_protocol_error")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", 502, "http_upgrade_failed")]
    public async Task Send_AnswerBeforeItsHeadIsWhole_IsProblemOfItsStage(string answer, int status, string type)
    {
        await using var server = new ScriptedServer(async conversation =>
        {
            await conversation.ReadRequestAsync();
            await conversation.SendAsync(answer);
        });
        await using var gateway = await GatewayServer.StartAsync(Once, server.Url);

        var response = await gateway.GetAsync("/");

        Assert.Equal((status, $"headroom; error={type}"), (response.Status, response.Field("Proxy-Status")));
        Assert.Equal("application/problem+json", response.Field("Content-Type"));
        Assert.True(response.IsComplete);
        Assert.DoesNotContain(server.Url.Authority, response.Head + response.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", response.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_NobodyListens_IsConnectionRefused()
    {
        await using var gateway = await GatewayServer.StartAsync(new Uri($"http://127.0.0.1:{FreePort.Next()}/"));

        var response = await gateway.GetAsync("/");

        Assert.Equal((502, "headroom; error=connection_refused"), (response.Status, response.Field("Proxy-Status")));
    }

    [Fact]
    public async Task Send_NameUnknown_IsDnsError()
    {
        await using var gateway = await GatewayServer.StartAsync(new Uri("http://upstream.invalid:3000/"));

        var response = await gateway.GetAsync("/");

        Assert.Equal((502, "headroom; error=dns_error"), (response.Status, response.Field("Proxy-Status")));
    }

    [Fact]
    public async Task Send_AddressSwallowsPackets_IsConnectionTimeout()
    {
        // A listener whose queue is full does not answer.
        using var full = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        full.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        full.Listen(0);
        var endPoint = full.LocalEndPoint!;
        var fillers = Enumerable.Range(0, 4).Select(_ => new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp)).ToList();
        foreach (var filler in fillers)
            _ = filler.ConnectAsync(endPoint);
        await Task.Delay(100, TestContext.Current.CancellationToken);
        var upstream = UpstreamSettings.Default($"http://{endPoint}") with { ConnectTimeout = TimeSpan.FromMilliseconds(200) };
        await using var gateway = await GatewayServer.StartAsync(GatewayServer.Settings(new ForwardOptions { Retries = 0 }, upstream));

        var response = await gateway.GetAsync("/");

        Assert.Equal((504, "headroom; error=connection_timeout"), (response.Status, response.Field("Proxy-Status")));
        fillers.ForEach(filler => filler.Dispose());
    }

    [Fact]
    public async Task Send_CertificateNotTrusted_IsTlsProtocolError()
    {
        using var certificate = TestCertificate.Create();
        await using var origin = await KestrelOrigin.StartAsync(_ => Task.CompletedTask, certificate: certificate);
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        var response = await gateway.GetAsync("/");

        Assert.Equal((502, "headroom; error=tls_protocol_error"), (response.Status, response.Field("Proxy-Status")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nX-Slow: 1\r\n")]
    public async Task Send_HeadDoesNotCome_IsResponseTimeout(string begin)
    {
        await using var server = Stalling(begin);
        await using var gateway = await GatewayServer.StartAsync(Impatient, server.Url);

        var response = await gateway.GetAsync("/");

        Assert.Equal((504, "headroom; error=http_response_timeout"), (response.Status, response.Field("Proxy-Status")));
    }

    [Fact]
    public async Task Send_HeadFlood_IsHeaderSectionSize()
    {
        await using var server = new ScriptedServer(async conversation =>
        {
            await conversation.ReadRequestAsync();
            await conversation.SendAsync("HTTP/1.1 200 OK\r\n");
            var line = "X-Flood: " + new string('x', 1000) + "\r\n";
            for (var i = 0; i < 10_000; i++)
                await conversation.SendAsync(line);
        });
        await using var gateway = await GatewayServer.StartAsync(Once, server.Url);

        var response = await gateway.GetAsync("/");

        Assert.Equal((502, "headroom; error=http_response_header_section_size"), (response.Status, response.Field("Proxy-Status")));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX")]
    public async Task Answer_BodyBreaksOff_IsNeverWhole(string answer)
    {
        await using var server = new ScriptedServer(async conversation =>
        {
            await conversation.ReadRequestAsync();
            await conversation.SendAsync(answer);
        });
        await using var gateway = await GatewayServer.StartAsync(Once, server.Url);

        var response = await gateway.GetAsync("/");

        Assert.False(response.IsComplete, response.Head + response.Body);
    }

    [Fact]
    public async Task Answer_BodyIsResetInTheMiddle_IsNeverWhole()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new ScriptedServer(async conversation =>
        {
            await conversation.ReadRequestAsync();
            await conversation.SendAsync("HTTP/1.1 200 OK\r\n\r\nhello");
            await begun.Task.WaitAsync(conversation.Stop);
            conversation.Reset();
        });
        await using var gateway = await GatewayServer.StartAsync(new ForwardOptions(), server.Url);
        await using var client = await gateway.ConnectAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        var head = await client.ReadHeadAsync();
        begun.SetResult();
        var (_, orderly) = await client.ReadToEndAsync();
        var response = new RawResponse(head!, "", orderly, "");

        Assert.False(response.IsComplete, response.Head + response.Body);
    }

    [Fact]
    public async Task Answer_BodyPausesTooLong_IsAborted()
    {
        await using var server = Stalling("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
        await using var gateway = await GatewayServer.StartAsync(Once with { IdleTimeout = TimeSpan.FromMilliseconds(400) }, server.Url);

        var response = await gateway.GetAsync("/");

        Assert.Equal((200, "hello", false), (response.Status, response.Body, response.IsComplete));
    }

    [Fact]
    public async Task Answer_MoreThanItsLength_IsCutAndTheConnectionNotUsedAgain()
    {
        await using var origin = new Origin("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        for (var time = 0; time < 3; time++)
        {
            Assert.Equal("ok", (await gateway.GetAsync("/")).Body);
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Equal(3, origin.Connections);
    }

    [Fact]
    public async Task Answer_InformationalFlood_IsHeaderSectionSize()
    {
        await using var server = new ScriptedServer(async conversation =>
        {
            await conversation.ReadRequestAsync();
            while (!conversation.Stop.IsCancellationRequested)
                await conversation.SendAsync("HTTP/1.1 102 Processing\r\n\r\n");
        });
        await using var gateway = await GatewayServer.StartAsync(Once, server.Url);
        await using var connection = await gateway.ConnectAsync();
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

        var response = await connection.ReadAsync();
        while (response.Status == 102)
            response = await connection.ReadAsync();

        Assert.Equal((502, "headroom; error=http_response_header_section_size"), (response.Status, response.Field("Proxy-Status")));
    }

    private static ScriptedServer Stalling(string begin) => new(async conversation =>
    {
        await conversation.ReadRequestAsync();
        await conversation.SendAsync(begin);
        await Task.Delay(Timeout.Infinite, conversation.Stop);
    });
}
