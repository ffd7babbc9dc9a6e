using System.Diagnostics.Metrics;
using System.Net;
using System.Security.Claims;
using System.Text.Json;
using Headroom.Http.Concurrency;
using Headroom.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Headroom.Http.Tests.Concurrency;

public sealed class ConcurrencyTests
{
    readonly SemaphoreSlim work = new(0);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task QueueFull_Is503WithRetryAfterAndAProblemThatSaysWhy()
    {
        await using var app = await StartAsync(policy => (policy.Limit, policy.Queue) = (1, 1), MapWork);
        var running = app.GetAsync("/work");
        await ForAsync(() => Gates(app).InFlight == 1);
        var waiting = app.GetAsync("/work");
        await ForAsync(() => Gates(app).Queued == 1);

        using var refused = await app.GetAsync("/work");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.InRange(int.Parse(refused.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture), 1, 5);
        Assert.Equal("no-store", refused.Header("Cache-Control"));
        Assert.Equal("application/problem+json", refused.Header("Content-Type"));
        var problem = JsonDocument.Parse(await refused.TextAsync()).RootElement;
        Assert.Equal("queue_full", problem.GetProperty("reason").GetString());
        Assert.Equal($"The server is busy (limit 'all'): as many requests wait as may. Come again after {refused.Header("Retry-After")} s.", problem.GetProperty("detail").GetString());

        work.Release(2);
        Assert.Equal(HttpStatusCode.OK, (await running).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await waiting).StatusCode);
        Assert.Equal((0, 0), (Gates(app).InFlight, Gates(app).Queued));
    }

    [Fact]
    public async Task QueueTimeout_IsOver_Is503AndThePlaceIsFreeAfterwards()
    {
        await using var app = await StartAsync(policy => (policy.Limit, policy.QueueTimeout) = (1, TimeSpan.FromMilliseconds(50)), MapWork);
        var running = app.GetAsync("/work");
        await ForAsync(() => Gates(app).InFlight == 1);
        using var refused = await app.GetAsync("/work");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Contains("no place became free in the time that a request may wait", await refused.TextAsync(), StringComparison.Ordinal);
        work.Release();
        Assert.Equal(HttpStatusCode.OK, (await running).StatusCode);
        Assert.Equal(0, Gates(app).InFlight);
    }

    [Fact]
    public async Task ClientThatGoesAway_LeavesTheQueue()
    {
        await using var app = await StartAsync(policy => (policy.Limit, policy.QueueTimeout) = (1, TimeSpan.FromMinutes(1)), MapWork);
        var running = app.GetAsync("/work");
        await ForAsync(() => Gates(app).InFlight == 1);
        using var client = new HttpClient();
        using var left = new CancellationTokenSource();
        var waiting = client.GetAsync(new Uri(app.Address, "/work"), left.Token);
        await ForAsync(() => Gates(app).Queued == 1);
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await ForAsync(() => Gates(app).Queued == 0);
        work.Release();
        Assert.Equal(HttpStatusCode.OK, (await running).StatusCode);
    }

    [Fact]
    public async Task Handler_ThatThrowsOrFails_GivesItsPlaceBack()
    {
        await using var app = await StartAsync(
            policy => (policy.Limit, policy.Queue) = (1, 0),
            app =>
            {
                app.MapGet("/throws", () => { throw new InvalidOperationException("as a test"); });
                app.MapGet("/throws-later", async () => { await Task.Yield(); throw new InvalidOperationException("as a test"); });
                app.Map("/throws-now", (HttpContext _) => { throw new InvalidOperationException("as a test"); });
                app.MapGet("/fails", () => Results.StatusCode(500));
                app.MapGet("/ok", () => "ok");
            });
        foreach (var path in new[] { "/throws", "/throws-later", "/throws-now", "/fails", "/ok", "/ok" })
        {
            using var response = await app.GetAsync(path);
            Assert.Equal(path == "/ok" ? 200 : 500, (int)response.StatusCode);
        }

        Assert.Equal(0, Gates(app).InFlight);
    }

    [Fact]
    public async Task Endpoints_NeverShedExemptOwnAndStreams_NeedNoPlaceOfTheGlobalOne()
    {
        await using var app = await StartAsync(
            policy => (policy.Limit, policy.Queue) = (1, 0),
            app =>
            {
                MapWork(app);
                app.MapGet("/ok", () => "ok");
                app.MapGet("/health", () => "ok").NeverShed();
                app.MapGet("/healthz", () => "ok").WithDisplayName("Health checks");
                app.MapGet("/metrics", () => "ok").DisableHttpMetrics();
                app.MapGet("/state", () => "ok").WithMetadata(new State());
                app.MapGet("/exempt", () => "ok").NoConcurrencyLimit();
                app.MapGet("/stream", () => "ok").Produces<string>(200, "text/event-stream");
                app.MapGet("/own", () => "ok").ConcurrencyLimit("own");
                app.MapGroup("/group").ConcurrencyLimit("own").MapGet("/all", () => "ok").ConcurrencyLimit("all");
            },
            options => options.AddPolicy("own", policy => policy.Limit = 1));
        var running = app.GetAsync("/work");
        await ForAsync(() => Gates(app).InFlight == 1);
        foreach (var (path, status) in new[] { ("/ok", 503), ("/none", 503), ("/group/all", 503), ("/health", 200), ("/healthz", 200), ("/metrics", 200), ("/state", 200), ("/exempt", 200), ("/stream", 200), ("/own", 200) })
        {
            using var response = await app.GetAsync(path);
            Assert.Equal((path, status), (path, (int)response.StatusCode));
        }

        work.Release();
        Assert.Equal(HttpStatusCode.OK, (await running).StatusCode);
    }

    [Fact]
    public async Task Shedding_QueueFull_KeepsAuthenticatedAndCheapAndImportantRequests()
    {
        // What a request takes is what it says that it took.
        var time = new ManualTime();
        await using var app = await StartAsync(
            policy => (policy.Limit, policy.Queue) = (1, 1),
            app =>
            {
                MapWork(app);
                app.MapGet("/cheap", () => time.Advance(TimeSpan.FromMilliseconds(1)));
                app.MapGet("/slow", () => time.Advance(TimeSpan.FromMilliseconds(60)));
                app.MapGet("/first", () => "ok").ShedFirst();
                app.MapGet("/last", () => "ok").ShedLast();
            },
            time: time);
        for (var i = 0; i < 3; i++)
        {
            (await app.GetAsync("/slow")).Dispose();
            (await app.GetAsync("/cheap")).Dispose();
        }

        var running = app.GetAsync("/work");
        await ForAsync(() => Gates(app).InFlight == 1);
        var waiting = app.GetAsync("/first");
        // Each takes the place of the one before.
        foreach (var (path, field) in new[] { ("/slow", "X: y"), ("/cheap", "X: y"), ("/cheap", "X-User: ann"), ("/last", "X: y") })
        {
            await ForAsync(() => Gates(app).Queued == 1);
            var next = app.GetAsync(path, field);
            using var displaced = await waiting;
            Assert.Equal(HttpStatusCode.ServiceUnavailable, displaced.StatusCode);
            Assert.Contains("\"reason\":\"displaced\"", await displaced.TextAsync(), StringComparison.Ordinal);
            using var less = await app.GetAsync(path == "/last" ? "/last" : "/slow");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, less.StatusCode);
            waiting = next;
        }

        work.Release();
        Assert.Equal(HttpStatusCode.OK, (await waiting).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await running).StatusCode);
    }

    [Fact]
    public async Task ByUser_EachHasItsOwnAndNothingStays()
    {
        await using var app = await StartAsync(policy => (policy.Limit, policy.Queue, policy.By) = (1, 0, RateLimitBy.User), MapWork);
        var ann = app.GetAsync("/work", "X-User: ann");
        var bob = app.GetAsync("/work", "X-User: bob");
        await ForAsync(() => Gates(app).InFlight == 2);
        using var refused = await app.GetAsync("/work", "X-User: ann");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(2, Gates(app).Count);
        work.Release(2);
        Assert.Equal(HttpStatusCode.OK, (await ann).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await bob).StatusCode);
        await ForAsync(() => Gates(app).Count == 0);
    }

    [Fact]
    public async Task ByRoute_EachHasItsOwn()
    {
        await using var app = await StartAsync(
            policy => (policy.Limit, policy.Queue, policy.By) = (1, 0, RateLimitBy.Route),
            app =>
            {
                MapWork(app);
                app.MapGet("/ok/{id}", (string id) => id);
            });
        var running = app.GetAsync("/work");
        await ForAsync(() => Gates(app).InFlight == 1);
        using var same = await app.GetAsync("/work");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, same.StatusCode);
        using var other = await app.GetAsync("/ok/1");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        work.Release();
        Assert.Equal(HttpStatusCode.OK, (await running).StatusCode);
    }

    [Fact]
    public async Task UseHeadroom_Hits_AreNeverShed()
    {
        var places = new Dictionary<string, string?> { ["Headroom:Concurrency:Global"] = "all", ["Headroom:Concurrency:Policies:all:Limit"] = "1", ["Headroom:Concurrency:Policies:all:Queue"] = "0" };
        await using var app = await HttpApp.StartAsync(
            app =>
            {
                app.UseRouting();
                app.UseHeadroom();
                MapWork(app);
                app.MapGet("/kept", () => "kept").CacheResponse(policy => policy.For(TimeSpan.FromMinutes(5)));
                app.MapGet("/other", () => "other").CacheResponse(policy => policy.For(TimeSpan.FromMinutes(5)));
            },
            services =>
            {
                services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(places).Build());
                services.AddHeadroomCompression().AddHeadroomResponseCache().AddHeadroomRateLimits().AddHeadroomLimits().AddHeadroomConcurrency();
            });
        (await app.GetAsync("/kept")).Dispose();
        var running = app.GetAsync("/work");
        await ForAsync(() => Gates(app).InFlight == 1);
        using var hit = await app.GetAsync("/kept");
        Assert.Equal(HttpStatusCode.OK, hit.StatusCode);
        using var miss = await app.GetAsync("/other");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, miss.StatusCode);
        work.Release();
        Assert.Equal(HttpStatusCode.OK, (await running).StatusCode);
        using var later = await app.GetAsync("/other");
        Assert.Equal("other", await later.TextAsync());
    }

    [Fact]
    public async Task Metrics_TellPlacesAndRefusals()
    {
        await using var app = await StartAsync(policy => (policy.Limit, policy.Queue, policy.QueueTimeout) = (1, 1, TimeSpan.FromMinutes(1)), MapWork);
        var seen = new Dictionary<string, double>(StringComparer.Ordinal);
        using var listener = new MeterListener { InstrumentPublished = (instrument, listening) => { if (ReferenceEquals(instrument.Meter.Scope, app.Services.GetRequiredService<IMeterFactory>())) listening.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, 1, tags));
        listener.Start();

        var running = app.GetAsync("/work");
        await ForAsync(() => Gates(app).InFlight == 1);
        var waiting = app.GetAsync("/work");
        await ForAsync(() => Gates(app).Queued == 1);
        (await app.GetAsync("/work")).Dispose();
        listener.RecordObservableInstruments();
        work.Release(2);
        await Task.WhenAll(running, waiting);
        Assert.Equal(1, seen["headroom.http.concurrency.in_flight all"]);
        Assert.Equal(1, seen["headroom.http.concurrency.limit all"]);
        Assert.Equal(1, seen["headroom.http.concurrency.queued all"]);
        Assert.Equal(1, seen["headroom.http.concurrency.rejected all queue_full ordinary"]);
        Assert.Equal(1, seen["headroom.http.concurrency.wait all"]);

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var name = instrument.Name;
            foreach (var tag in tags)
                name += " " + tag.Value;
            lock (seen)
                seen[name] = seen.GetValueOrDefault(name) + value;
        }
    }

    /// <summary>Telemetry listens to the histogram of waits, so the middleware reports nothing more: that would count twice.</summary>
    [Fact]
    public async Task WaitForAPlace_IsTheQueuesPartOfTheRequestsTimeOnce()
    {
        await using var app = await HttpApp.StartAsync(
            app =>
            {
                app.UseRouting();
                app.UseHeadroomTelemetry();
                app.UseHeadroomConcurrency();
                MapWork(app);
            },
            services => services
                .AddHeadroomTelemetry(telemetry => telemetry.ServerTiming = true)
                .AddHeadroomConcurrency(options =>
                {
                    options.Global = "all";
                    options.AddPolicy("all", policy => (policy.Limit, policy.QueueTimeout) = (1, TimeSpan.FromMinutes(1)));
                }));
        var running = app.GetAsync("/work");
        await ForAsync(() => Gates(app).InFlight == 1);
        var waiting = app.GetAsync("/work");
        await ForAsync(() => Gates(app).Queued == 1);
        await Task.Delay(100, Cancellation);
        work.Release(2);
        (await running).Dispose();
        using var waited = await waiting;

        var parts = waited.Header("Server-Timing")!.Split(", ").Select(part => part.Split(";dur=")).ToDictionary(part => part[0], part => part[1]);
        Assert.InRange(double.Parse(parts["queue"], System.Globalization.CultureInfo.InvariantCulture), 90, double.Parse(parts["total"], System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Endpoint_NamesNoPolicyOrNothingEnforcesIt_DoesNotStart()
    {
        var unknown = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(_ => { }, app => app.MapGet("/", () => "").ConcurrencyLimit("exports")));
        Assert.Contains("has the concurrency limit 'exports', which is not a policy; the policies are all.", unknown.Message, StringComparison.Ordinal);
        var unused = await Assert.ThrowsAsync<InvalidOperationException>(() => HttpApp.StartAsync(
            app => app.MapGet("/", () => "").ConcurrencyLimit("all"),
            services => services.AddHeadroomConcurrency(options => options.AddPolicy("all", _ => { }))));
        Assert.Contains("but nothing enforces it. Call 'app.UseHeadroomConcurrency()'", unused.Message, StringComparison.Ordinal);
        var none = await Assert.ThrowsAsync<InvalidOperationException>(() => HttpApp.StartAsync(app => app.UseHeadroomConcurrency()));
        Assert.Contains("Call 'builder.Services.AddHeadroomConcurrency()'", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_Mistakes_AreAllTold()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Headroom:Concurrency:Global"] = "every",
            ["Headroom:Concurrency:Policies:a b:Limit"] = "0",
            ["Headroom:Concurrency:Policies:all:MinLimit"] = "0",
            ["Headroom:Concurrency:Policies:all:MaxLimit"] = "-1",
            ["Headroom:Concurrency:Policies:all:Tolerance"] = "0.5",
            ["Headroom:Concurrency:Policies:all:Window"] = "00:02:00",
            ["Headroom:Concurrency:Policies:all:By"] = "Plan",
            ["Headroom:Concurrency:Policies:all:Queue"] = "-1",
            ["Headroom:Concurrency:Policies:all:QueueTimeout"] = "00:00:00",
            ["Headroom:Concurrency:Policies:all:Order"] = "Random",
            ["Headroom:Concurrency:Policies:all:ShedFirstShare"] = "0",
            ["Headroom:Concurrency:Policies:all:RetryAfter"] = "00:00:00.1",
            ["Headroom:Concurrency:Policies:own:Adaptive"] = "true",
            ["Headroom:Concurrency:Policies:own:By"] = "User",
            ["Headroom:Concurrency:Policies:own:Limit"] = "2",
        };
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        using var provider = services.AddHeadroomConcurrency().BuildServiceProvider();
        var failures = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<ConcurrencyOptions>>().Value).Failures.ToList();
        Assert.Equal(15, failures.Count);
        Assert.Contains("Headroom:Concurrency:Global is 'every', which is not a policy; the policies are a b, all, own.", failures);
        Assert.Contains("Headroom:Concurrency:Policies:own:By is 'User'; one caller's requests are too few to adapt a limit to: write None or Route, or leave Adaptive out.", failures);
        Assert.Contains("Headroom:Concurrency:Policies:own:Limit is 2, where an adaptive limit begins; write MinLimit (5) to MaxLimit (1000), or change those.", failures);
    }

    sealed class State : INeverShed;

    void MapWork(WebApplication app) => app.MapGet("/work", () => work.WaitAsync(Cancellation));

    static PolicyGates Gates(HttpApp app) => app.Services.GetRequiredService<ConcurrencyLimiters>()["all"];

    static async Task ForAsync(Func<bool> so)
    {
        for (var waited = 0; !so(); waited++)
        {
            Assert.True(waited < 1000, "It did not come to be within 10 s.");
            await Task.Delay(10, Cancellation);
        }
    }

    static Task<HttpApp> StartAsync(Action<ConcurrencyPolicy> configure, Action<WebApplication> map, Action<ConcurrencyOptions>? more = null, TimeProvider? time = null) => HttpApp.StartAsync(
        app =>
        {
            app.Use((context, next) =>
            {
                if (context.Request.Headers["X-User"] is [{ } name])
                    context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, name)], "test"));
                return next(context);
            });
            app.UseRouting();
            app.UseHeadroomConcurrency();
            map(app);
        },
        services => services.AddSingleton(time ?? TimeProvider.System).AddHeadroomConcurrency(options =>
        {
            options.Global = "all";
            // Nobody leaves the queue unless the test says so.
            options.AddPolicy("all", policy => policy.QueueTimeout = TimeSpan.FromMinutes(1));
            options.AddPolicy("all", configure);
            more?.Invoke(options);
        }));
}
