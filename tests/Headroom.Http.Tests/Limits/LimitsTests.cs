using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Headroom.Http.Tests.Limits;

public sealed class LimitsTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    readonly ManualTime time = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Timeout_NothingSent_CancelsTheHandlerAndAnswers504()
    {
        var cancelled = new TaskCompletionSource();
        await using var app = await StartAsync(
            options => options.Timeout = TimeSpan.FromMilliseconds(200),
            app =>
            {
                app.MapGet("/slow", async (CancellationToken token) =>
                {
                    token.Register(cancelled.SetResult);
                    await Task.Delay(-1, token);
                });
                app.MapGet("/own", async (CancellationToken token) => await Task.Delay(600, token)).Timeout(TimeSpan.FromSeconds(20));
                app.MapGet("/none", async (CancellationToken token) => await Task.Delay(600, token)).Timeout(null);
                app.MapGet("/framework", async (CancellationToken token) => await Task.Delay(600, token)).WithMetadata(new DisableRequestTimeoutAttribute());
                app.MapGet("/framework-own", async (CancellationToken token) => await Task.Delay(600, token)).WithRequestTimeout(TimeSpan.FromSeconds(20));
                app.MapGet("/framework-none", async (CancellationToken token) => await Task.Delay(600, token)).WithRequestTimeout(new RequestTimeoutPolicy());
            });

        using var response = await app.GetAsync("/slow");
        await cancelled.Task;
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        var problem = JsonDocument.Parse(await response.TextAsync()).RootElement;
        Assert.Equal("The request took longer than 0.2 s and was given up.", problem.GetProperty("detail").GetString());
        foreach (var path in new[] { "/own", "/none", "/framework", "/framework-own", "/framework-none" })
        {
            using var patient = await app.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, patient.StatusCode);
        }
    }

    [Fact]
    public async Task Timeout_InACultureThatWritesAComma_IsToldAsInAnyOther()
    {
        await using var app = await HttpApp.StartAsync(
            app =>
            {
                app.Use((_, next) =>
                {
                    CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
                    return next();
                });
                app.UseHeadroomLimits();
                app.MapGet("/", (CancellationToken token) => Task.Delay(-1, token));
            },
            services => services.AddHeadroomLimits(options => options.Timeout = TimeSpan.FromMilliseconds(150)));

        using var response = await app.GetAsync("/");
        Assert.Contains("took longer than 0.15 s", await response.TextAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Timeout_ResponseStarted_IsNeverEndedAsIfComplete(bool swallows)
    {
        var begun = new TaskCompletionSource();
        await using var app = await StartAsync(
            _ => { },
            app => app.MapGet("/", async (HttpContext context) =>
            {
                var token = context.RequestAborted;
                await context.Response.WriteAsync("half", CancellationToken.None);
                await context.Response.Body.FlushAsync(CancellationToken.None);
                begun.SetResult();
                try
                {
                    await Task.Delay(-1, token);
                }
                catch (OperationCanceledException) when (swallows)
                {
                    // As the framework's own results do.
                }
            }).Timeout(TimeSpan.FromSeconds(3)),
            time);
        var answer = app.GetAsync("/");
        await begun.Task;
        time.Advance(TimeSpan.FromSeconds(3));
        await Assert.ThrowsAsync<HttpRequestException>(() => answer).WaitAsync(Patience, Cancellation);
    }

    /// <summary>Nobody can tell whether what comes from a handler after its token was cancelled is all of it.</summary>
    [Fact]
    public async Task Timeout_AnswerBeginsAfterTheTokenWasCancelled_IsAborted()
    {
        await using var app = await StartAsync(
            options => options.Timeout = TimeSpan.FromMilliseconds(100),
            app => app.MapGet("/", async (HttpContext context) =>
            {
                var late = new TaskCompletionSource();
                await using var registration = context.RequestAborted.Register(late.SetResult);
                await late.Task;
                await context.Response.WriteAsync("half", CancellationToken.None);
            }));
        await Assert.ThrowsAsync<HttpRequestException>(() => app.GetAsync("/")).WaitAsync(Patience, Cancellation);
    }

    [Fact]
    public async Task Timeout_OfTheApplication_LetsGoOnWhatHadBegun()
    {
        var (begun, goOn) = (new SemaphoreSlim(0), new TaskCompletionSource());
        await using var app = await StartAsync(
            options => options.Timeout = TimeSpan.FromSeconds(2),
            app =>
            {
                app.MapGet("/download", async context =>
                {
                    var token = context.RequestAborted;
                    await context.Response.WriteAsync("piece ", token);
                    await context.Response.Body.FlushAsync(token);
                    begun.Release();
                    await goOn.Task;
                    await context.Response.WriteAsync("piece ", token);
                });
                app.MapGet("/events", async (HttpResponse response, CancellationToken token) =>
                {
                    begun.Release();
                    await goOn.Task;
                    await response.WriteAsync("data: 1\n\n", token);
                }).Produces<string>(200, "text/event-stream");
            },
            time);
        var (download, events) = (app.GetAsync("/download"), app.GetAsync("/events"));
        for (var i = 0; i < 2; i++)
            Assert.True(await begun.WaitAsync(Patience, Cancellation));
        time.Advance(TimeSpan.FromMinutes(1));
        goOn.SetResult();
        Assert.Equal(12, (await (await download).TextAsync()).Length);
        Assert.Equal(HttpStatusCode.OK, (await events).StatusCode);
    }

    /// <summary>Deadlines and their timers are used again: a request that comes after another has all of its time, and its token is its own.</summary>
    [Fact]
    public async Task Timeout_ManyRequestsOneAfterTheOther_EachHasItsOwnTime()
    {
        var (cancelled, entered) = (0, new SemaphoreSlim(0));
        await using var app = await StartAsync(
            options => options.Timeout = TimeSpan.FromSeconds(4),
            app =>
            {
                app.MapGet("/quick", (CancellationToken token) =>
                {
                    token.Register(() => Interlocked.Increment(ref cancelled));
                    return "quick";
                });
                app.MapGet("/slow", async (CancellationToken token) =>
                {
                    entered.Release();
                    await Task.Delay(-1, token);
                });
            },
            time);
        for (var round = 0; round < 8; round++)
        {
            var slow = Enumerable.Range(0, 2).Select(_ => app.GetAsync("/slow")).ToArray();
            for (var i = 0; i < slow.Length; i++)
                Assert.True(await entered.WaitAsync(Patience, Cancellation));
            time.Advance(TimeSpan.FromSeconds(3));
            var quick = Enumerable.Range(0, 6).Select(_ => app.GetAsync("/quick")).ToArray();
            Assert.All(await Task.WhenAll(quick), answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
            Assert.All(slow, answer => Assert.False(answer.IsCompleted));
            time.Advance(TimeSpan.FromSeconds(2));
            Assert.All(await Task.WhenAll(slow), answer => Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode));
        }

        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, cancelled);
    }

    /// <summary>Timers are used again, tokens are not: what goes on behind its request is not ended by the next one.</summary>
    [Fact]
    public async Task Token_KeptBeyondItsRequest_IsCancelledByNoOther()
    {
        var (entered, kept) = (new TaskCompletionSource(), CancellationToken.None);
        await using var app = await StartAsync(
            options => options.Timeout = TimeSpan.FromSeconds(2),
            app =>
            {
                app.MapGet("/first", (CancellationToken token) =>
                {
                    kept = token;
                    return "first";
                });
                app.MapGet("/slow", async (CancellationToken token) =>
                {
                    entered.SetResult();
                    await Task.Delay(-1, token);
                });
            },
            time);
        (await app.GetAsync("/first")).Dispose();
        var slow = app.GetAsync("/slow");
        await entered.Task;
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await slow).StatusCode);
        Assert.True(kept.CanBeCanceled);
        Assert.False(kept.IsCancellationRequested);
    }

    /// <summary>Timers are used again, and what flows from the request that made one (its activity, its log scopes) is not of those after it.</summary>
    [Fact]
    public async Task Token_OfATimerThatIsUsedAgain_IsCancelledWithNothingOfTheRequestBefore()
    {
        var flowing = new AsyncLocal<string?>();
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var seen = (string?)"";
        await using var app = await StartAsync(
            options => options.Timeout = TimeSpan.FromMilliseconds(300),
            app =>
            {
                // Without a body the answer ends when the request has given its timer back.
                app.MapGet("/first", context =>
                {
                    flowing.Value = "first";
                    _ = context.RequestAborted;
                    return Task.CompletedTask;
                });
                app.MapGet("/second", async context =>
                {
                    await using var registration = context.RequestAborted.UnsafeRegister(
                        _ =>
                        {
                            seen = flowing.Value;
                            cancelled.SetResult();
                        },
                        null);
                    await cancelled.Task;
                });
            });
        (await app.GetAsync("/first")).Dispose();
        using var second = await app.GetAsync("/second");
        Assert.Equal(HttpStatusCode.GatewayTimeout, second.StatusCode);
        Assert.Null(seen);
    }

    /// <summary>As the framework's timeouts do around this one, which put back what was there before them.</summary>
    [Fact]
    public async Task Token_SetWhenTheRequestHasItsAnswer_IsTheOneThatThoseOutsideSee()
    {
        using var own = new CancellationTokenSource();
        CancellationToken seen = default;
        await using var app = await HttpApp.StartAsync(
            app =>
            {
                app.Use(async (context, next) =>
                {
                    await next(context);
                    context.RequestAborted = own.Token;
                    seen = context.RequestAborted;
                });
                app.UseHeadroomLimits();
                app.Run(context =>
                {
                    _ = context.RequestAborted;
                    return Task.CompletedTask;
                });
            },
            services => services.AddSingleton<TimeProvider>(time).AddHeadroomLimits());
        (await app.GetAsync("/")).Dispose();
        Assert.Equal(own.Token, seen);
    }

    /// <summary>As error pages do that let the request run once more.</summary>
    [Fact]
    public async Task Timeout_OfARequestThatRunsTwice_IsForEachRun()
    {
        var (entered, runs) = (new SemaphoreSlim(0), 0);
        await using var app = await HttpApp.StartAsync(
            app =>
            {
                app.Use(async (context, next) =>
                {
                    await next(context);
                    Assert.False(context.RequestAborted.IsCancellationRequested);
                    await next(context);
                });
                app.UseHeadroomLimits();
                app.Run(async context =>
                {
                    var token = context.RequestAborted;
                    entered.Release();
                    if (++runs == 2)
                        await Task.Delay(-1, token);
                });
            },
            services => services.AddSingleton<TimeProvider>(time).AddHeadroomLimits());
        var answer = app.GetAsync("/");
        for (var i = 0; i < 2; i++)
            Assert.True(await entered.WaitAsync(Patience, Cancellation));
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await answer).StatusCode);
    }

    [Fact]
    public async Task Timeout_SwitchedOffByTheHandler_IsNone()
    {
        var (entered, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var app = await StartAsync(
            _ => { },
            app => app.MapGet("/", async (HttpContext context) =>
            {
                var token = context.RequestAborted;
                context.Features.Get<IHttpRequestTimeoutFeature>()!.DisableTimeout();
                entered.SetResult();
                await goOn.Task;
                token.ThrowIfCancellationRequested();
                return "late";
            }),
            time);
        var answer = app.GetAsync("/");
        await entered.Task;
        time.Advance(TimeSpan.FromHours(1));
        goOn.SetResult();
        Assert.Equal("late", await (await answer).TextAsync());
    }

    /// <summary>Nobody asked for the token, so nothing could end it; what was not begun in time is a 504 all the same.</summary>
    [Fact]
    public async Task Timeout_HandlerThatAsksForNoTokenAndBeginsNoAnswerInTime_Is504()
    {
        await using var app = await HttpApp.StartAsync(
            app =>
            {
                app.UseHeadroomLimits();
                app.Run(context =>
                {
                    time.Advance(TimeSpan.FromSeconds(30));
                    context.Response.StatusCode = StatusCodes.Status204NoContent;
                    return Task.CompletedTask;
                });
            },
            services => services.AddSingleton<TimeProvider>(time).AddHeadroomLimits());
        using var answer = await app.GetAsync("/");
        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
    }

    [Theory]
    [InlineData(typeof(OperationCanceledException), 504)]
    [InlineData(typeof(InvalidOperationException), 500)]
    public async Task Timeout_HandlerThatThrowsAfterItWithoutAwaiting_IsLateOrItsOwnError(Type thrown, int status)
    {
        await using var app = await HttpApp.StartAsync(
            app =>
            {
                app.UseHeadroomLimits();
                app.Run(context =>
                {
                    _ = context.RequestAborted;
                    time.Advance(TimeSpan.FromSeconds(30));
                    throw (Exception)Activator.CreateInstance(thrown)!;
                });
            },
            services => services.AddSingleton<TimeProvider>(time).AddHeadroomLimits());
        using var answer = await app.GetAsync("/");
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task Timeout_BehindTheCache_LetsAStoredResponseStandIn()
    {
        var (slow, entered) = (false, new TaskCompletionSource());
        await using var app = await HttpApp.StartAsync(
            app =>
            {
                app.UseRouting();
                app.UseHeadroom();
                app.MapGet("/", async (CancellationToken token) =>
                {
                    if (slow)
                    {
                        entered.SetResult();
                        await Task.Delay(-1, token);
                    }

                    return "stored";
                }).CacheResponse(policy => policy.For(TimeSpan.FromSeconds(1)).StaleIfError(TimeSpan.FromMinutes(5)));
            },
            services => services.AddSingleton<TimeProvider>(time)
                .AddHeadroomCompression().AddHeadroomResponseCache().AddHeadroomRateLimits().AddHeadroomConcurrency().AddHeadroomLimits(options => options.Timeout = TimeSpan.FromSeconds(5)));
        (await app.GetAsync("/")).Dispose();
        slow = true;
        time.Advance(TimeSpan.FromSeconds(2));
        var answer = app.GetAsync("/");
        await entered.Task;
        time.Advance(TimeSpan.FromSeconds(5));
        using var late = await answer;
        Assert.Equal(HttpStatusCode.OK, late.StatusCode);
        Assert.Equal("stored", await late.TextAsync());
        Assert.Contains("stale-if-error", late.Header("Cache-Status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kestrel_LimitsThatTheApplicationSet_Stand()
    {
        await using var app = await HttpApp.StartAsync(
            app =>
            {
                app.UseHeadroomLimits();
                MapRead(app, () => { });
            },
            services => services.Configure<KestrelServerOptions>(kestrel => (kestrel.Limits.MaxRequestBodySize, kestrel.Limits.MaxRequestHeaderCount) = (20_000_000, 7)).AddHeadroomLimits());
        using var large = await PostAsync(app, "/read", 15_000_000, chunked: false);
        Assert.Equal(HttpStatusCode.OK, large.StatusCode);
        using var larger = await PostAsync(app, "/read", 20_000_001, chunked: false);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, larger.StatusCode);
        var limits = app.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;
        Assert.Equal((7, TimeSpan.FromSeconds(15)), (limits.MaxRequestHeaderCount, limits.RequestHeadersTimeout));
    }

    [Fact]
    public async Task Limits_SwitchedOff_ChangeNothing()
    {
        await using var app = await StartAsync(options => (options.Enabled, options.Timeout, options.MaxBodyBytes) = (false, TimeSpan.FromMilliseconds(1), 10), app => MapRead(app, () => Thread.Sleep(20)));
        using var response = await PostAsync(app, "/read", 1000, chunked: false);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(new KestrelServerLimits().MaxRequestBodySize, app.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.MaxRequestBodySize);
    }

    [Theory]
    [InlineData(999, 200)]
    [InlineData(1000, 200)]
    [InlineData(1001, 413)]
    [InlineData(5_000_000, 413)]
    public async Task Body_ByItsLength_IsRefusedBeforeItIsRead(int length, int status)
    {
        var reached = 0;
        await using var app = await StartAsync(options => options.MaxBodyBytes = 1000, app => MapRead(app, () => reached++));
        // What chunks are wrapped in counts too; far over the limit is Body_EndlessChunks'.
        var chunkedLength = status == 200 ? length - 100 : 1001;
        foreach (var chunked in new[] { false, true })
        {
            var before = reached;
            using var response = await PostAsync(app, "/read", chunked ? chunkedLength : length, chunked);
            Assert.Equal(status, (int)response.StatusCode);
            if (status == 413)
            {
                Assert.Equal("application/problem+json", response.Header("Content-Type"));
                Assert.Contains("longer than 1000 bytes", await response.TextAsync(), StringComparison.Ordinal);
            }

            Assert.Equal(before + (status == 413 && !chunked ? 0 : 1), reached);
        }

        using var bound = await PostAsync(app, "/bound", status == 200 ? 802 : 1102, chunked: true);
        Assert.Equal(status, (int)bound.StatusCode);
        using var own = await PostAsync(app, "/large", length, chunked: false);
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
    }

    [Fact]
    public async Task Body_EndlessChunks_AreCutAtTheLimit()
    {
        await using var app = await StartAsync(options => options.MaxBodyBytes = 100_000, app => MapRead(app, () => { }));
        using var socket = await ConnectAsync(app);
        await socket.SendAsync("POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray(), Cancellation);
        var chunk = Encoding.ASCII.GetBytes($"2000\r\n{new string('x', 0x2000)}\r\n");
        var answer = ReadAsync(socket);
        var sent = 0L;
        try
        {
            while (!answer.IsCompleted && sent < 1L << 32)
                sent += await socket.SendAsync(chunk, Cancellation);
        }
        catch (SocketException)
        {
            // Closed on the way: that is the end of it.
        }

        Assert.InRange(sent, 100_000, 1L << 30);
        Assert.StartsWith("HTTP/1.1 413 ", await answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_LengthThatLies_LeavesNothingToTheNextRequest()
    {
        await using var app = await StartAsync(options => options.MaxBodyBytes = 1000, app => MapRead(app, () => { }));
        using var socket = await ConnectAsync(app);
        await socket.SendAsync("POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\nGET /secret HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Cancellation);
        var answer = await ReadAsync(socket);
        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(answer, "HTTP/1.1 ", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1)));
    }

    [Theory]
    [InlineData("many", "431")]
    [InlineData("long", "431")]
    [InlineData("url", "414")]
    public async Task Head_TooMuchOfIt_IsRefusedByTheServer(string what, string status)
    {
        await using var app = await StartAsync(options => (options.MaxHeaderBytes, options.MaxHeaderCount, options.MaxRequestLineBytes) = (2000, 20, 300), app => MapRead(app, () => { }));
        using var socket = await ConnectAsync(app);
        var head = what switch
        {
            "many" => "GET / HTTP/1.1\r\nHost: x\r\n" + string.Concat(Enumerable.Range(0, 25).Select(i => $"a{i}: b\r\n")) + "\r\n",
            "long" => $"GET / HTTP/1.1\r\nHost: x\r\na: {new string('b', 2500)}\r\n\r\n",
            _ => $"GET /{new string('a', 400)} HTTP/1.1\r\nHost: x\r\n\r\n",
        };
        await socket.SendAsync(Encoding.ASCII.GetBytes(head), Cancellation);
        Assert.StartsWith($"HTTP/1.1 {status} ", await ReadAsync(socket), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_DefaultsAndMistakes_AreAsTheDocumentsSay()
    {
        var options = Read([]).GetRequiredService<IOptions<LimitsOptions>>().Value;
        Assert.Equal((TimeSpan.FromSeconds(30), 10_000_000, 8192, 32_768, 100, TimeSpan.FromSeconds(15)), (options.Timeout, options.MaxBodyBytes, options.MaxRequestLineBytes, options.MaxHeaderBytes, options.MaxHeaderCount, options.HeadersTimeout));
        Assert.Null(Read(new() { ["Headroom:Limits:Timeout"] = "" }).GetRequiredService<IOptions<LimitsOptions>>().Value.Timeout);
        var error = Assert.Throws<OptionsValidationException>(() => Read(new()
        {
            ["Headroom:Limits:Timeout"] = "00:00:00",
            ["Headroom:Limits:MaxBodyBytes"] = "-1",
            ["Headroom:Limits:MaxRequestLineBytes"] = "1",
            ["Headroom:Limits:MaxHeaderBytes"] = "1",
            ["Headroom:Limits:MaxHeaderCount"] = "0",
            ["Headroom:Limits:HeadersTimeout"] = "1.00:00:00",
            ["Headroom:Limits:MaxUrl"] = "1",
        }).GetRequiredService<IOptions<LimitsOptions>>().Value);
        Assert.Equal(7, error.Failures.Count());
        Assert.Contains("Headroom:Limits:Timeout is 00:00:00; allowed are 00:00:00.0010000 to 1.00:00:00, or nothing for no timeout.", error.Failures);
    }

    [Theory]
    [InlineData(null, 5000)]
    [InlineData("7000", 7000)]
    public void Decoding_WithoutALimitOfItsOwn_HasTheBodys(string? own, long expected)
    {
        var settings = new Dictionary<string, string?> { ["Headroom:Limits:MaxBodyBytes"] = "5000" };
        if (own is not null)
            settings["Headroom:Compression:MaxDecodedBytes"] = own;
        Assert.Equal(expected, Read(settings).GetRequiredService<IOptions<CompressionOptions>>().Value.MaxDecodedBytes);
    }

    static ServiceProvider Read(Dictionary<string, string?> settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        services.AddHeadroomLimits().AddHeadroomCompression();
        return services.BuildServiceProvider();
    }

    static void MapRead(WebApplication app, Action reached)
    {
        app.MapPost("/read", async context =>
        {
            reached();
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            await context.Response.WriteAsync("ok");
        });
        app.MapPost("/bound", (byte[] body) => "ok");
        app.MapPost("/large", async (Stream body) => await body.CopyToAsync(Stream.Null)).WithMetadata(new RequestSizeLimitAttribute(100_000_000));
    }

    static Task<HttpApp> StartAsync(Action<LimitsOptions> configure, Action<WebApplication> map, TimeProvider? time = null) => HttpApp.StartAsync(
        app =>
        {
            app.UseHeadroomLimits();
            map(app);
        },
        services => services.AddSingleton(time ?? TimeProvider.System).AddHeadroomLimits(configure));

    static async Task<HttpResponseMessage> PostAsync(HttpApp app, string path, int length, bool chunked)
    {
        using var client = new HttpClient { BaseAddress = app.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Content = new ByteArrayContent(path == "/bound" ? Encoding.ASCII.GetBytes('"' + new string('A', length - 2) + '"') : new byte[length]);
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = true;
        return await client.SendAsync(request, Cancellation);
    }

    static async Task<Socket> ConnectAsync(HttpApp app)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, app.Address.Port, Cancellation);
        return socket;
    }

    static async Task<string> ReadAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, Cancellation) is var count and > 0)
                text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }
        catch (SocketException) when (text.Length > 0)
        {
            // Closed with our bytes still on the way, after the answer.
        }

        return text.ToString();
    }
}
