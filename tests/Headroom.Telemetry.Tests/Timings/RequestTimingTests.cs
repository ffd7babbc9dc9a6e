using System.Diagnostics.Metrics;
using System.Globalization;
using Headroom.Telemetry.Timings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Telemetry.Tests.Timings;

/// <summary>Times of single requests, as a client and an operator see them.</summary>
public sealed class RequestTimingTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ServerTiming_SwitchedOn_NamesWhatWasMeasuredAnyway()
    {
        await using var app = await StartAsync(
            telemetry =>
            {
                telemetry.ServerTiming = true;
                telemetry.ExcludedInstruments.Add("Twice/db.client.operation.duration");
            },
            map =>
            {
                var meters = map.Services.GetRequiredService<IMeterFactory>();
                var driver = meters.Create("Driver").CreateHistogram<double>("db.client.operation.duration", "s");
                var twice = meters.Create("Twice").CreateHistogram<double>("db.client.operation.duration", "s");
                var client = meters.Create("System.Net.Http").CreateHistogram<double>("http.client.request.duration", "s");
                map.MapGet("/", async (HttpContext context, DatabaseMetrics database) =>
                {
                    database.Record(TimeSpan.FromMilliseconds(10), "SELECT");
                    await Task.Run(() => driver.Record(0.005), Token);
                    twice.Record(99);
                    client.Record(0.25);
                    RequestTimings.Add(RequestPart.Queue, TimeSpan.FromMilliseconds(2));
                    using (RequestTimings.Measure("render"))
                        await Task.Delay(20, Token);
                    context.Response.Headers["Server-Timing"] = "own;dur=1";
                    await context.Response.WriteAsync("done", Token);
                });
            });

        using var response = await app.Client.GetAsync("/", Token);
        var timings = response.Headers.GetValues("Server-Timing").SelectMany(value => value.Split(", ")).ToArray();
        Assert.Equal("own;dur=1", timings[0]);
        Assert.StartsWith("total;dur=", timings[1], StringComparison.Ordinal);
        Assert.Contains("db;dur=15;desc=\"2 times\"", timings);
        Assert.Contains("upstream;dur=250", timings);
        Assert.Contains("queue;dur=2", timings);
        Assert.InRange(Duration(timings.Single(timing => timing.StartsWith("render", StringComparison.Ordinal))), 15, 10_000);
        Assert.InRange(Duration(timings[1]), 15, 10_000);
        Assert.Contains(timings, timing => timing.StartsWith("handler;dur=", StringComparison.Ordinal));

        static double Duration(string timing) => double.Parse(timing.Split("dur=")[1].Split(';')[0], CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("Development", null, true)]
    [InlineData("Production", null, false)]
    [InlineData("Production", true, true)]
    [InlineData("Development", false, false)]
    public async Task ServerTiming_ByEnvironmentAndSetting_IsToldOrNot(string environment, bool? setting, bool told)
    {
        await using var app = await StartAsync(telemetry => telemetry.ServerTiming = setting, map => map.MapGet("/", () => "done"), environment);
        using var response = await app.Client.GetAsync("/", Token);
        Assert.Equal(told, response.Headers.Contains("Server-Timing"));
    }

    [Fact]
    public async Task SlowRequest_InTheDatabase_IsLoggedWithRouteAndPartAlone()
    {
        var log = new LinesLog();
        await using var app = await StartAsync(
            telemetry => telemetry.SlowRequestThreshold = TimeSpan.FromMilliseconds(50),
            map => map.MapGet("/users/{name}", async (DatabaseMetrics database) =>
            {
                await Task.Delay(80, Token);

                // Longer than whatever a busy machine adds to the handler or the collector.
                database.Record(TimeSpan.FromHours(1), "SELECT");
            }),
            log: log);

        await app.Client.GetStringAsync("/users/secret-name?token=secret-token", Token);
        var line = await log.SingleAsync("Slow request");
        Assert.Matches(@"^Slow request: GET /users/\{name\} took \d+(\.\d)? ms \(threshold 50 ms\), status 200\. Most of it was db, 3600000 ms\. All: db 3600000 ms, .*handler ", line);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);

        var metrics = await app.Client.GetStringAsync("/metrics", Token);
        Assert.Contains("headroom_http_slow_requests_total{headroom_part=\"db\",http_route=\"/users/{name}\"} 1\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SlowRequest_NotToBeCalledSlow_IsNotLogged()
    {
        var log = new LinesLog();
        var time = new ManualTime();
        await using var app = await StartAsync(
            telemetry => telemetry.SlowRequestThreshold = TimeSpan.FromMilliseconds(20),
            map =>
            {
                map.MapGet("/poll", Slow).SlowAfter(null);
                map.MapGet("/export", Slow).SlowAfter(TimeSpan.FromMinutes(1));
                map.MapGet("/quick", () => "done");
                map.MapGet("/events", async (HttpContext context) =>
                {
                    context.Response.ContentType = "text/event-stream";
                    await context.Response.WriteAsync("data: x\n\n", Token);
                    Slow();
                });
                map.MapGet("/slow", Slow);
            },
            log: log,
            time: time);
        foreach (var path in new[] { "/poll", "/export", "/quick", "/events", "/slow" })
            await app.Client.GetStringAsync(path, Token);
        Assert.Contains("GET /slow took", await log.SingleAsync("Slow request"), StringComparison.Ordinal);

        void Slow() => time.Advance(TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task SlowRequest_ThousandsInASecond_WriteTenLinesAndHowManyMore()
    {
        var log = new LinesLog();
        var time = new ManualTime();
        await using var app = await StartAsync(
            telemetry => telemetry.SlowRequestThreshold = TimeSpan.FromMilliseconds(1),
            map => map.MapGet("/slow", () => Slow()),
            log: log,
            time: time);
        for (var i = 0; i < 30; i++)
            await app.Client.GetStringAsync("/slow", Token);
        Assert.Equal(10, log.Lines.Count(line => line.StartsWith("Slow request", StringComparison.Ordinal)));
        time.Advance(TimeSpan.FromSeconds(1));
        await app.Client.GetStringAsync("/slow", Token);
        Assert.Contains("20 more slow requests were not written; headroom.http.slow.requests counts all of them.", log.Lines);

        // A collection may have been the longest part of one of them.
        var counted = (await app.Client.GetStringAsync("/metrics", Token)).Split('\n').Where(line => line.StartsWith("headroom_http_slow_requests_total{", StringComparison.Ordinal) && line.Contains("http_route=\"/slow\"", StringComparison.Ordinal));
        Assert.Equal(31, counted.Sum(line => int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture)));

        IResult Slow()
        {
            time.Advance(TimeSpan.FromMilliseconds(5));
            return Results.Ok();
        }
    }

    [Fact]
    public async Task SlowRequest_ThatThrows_IsLoggedAndStillThrows()
    {
        var log = new LinesLog();
        await using var app = await StartAsync(
            telemetry => telemetry.SlowRequestThreshold = TimeSpan.FromMilliseconds(1),
            map => map.MapGet("/", async context =>
            {
                await Task.Delay(20, Token);
                throw new InvalidOperationException("on purpose");
            }),
            log: log);
        using var response = await app.Client.GetAsync("/", Token);
        Assert.Equal(500, (int)response.StatusCode);
        Assert.Matches("^Slow request: GET / took .*, status 500\\. ", await log.SingleAsync("Slow request"));
    }

    /// <summary>A page of errors inside runs the pipeline again with an endpoint of its own.</summary>
    [Fact]
    public async Task SlowRequest_WhoseAnswerIsAPageOfErrors_IsToldByItsOwnRoute()
    {
        var log = new LinesLog();
        var time = new ManualTime();
        await using var app = await StartAsync(
            telemetry => telemetry.SlowRequestThreshold = TimeSpan.FromMilliseconds(20),
            map =>
            {
                map.UseExceptionHandler("/failed");
                map.UseRouting();
                map.MapGet("/failed", () => "It failed.");
                map.MapGet("/orders/{id}", Fail);
                map.MapGet("/poll", Fail).SlowAfter(null);
            },
            log: log,
            time: time);
        (await app.Client.GetAsync("/poll", Token)).Dispose();
        (await app.Client.GetAsync("/orders/7", Token)).Dispose();
        Assert.Matches(@"^Slow request: GET /orders/\{id\} took .*, status 500\. ", await log.SingleAsync("Slow request"));

        IResult Fail()
        {
            time.Advance(TimeSpan.FromMilliseconds(50));
            throw new InvalidOperationException("on purpose");
        }
    }

    [Fact]
    public async Task UseHeadroomTelemetry_BothOff_TimesNothing()
    {
        bool? isOn = null;
        await using var app = await StartAsync(
            telemetry => telemetry.SlowRequestThreshold = null,
            map => map.MapGet("/", () => { isOn = RequestTimings.IsOn; }));
        await app.Client.GetStringAsync("/", Token);
        Assert.False(isOn);
    }

    /// <summary>A process may have many applications one after another, as one that runs tests does.</summary>
    [Fact]
    public async Task UseHeadroomTelemetry_ApplicationDisposedOf_ListensNoMore()
    {
        using var meter = new Meter("Of the process");
        var operations = meter.CreateHistogram<double>("db.client.operation.duration", "s");
        var app = await StartAsync(_ => { }, _ => { });
        var request = new TimedRequest(app.Services.GetRequiredService<PartInstruments>());
        TimedRequest.Current = request;
        operations.Record(1);
        Assert.Equal(1, Assert.Single(request.Read()).Count);
        await app.DisposeAsync();
        operations.Record(1);
        Assert.Equal(1, Assert.Single(request.Read()).Count);
        TimedRequest.Current = null;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(86_400_001)]
    public void SlowAfter_OutOfBounds_SaysTheBounds(long milliseconds)
    {
        using var app = WebApplication.Create();
        var thrown = Assert.Throws<ArgumentOutOfRangeException>(() => app.MapGet("/", () => "x").SlowAfter(TimeSpan.FromMilliseconds(milliseconds)));
        Assert.Contains("Allowed are 00:00:00.0010000 to 1.00:00:00, or null for none.", thrown.Message, StringComparison.Ordinal);
    }

    static Task<TelemetryApp> StartAsync(
        Action<TelemetryOptions> configure, Action<WebApplication> map, string environment = "Production", LinesLog? log = null, TimeProvider? time = null) =>
        TelemetryApp.StartAsync(
            app =>
            {
                app.UseHeadroomTelemetry();
                app.MapPrometheus();
                map(app);
            },
            configure,
            environment: environment,
            services: services =>
            {
                if (log is not null)
                    services.AddSingleton<ILoggerProvider>(log);
                if (time is not null)
                    services.AddSingleton(time);
            });
}
