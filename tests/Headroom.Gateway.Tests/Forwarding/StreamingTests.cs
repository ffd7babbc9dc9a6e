using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using Headroom.Gateway.Forwarding;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Headroom.Gateway.Tests.Forwarding;

public sealed class StreamingTests
{
    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Answer_EventStream_EachEventArrivesBeforeTheNextIsMade(HttpProtocols protocols)
    {
        using var arrived = new SemaphoreSlim(0);
        await using var origin = await KestrelOrigin.StartAsync(
            async context =>
            {
                context.Response.ContentType = "text/event-stream";
                for (var i = 0; i < 20; i++)
                {
                    await context.Response.WriteAsync($"data: {i}\n\n", context.RequestAborted);
                    await context.Response.Body.FlushAsync(context.RequestAborted);
                    // Were anything held back, this would wait for ever.
                    Assert.True(await arrived.WaitAsync(TimeSpan.FromSeconds(30), context.RequestAborted), "the event did not arrive");
                }
            },
            protocols);
        await using var gateway = await StartAsync(origin, protocols);
        using var client = Client(gateway, HttpVersion.Version11);
        using var reader = new StreamReader(await client.GetStreamAsync("/", TestContext.Current.CancellationToken));

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal($"data: {i}", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
            await reader.ReadLineAsync(TestContext.Current.CancellationToken);
            arrived.Release();
        }

        Assert.Null(await reader.ReadLineAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Request_ClientPauses_WhatCameBeforeIsAtTheUpstream()
    {
        var first = new TaskCompletionSource<string>();
        await using var origin = await KestrelOrigin.StartAsync(async context =>
        {
            var buffer = new byte[5];
            await context.Request.Body.ReadExactlyAsync(buffer, context.RequestAborted);
            first.SetResult(System.Text.Encoding.ASCII.GetString(buffer));
            await context.Response.WriteAsync(await new StreamReader(context.Request.Body).ReadToEndAsync(context.RequestAborted));
        });
        await using var gateway = await GatewayServer.StartAsync(origin.Url);
        await using var connection = await gateway.ConnectAsync();

        await connection.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
        Assert.Equal("first", await first.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        await connection.SendAsync("6\r\nsecond\r\n0\r\n\r\n");

        Assert.Equal("second", (await connection.ReadAsync()).Body);
    }

    [Fact]
    public async Task Request_ExpectsContinue_BodyIsAskedForByTheUpstream()
    {
        var asked = new TaskCompletionSource();
        await using var server = new ScriptedServer(async conversation =>
        {
            await conversation.ReadHeadAsync();
            await asked.Task;
            await conversation.SendAsync("HTTP/1.1 100 Continue\r\n\r\n");
            await conversation.ReadExactlyAsync(5);
            await conversation.SendAsync(ScriptedServer.Ok("got it"));
        });
        await using var gateway = await GatewayServer.StartAsync(server.Url);
        await using var connection = await gateway.ConnectAsync();

        await connection.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
        var begun = Stopwatch.GetTimestamp();
        await Task.Delay(200, TestContext.Current.CancellationToken);
        asked.SetResult();
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await connection.ReadHeadAsync());
        Assert.True(Stopwatch.GetElapsedTime(begun) >= TimeSpan.FromMilliseconds(190), "100 before the upstream said so");
        await connection.SendAsync("hello");

        Assert.Equal("got it", (await connection.ReadAsync()).Body);
    }

    [Fact]
    public async Task Request_ExpectsContinueAndIsRefused_BodyIsNeverAskedFor()
    {
        await using var server = new ScriptedServer(async conversation =>
        {
            await conversation.ReadHeadAsync();
            await conversation.SendAsync("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno");
            await Task.Delay(Timeout.Infinite, conversation.Stop);
        });
        await using var gateway = await GatewayServer.StartAsync(server.Url);

        // More than 1 KB: what is smaller .NET sends all the same, to keep the connection.
        var response = await gateway.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\nExpect: 100-continue\r\n\r\n");

        Assert.Equal((401, "no"), (response.Status, response.Body));
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Client_GoesAway_UpstreamIsTold(HttpProtocols protocols)
    {
        var began = new TaskCompletionSource();
        var aborted = new TaskCompletionSource();
        await using var origin = await KestrelOrigin.StartAsync(
            async context =>
            {
                await using var registration = context.RequestAborted.Register(() => aborted.TrySetResult());
                began.TrySetResult();
                await aborted.Task.WaitAsync(TimeSpan.FromSeconds(30));
            },
            protocols);
        await using var gateway = await StartAsync(origin, protocols);
        await using var connection = await gateway.ConnectAsync();
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await began.Task;

        connection.Reset();

        await aborted.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("Content-Length: 10\r\n\r\nhello")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    public async Task Client_GoesAwayInItsBody_UpstreamSeesNoEnd(string rest)
    {
        var began = new TaskCompletionSource();
        var outcome = new TaskCompletionSource<string>();
        await using var origin = await KestrelOrigin.StartAsync(async context =>
        {
            try
            {
                await context.Request.Body.ReadExactlyAsync(new byte[5], context.RequestAborted);
                began.SetResult();
                outcome.SetResult("whole: " + await new StreamReader(context.Request.Body).ReadToEndAsync(context.RequestAborted));
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                outcome.SetResult("broken off");
            }
        });
        await using var gateway = await GatewayServer.StartAsync(origin.Url);
        await using var connection = await gateway.ConnectAsync();
        await connection.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\n{rest}");
        await began.Task;

        connection.Reset();

        Assert.Equal("broken off", await outcome.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Request_MalformedChunk_IsTheClientsMistake()
    {
        await using var origin = await KestrelOrigin.StartAsync(async context => await new StreamReader(context.Request.Body).ReadToEndAsync(context.RequestAborted));
        await using var gateway = await GatewayServer.StartAsync(origin.Url);

        var response = await gateway.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");

        Assert.Equal(400, response.Status);
        Assert.Contains("http_request_error", response.Field("Proxy-Status") ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Length: 11\r\n\r\nhello world")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\n\r\n")]
    public async Task Request_LargerThanTheRouteAllows_IsRefused(string rest)
    {
        await using var origin = await KestrelOrigin.StartAsync(async context => await new StreamReader(context.Request.Body).ReadToEndAsync(context.RequestAborted));
        await using var gateway = await GatewayServer.StartAsync(new ForwardOptions { MaxBodyBytes = 10 }, origin.Url);

        var response = await gateway.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\n{rest}");

        Assert.Equal(413, response.Status);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Http2_ClientAndUpstream_BodyAndTrailersPass(HttpProtocols upstream)
    {
        var seen = "";
        await using var origin = await KestrelOrigin.StartAsync(
            async context =>
            {
                seen = context.Request.Protocol + " " + string.Join(";", context.Request.Headers.Cookie.ToArray());
                if (context.Response.SupportsTrailers())
                    context.Response.DeclareTrailer("X-Sum");
                await context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted);
                if (context.Response.SupportsTrailers())
                    context.Response.AppendTrailer("X-Sum", "42");
            },
            upstream);
        await using var gateway = await StartAsync(origin, upstream, client: HttpProtocols.Http2);
        using var client = Client(gateway, HttpVersion.Version20);
        var content = RandomNumberGenerator.GetBytes(300_000);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/echo")
        {
            Content = new ByteArrayContent(content), Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(content, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.StartsWith(upstream == HttpProtocols.Http2 ? "HTTP/2" : "HTTP/1.1", seen, StringComparison.Ordinal);
        if (upstream == HttpProtocols.Http2)
            Assert.Equal("42", response.TrailingHeaders.GetValues("X-Sum").Single());
    }

    [Fact]
    public async Task Http2_TrailersOfChunkedUpstream_ReachTheClient()
    {
        await using var origin = new Origin("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 42\r\n\r\n");
        await using var gateway = await GatewayServer.StartAsync(GatewayServer.Settings(
            new ForwardOptions(), Headroom.Gateway.Upstreams.UpstreamSettings.Default(origin.Url.ToString().TrimEnd('/'))) with { Listen = [GatewayServer.Listen(HttpProtocols.Http2)] });
        using var client = Client(gateway, HttpVersion.Version20);

        using var response = await client.GetAsync("/", TestContext.Current.CancellationToken);

        Assert.Equal("hello", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("42", response.TrailingHeaders.GetValues("X-Sum").Single());
        Assert.False(response.Headers.Contains("X-Sum"));
    }

    private static Task<GatewayServer> StartAsync(KestrelOrigin origin, HttpProtocols upstream, HttpProtocols client = HttpProtocols.Http1)
    {
        var settings = Headroom.Gateway.Upstreams.UpstreamSettings.Default(origin.Url.ToString().TrimEnd('/')) with
        {
            Protocol = upstream == HttpProtocols.Http2 ? Headroom.Gateway.Upstreams.UpstreamProtocol.Http2 : Headroom.Gateway.Upstreams.UpstreamProtocol.Http1,
        };
        return GatewayServer.StartAsync(GatewayServer.Settings(new ForwardOptions(), settings) with { Listen = [GatewayServer.Listen(client)] });
    }

    private static HttpClient Client(GatewayServer gateway, Version version) =>
        new() { BaseAddress = gateway.Url, DefaultRequestVersion = version, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
}
