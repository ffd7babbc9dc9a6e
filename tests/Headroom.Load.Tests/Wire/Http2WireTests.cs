using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using Headroom.Load.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Load.Tests.Wire;

/// <summary>HTTP/2 against Kestrel, with TLS and without.</summary>
public abstract class Http2WireTests : IAsyncLifetime
{
    private WebApplication? _app;

    private protected abstract bool IsTls { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Uri Url { get; set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                if (IsTls)
                    listen.UseHttps(TestCertificates.Localhost);
            });
        });
        if (IsTls)
            builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync(Token);
        var address = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Url = new Uri($"{(IsTls ? "https" : "http")}://localhost:{address.Port}/");
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_app is not null)
            await _app.DisposeAsync();
    }

    [Fact]
    public void Exchange_Get_CountsStatusBodyAndCache()
    {
        using var wire = Create();
        var (exchange, captured) = Exchange(wire, "/hello", capture: Capture.Head | Capture.Body);
        Assert.Equal((WireError.None, 200, 5L, 5L, 5L, CacheOutcome.Hit),
            (exchange.Error, exchange.Status, exchange.BodyBytes, exchange.DecodedBodyBytes, exchange.BytesReceived, exchange.Cache));
        Assert.Equal("hello", captured!.Value.Body);
        Assert.Contains("cache-status: edge; hit\r\n", captured.Value.Head, StringComparison.OrdinalIgnoreCase);
        Assert.True(exchange.CompletedNs > exchange.StartedNs && exchange.SentNs >= exchange.StartedNs);
    }

    [Fact]
    public void Exchange_Request_ArrivesAsWritten()
    {
        using var wire = Create();
        var (exchange, captured) = Exchange(
            wire, "/echo/%7Ex/a%20b?q=%7B1%7D", "POST", Encoding.UTF8.GetBytes("body of the request"), Capture.Body,
            [("Content-Type", "application/x-test"), ("X-Name", "v\u00e9"), ("Connection", "keep-alive"), ("Host", "other.example")]);
        Assert.Equal(WireError.None, exchange.Error);
        Assert.Equal(19, exchange.BytesSent);
        Assert.Equal("HTTP/2 POST /echo/%7Ex/a%20b?q=%7B1%7D other.example application/x-test 19 v\u00e9 body of the request", captured!.Value.Body);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(204)]
    [InlineData(500)]
    public void Exchange_Status_IsTold(int status)
    {
        using var wire = Create();
        Assert.Equal((WireError.None, status), (Exchange(wire, $"/status/{status}").Exchange.Error, Exchange(wire, $"/status/{status}").Exchange.Status));
    }

    [Fact]
    public void Exchange_Head_HasNoBody()
    {
        using var wire = Create();
        var (exchange, _) = Exchange(wire, "/hello", "HEAD");
        Assert.Equal((WireError.None, 200, 0L), (exchange.Error, exchange.Status, exchange.BodyBytes));
    }

    [Fact]
    public void Exchange_LargeAndCompressedBodies_AreCounted()
    {
        using var wire = Create(options => options with { CaptureBytesMax = 10 });
        Assert.Equal(3_000_000, Exchange(wire, "/large/3000000").Exchange.BodyBytes);
        var (exchange, captured) = Exchange(wire, "/gzip", capture: Capture.Body);
        Assert.Equal((WireError.None, 100_000L), (exchange.Error, exchange.DecodedBodyBytes));
        Assert.True(exchange.BodyBytes < 2000 && captured is { IsTruncated: true, Body.Length: 10 });
    }

    [Fact]
    public void Exchange_RequestHasALongerTimeThanTheWire_HasThatTime()
    {
        using var wire = Create(options => options with { Timeout = TimeSpan.FromMilliseconds(200) });
        var (exchange, _) = Exchange(wire, "/silent", timeoutNs: 900_000_000);
        Assert.Equal(WireError.ResponseTimeout, exchange.Error);
        Assert.InRange(exchange.CompletedNs - exchange.StartedNs, 890_000_000, 5_000_000_000);
    }

    [Fact]
    public void Exchange_NoAnswer_TimesOutAndTheConnectionGoesOn()
    {
        using var wire = Create(options => options with { ResponseTimeout = TimeSpan.FromMilliseconds(300) });
        var first = Exchange(wire, "/hello", capture: Capture.Body);
        var (exchange, _) = Exchange(wire, "/silent");
        Assert.Equal((WireError.ResponseTimeout, 0), (exchange.Error, exchange.Status));
        Assert.InRange(exchange.CompletedNs - exchange.StartedNs, 290_000_000, 5_000_000_000);
        Assert.Equal(WireError.None, Exchange(wire, "/hello").Exchange.Error);
        Assert.Equal(WireError.None, first.Exchange.Error);
    }

    [Fact]
    public void Exchange_SlowBody_TimesOutAsAWhole()
    {
        using var wire = Create(options => options with { Timeout = TimeSpan.FromMilliseconds(400), ResponseTimeout = TimeSpan.FromMilliseconds(300) });
        Assert.Equal(WireError.TotalTimeout, Exchange(wire, "/half").Exchange.Error);
    }

    [Fact]
    public void Exchange_StreamReset_IsTold()
    {
        using var wire = Create();
        Assert.Equal(WireError.StreamReset, Exchange(wire, "/reset").Exchange.Error);
        Assert.Equal(WireError.StreamReset, Exchange(wire, "/reset-in-body").Exchange.Error);
        Assert.Equal(WireError.None, Exchange(wire, "/hello").Exchange.Error);
    }

    [Fact]
    public void Exchange_ConnectionAborted_IsToldAndTheNextConnectsAgain()
    {
        using var wire = Create();
        var error = Exchange(wire, "/abort-connection").Exchange.Error;
        Assert.Contains(error, new[] { WireError.ConnectionReset, WireError.ConnectionClosed, WireError.ProtocolFailed, WireError.StreamReset });
        Assert.Equal(WireError.None, Exchange(wire, "/hello").Exchange.Error);
    }

    [Fact]
    public void Exchange_EventStream_CountsEventsAndEndsWhenEnoughCame()
    {
        using var wire = Create();
        var (exchange, _) = Exchange(wire, "/events/5");
        Assert.Equal((WireError.None, 5L), (exchange.Error, exchange.Events));
        Assert.True(exchange.FirstEventNs > exchange.StartedNs && exchange.FirstEventNs < exchange.CompletedNs);
        Assert.Equal((WireError.None, 3L), (Exchange(wire, "/events/1000000", eventsMax: 3).Exchange.Error, Exchange(wire, "/events/1000000", eventsMax: 3).Exchange.Events));
    }

    [Fact]
    public void Poll_ManySlots_ShareConnectionsAndKeepApart()
    {
        const int Slots = 300;
        using var wire = Create(options => options with { Slots = Slots });
        var sink = new ExchangeCollector();
        for (var slot = 0; slot < Slots; slot++)
        {
            var request = Request($"/large/{slot + 1}", "GET", default, Capture.None, 0, []);
            wire.Start(slot, request, request.Bytes);
        }

        sink.PollUntil(wire, Slots);
        Assert.All(sink.Exchanges, exchange => Assert.Equal((WireError.None, exchange.Slot + 1L), (exchange.Error, exchange.BodyBytes)));
        Assert.Equal(Slots, sink.Exchanges.Select(exchange => exchange.Slot).Distinct().Count());
    }

    [Fact]
    public void AbortAll_ExchangesUnderWay_AreReportedOnce()
    {
        using var wire = Create(options => options with { Slots = 5 });
        var sink = new ExchangeCollector();
        for (var slot = 0; slot < 5; slot++)
        {
            var request = Request("/silent", "GET", default, Capture.None, 0, []);
            wire.Start(slot, request, request.Bytes);
        }

        wire.Poll(MonotonicClock.NowNs + 100_000_000, sink);
        wire.AbortAll(WireError.Interrupted, sink);
        wire.Poll(MonotonicClock.NowNs + 10_000_000, sink);
        Assert.Equal(Enumerable.Repeat(WireError.Interrupted, 5), sink.Exchanges.Select(exchange => exchange.Error));
    }

    [Fact]
    public async Task Exchange_ServerStops_FollowsGoAwayAndThenIsRefused()
    {
        using var wire = Create();
        Assert.Equal(WireError.None, Exchange(wire, "/hello").Exchange.Error);
        await _app!.StopAsync(Token);
        Assert.Equal(WireError.ConnectRefused, Exchange(wire, "/hello").Exchange.Error);
    }

    [Fact]
    public async Task RunAsync_Plan_RunsOverHttp2()
    {
        var run = await LoadRun.RunAsync(Plan(new Uri(Url, "/hello")), new LoadOptions { Insecure = IsTls }, cancellation: Token);
        Assert.Equal((50, 0), (run.Summary.Requests, run.Summary.Errors));
        Assert.Equal(["200"], run.Statuses.Keys);
    }

    [Fact]
    public async Task RunAsync_ServerOfHttp11Only_IsToldBeforehand()
    {
        await using var server = ScriptedServer.Always(
            Encoding.Latin1.GetBytes("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), tls: IsTls ? new() { ServerCertificate = TestCertificates.Localhost } : null);
        var e = await Assert.ThrowsAsync<TargetUnreachableException>(() => LoadRun.RunAsync(Plan(server.Url), new LoadOptions { Insecure = IsTls }, cancellation: Token));
        Assert.Contains(IsTls ? "does not speak HTTP/2 over TLS (ALPN)" : "does not speak HTTP/2 without TLS (prior knowledge)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Exchange_NothingListens_IsRefused()
    {
        var port = FreePort.Next();
        using var wire = new Http2Wire(Options() with { Origins = [new Origin("http", "localhost", port, new IPEndPoint(IPAddress.Loopback, port))] });
        Assert.Equal(WireError.ConnectRefused, Exchange(wire, "/").Exchange.Error);
    }

    private static LoadPlan Plan(Uri url) => new()
    {
        Name = "http2",
        Requests = [new PlannedRequest { Name = "GET", Url = url }],
        Connections = new ConnectionPolicy { Version = HttpVersionChoice.Http2 },
        Scenarios = [new Scenario { Name = "open", Executor = ExecutorKind.ConstantArrivalRate, RatePerSecond = 100, Connections = 4, Duration = TimeSpan.FromMilliseconds(500) }],
    };

    private static async Task AnswerAsync(HttpContext context)
    {
        var response = context.Response;
        var words = context.Request.Path.Value!.Split('/');
        switch (words[1])
        {
            case "hello":
                response.Headers["Cache-Status"] = "edge; hit";
                await response.WriteAsync("hello");
                break;
            case "echo":
                using (var reader = new StreamReader(context.Request.Body))
                {
                    var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
                    var request = context.Request;
                    var text = $"{request.Protocol} {request.Method} {target} {request.Host} {request.ContentType} {request.ContentLength} {request.Headers["X-Name"]} {await reader.ReadToEndAsync()}";
                    await response.Body.WriteAsync(Encoding.Latin1.GetBytes(text));
                }

                break;
            case "status":
                response.StatusCode = int.Parse(words[2], CultureInfo.InvariantCulture);
                break;
            case "large":
                await response.Body.WriteAsync(new byte[int.Parse(words[2], CultureInfo.InvariantCulture)]);
                break;
            case "gzip":
                response.Headers.ContentEncoding = "gzip";
                await using (var packer = new GZipStream(response.Body, CompressionLevel.Fastest))
                    await packer.WriteAsync(new byte[100_000]);
                break;
            case "silent":
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
                break;
            case "half":
                await response.WriteAsync("half");
                await response.Body.FlushAsync();
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
                break;
            case "reset":
                context.Features.Get<IHttpResetFeature>()!.Reset(2);
                break;
            case "reset-in-body":
                await response.WriteAsync("half");
                await response.Body.FlushAsync();
                await Task.Delay(50);
                context.Features.Get<IHttpResetFeature>()!.Reset(2);
                break;
            case "abort-connection":
                context.Features.Get<Microsoft.AspNetCore.Connections.Features.IConnectionLifetimeFeature>()?.Abort();
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
                break;
            case "events":
                response.ContentType = "text/event-stream";
                for (var i = 0; i < int.Parse(words[2], CultureInfo.InvariantCulture); i++)
                {
                    await response.WriteAsync($"data: {i}\n\n", context.RequestAborted);
                    await response.Body.FlushAsync(context.RequestAborted);
                    await Task.Delay(5, context.RequestAborted);
                }

                break;
        }
    }

    private Http2Wire Create(Func<WireOptions, WireOptions>? with = null) => new((with ?? (options => options))(Options()));

    private WireOptions Options() => new()
    {
        Origins = [new Origin(Url.Scheme, "localhost", Url.Port, new IPEndPoint(IPAddress.Loopback, Url.Port))],
        Slots = 1,
        Timeout = TimeSpan.FromSeconds(20),
        Tls = new TlsOptions { Insecure = true },
    };

    private (Exchange Exchange, (string Head, string Body, bool IsTruncated)? Captured) Exchange(
        Http2Wire wire,
        string path,
        string method = "GET",
        byte[]? body = null,
        Capture capture = Capture.None,
        IReadOnlyList<(string Name, string Value)>? headers = null,
        int eventsMax = 0,
        long? timeoutNs = null)
    {
        var sink = new ExchangeCollector();
        var request = Request(path, method, body, capture, eventsMax, headers ?? [], timeoutNs);
        wire.Start(0, request, request.Bytes);
        sink.PollUntil(wire, 1);
        return (sink.Exchanges[0], sink.Captured);
    }

    private RequestImage Request(
        string path, string method, ReadOnlyMemory<byte> body, Capture capture, int eventsMax, IReadOnlyList<(string Name, string Value)> headers, long? timeoutNs = null) => new()
    {
        Bytes = RequestImage.Encode(new PlannedRequest
        {
            Name = "x",
            Method = method,
            Url = new Uri(Url.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }),
            Body = body,
            Headers = headers,
        }),
        OriginIndex = 0,
        Row = 0,
        IsHead = method == "HEAD",
        Capture = capture,
        EventsMax = eventsMax,
        TimeoutNs = timeoutNs,
    };
}

public sealed class Http2WireTlsTests : Http2WireTests
{
    private protected override bool IsTls => true;
}

public sealed class Http2WirePriorKnowledgeTests : Http2WireTests
{
    private protected override bool IsTls => false;
}
