using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json;
using Headroom.Telemetry.Collection;
using Headroom.Telemetry.LivePage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Headroom.Telemetry.Tests.LivePage;

public sealed class LivePageTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Development", HttpStatusCode.OK)]
    [InlineData("Production", HttpStatusCode.NotFound)]
    [InlineData("Staging", HttpStatusCode.NotFound)]
    public async Task Page_WithoutAPolicy_IsThereInDevelopmentOnly(string environment, HttpStatusCode expected)
    {
        await using var app = await LiveApp.StartAsync(web => web.MapHeadroomLive(), environment);

        Assert.Equal(expected, (await app.Client.GetAsync("/headroom", Token)).StatusCode);
        foreach (var path in new[] { "/headroom", "/headroom/events" })
        {
            using var post = await app.Client.PostAsync(path, null, Token);
            Assert.Equal(expected == HttpStatusCode.OK ? HttpStatusCode.MethodNotAllowed : expected, post.StatusCode);
            Assert.Equal(expected == HttpStatusCode.OK, post.Content.Headers.Allow.Contains("GET"));
        }

        using var events = await app.Client.GetAsync("/headroom/events", HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.Equal(expected, events.StatusCode);
        Assert.Equal(expected == HttpStatusCode.OK, app.Services.GetRequiredService<MetricCollector>() is not null && events.Content.Headers.ContentType?.MediaType == "text/event-stream");
    }

    /// <summary>Nobody learns from the answer that there is a page: it is the answer to any other path.</summary>
    [Fact]
    public async Task Page_WithAPolicyThatIsNotMet_Is404LikeAnyOtherPath()
    {
        await using var app = await StartGuardedAsync("Production", web => web.MapHeadroomLive(policy: "ops"));

        foreach (var path in new[] { "/headroom", "/headroom/events" })
        {
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(app, path, key: null));
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(app, path, "guest"));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(app, path, "ops"));
        }

        using var refused = await app.Client.GetAsync("/headroom", Token);
        Assert.Empty(refused.Headers.WwwAuthenticate);
        using var posted = await app.Client.PostAsync("/headroom", null, Token);
        Assert.Equal((HttpStatusCode.NotFound, 0), (posted.StatusCode, posted.Content.Headers.Allow.Count));
        Assert.Equal("", await refused.Content.ReadAsStringAsync(Token));
    }

    /// <summary>The fallback policy would answer 401; the page answers as one that is not there, and lets in whom the application does.</summary>
    [Theory]
    [InlineData("Production", null, HttpStatusCode.NotFound)]
    [InlineData("Production", "guest", HttpStatusCode.NotFound)]
    [InlineData("Development", null, HttpStatusCode.NotFound)]
    [InlineData("Development", "guest", HttpStatusCode.OK)]
    public async Task Page_WithoutAPolicyBehindAFallbackPolicy_Is404ToStrangers(string environment, string? key, HttpStatusCode expected)
    {
        await using var app = await StartGuardedAsync(environment, web => web.MapHeadroomLive());

        foreach (var path in new[] { "/headroom", "/headroom/events" })
            Assert.Equal(expected, await StatusAsync(app, path, key));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(app, "/elsewhere", key: null));
    }

    [Theory]
    [InlineData(null, HttpStatusCode.NotFound)]
    [InlineData("guest", HttpStatusCode.NotFound)]
    [InlineData("ops", HttpStatusCode.OK)]
    public async Task Page_WithFurtherRequirements_HoldsToThemWith404(string? key, HttpStatusCode expected)
    {
        await using var byName = await StartGuardedAsync("Development", web => web.MapHeadroomLive().RequireAuthorization("ops"));
        await using var besideAPolicy = await StartGuardedAsync("Production", web => web.MapHeadroomLive(policy: "everybody").RequireAuthorization(policy => policy.RequireRole("ops")));
        await using var byAnAttribute = await StartGuardedAsync("Development", web => web.MapHeadroomLive().WithMetadata(new OpsAttribute()));

        foreach (var app in new[] { byName, besideAPolicy, byAnAttribute })
            Assert.Equal(expected, await StatusAsync(app, "/headroom", key));
    }

    [Fact]
    public async Task Page_IsOneFileWithAPolicyThatLetsItAskItsServerOnly()
    {
        await using var app = await LiveApp.StartAsync(web => web.MapHeadroomLive("/ops/live/"));

        using var response = await app.Client.GetAsync("/ops/live", Token);
        var page = await response.Content.ReadAsStringAsync(Token);

        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'sha256-", policy, StringComparison.Ordinal);
        Assert.Contains("connect-src 'self'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
        Assert.DoesNotMatch("(src|href)=\"(?!data:|#)", page);
        using var head = await app.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/ops/live"), Token);
        Assert.Equal((HttpStatusCode.OK, response.Content.Headers.ContentLength), (head.StatusCode, head.Content.Headers.ContentLength));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await app.Client.PostAsync("/ops/live", null, Token)).StatusCode);
    }

    [Fact]
    public async Task Map_WithoutWhatItNeeds_SaysWhatToWrite()
    {
        async Task<string> MistakeAsync(Action<WebApplication> map, Action<IServiceCollection>? services = null) =>
            (await Assert.ThrowsAnyAsync<Exception>(() => LiveApp.StartAsync(map, services: services))).Message;

        Assert.Contains("call 'builder.Services.AddAuthorization(...)'", await MistakeAsync(web => web.MapHeadroomLive(policy: "ops")), StringComparison.Ordinal);
        Assert.Contains("There is no authorization policy 'ops'", await MistakeAsync(web => web.MapHeadroomLive(policy: "ops"), services => services.AddAuthorization()), StringComparison.Ordinal);
        Assert.Contains("write a fixed path such as /headroom", await MistakeAsync(web => web.MapHeadroomLive("/{a}")), StringComparison.Ordinal);
        Assert.Contains("AddHeadroomTelemetry()", Assert.Throws<InvalidOperationException>(() => WebApplication.CreateBuilder().Build().MapHeadroomLive()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_UnderLoad_TellWhatHappened()
    {
        await using var app = await LiveApp.StartAsync(web =>
        {
            web.MapHeadroomLive();
            web.MapGet("/fine/{id}", (int id) => "fine");
            web.MapGet("/slow", async () => { await Task.Delay(60); return "slow"; });
            web.MapGet("/broken", () => Results.StatusCode(500));
        });
        var caches = app.Services.GetRequiredService<CacheMetrics>();
        var limits = app.Services.GetRequiredService<RateLimitMetrics>();
        var database = app.Services.GetRequiredService<DatabaseMetrics>();
        using var load = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var sending = Task.Run(
            async () =>
            {
                for (var i = 0; !load.IsCancellationRequested; i++)
                {
                    await app.Client.GetStringAsync($"/fine/{i}", Token);
                    await app.Client.GetStringAsync("/slow", Token);
                    using var broken = await app.Client.GetAsync("/broken", Token);
                    caches.Hit("overview", "l1");
                    caches.Hit("overview", "l2");
                    caches.Hit("overview", "l1");
                    caches.Miss("overview");
                    limits.Allowed("burst");
                    limits.Blocked("burst");
                    database.Record(TimeSpan.FromMilliseconds(20), "SELECT", "sqlite");
                }
            },
            Token);

        using var events = await app.WatchAsync();
        Assert.Equal("text/event-stream", events.Response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("no", Assert.Single(events.Response.Headers.GetValues("X-Accel-Buffering")));
        var sample = await events.NextAsync();

        // Rates of a few requests say nothing; a slow machine takes its time for more.
        for (var tries = 0; tries < 60 && sample.GetProperty("requests").GetProperty("perSecond").GetDouble() * sample.GetProperty("seconds").GetDouble() < 15; tries++)
            sample = await events.NextAsync();
        await load.CancelAsync();
        await sending;

        var requests = sample.GetProperty("requests");
        Assert.InRange(sample.GetProperty("seconds").GetDouble(), 0.5, 20);
        Assert.True(requests.GetProperty("perSecond").GetDouble() > 1);
        Assert.InRange(requests.GetProperty("errorRate").GetDouble(), 0.2, 0.45);
        Assert.True(requests.GetProperty("p99Ms").GetDouble() >= 55);
        Assert.True(requests.GetProperty("p50Ms").GetDouble() <= requests.GetProperty("p95Ms").GetDouble());
        var cache = Assert.Single(sample.GetProperty("caches").EnumerateArray());
        Assert.Equal(("overview", 0.75), (cache.GetProperty("name").GetString(), Math.Round(cache.GetProperty("hitRate").GetDouble(), 1) is 0.7 or 0.8 ? 0.75 : 0));
        var limit = Assert.Single(sample.GetProperty("limits").EnumerateArray());
        Assert.Equal("burst", limit.GetProperty("policy").GetString());
        Assert.InRange(sample.GetProperty("database").GetProperty("p95Ms").GetDouble(), 19.9, 20.1);
        Assert.True(sample.GetProperty("runtime").GetProperty("memoryBytes").GetDouble() > 1e6);
        Assert.Equal(3, sample.GetProperty("runtime").GetProperty("collections").GetArrayLength());

        // By the route's template, never the path; and none of its own requests.
        var endpoints = sample.GetProperty("endpoints").EnumerateArray().ToDictionary(endpoint => endpoint.GetProperty("route").GetString()!);
        Assert.Equal(["/broken", "/fine/{id}", "/slow"], endpoints.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(1, endpoints["/broken"].GetProperty("errorRate").GetDouble());
        Assert.True(endpoints["/slow"].GetProperty("meanMs").GetDouble() >= 55);
        Assert.True(endpoints["/slow"].GetProperty("p95AtMostMs").GetDouble() >= 75);
    }

    [Fact]
    public async Task Events_ToTwo_AreTheSameAndTheSecondGetsWhatWasBefore()
    {
        await using var app = await LiveApp.StartAsync(web => web.MapHeadroomLive());
        using var first = await app.WatchAsync();
        var earlier = await first.NextTextAsync();

        using var second = await app.WatchAsync();

        Assert.Equal(earlier, await second.NextTextAsync());
        Assert.Equal(await first.NextTextAsync(), await second.NextTextAsync());
    }

    [Fact]
    public async Task Events_ApplicationStops_EndInsteadOfHoldingItUp()
    {
        await using var app = await LiveApp.StartAsync(web => web.MapHeadroomLive());
        using var events = await app.WatchAsync();
        await events.NextAsync();

        await app.StopAsync().WaitAsync(TimeSpan.FromSeconds(25), Token);

        Assert.Null(await events.NextTextAsync());
    }

    [Fact]
    public async Task Events_MoreViewersThanAllowed_Are503AndAPlaceIsFreeAgainWhenOneLeaves()
    {
        await using var app = await LiveApp.StartAsync(web => web.MapHeadroomLive());
        var viewers = new List<LiveApp.LiveEvents>();
        for (var i = 0; i < LiveSampler.ViewersMost; i++)
            viewers.Add(await app.WatchAsync());
        using var refused = await app.Client.GetAsync("/headroom/events", HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal("60", refused.Headers.RetryAfter!.ToString());

        foreach (var viewer in viewers)
            viewer.Dispose();
        await UntilAsync(async () =>
        {
            using var again = await app.Client.GetAsync("/headroom/events", HttpCompletionOption.ResponseHeadersRead, Token);
            return again.StatusCode == HttpStatusCode.OK;
        });
    }

    [Fact]
    public async Task Sampler_NobodyLooks_ReadsNothing()
    {
        await using var app = await LiveApp.StartAsync(web => web.MapHeadroomLive());
        var time = new ManualTime();
        var sampler = new LiveSampler(app.Services.GetRequiredService<MetricCollector>(), NullLogger<LiveSampler>.Instance, time);
        Assert.False(sampler.IsRunning);

        var first = sampler.Join()!;
        var second = sampler.Join()!;
        Assert.True(sampler.IsRunning);
        await UntilAsync(() =>
        {
            time.Advance(LiveSampler.Interval);
            return Task.FromResult(sampler.Samples >= 3);
        });
        first.Dispose();
        first.Dispose();
        Assert.True(sampler.IsRunning);
        second.Dispose();
        Assert.False(sampler.IsRunning);

        var taken = sampler.Samples;
        for (var i = 0; i < 5; i++)
        {
            time.Advance(LiveSampler.Interval);
            await Task.Delay(20, Token);
        }

        Assert.Equal(taken, sampler.Samples);
        using var third = sampler.Join()!;
        Assert.Empty(third.History);
    }

    /// <summary>A sample that fails is missing; those after it come.</summary>
    [Fact]
    public async Task Sampler_ASampleFails_TellsItOnceAndGoesOn()
    {
        var log = new LinesLog();
        await using var app = await LiveApp.StartAsync(web => web.MapHeadroomLive());
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        var time = new ManualTime();
        var breaking = new BreakingTime(time);
        var sampler = new LiveSampler(app.Services.GetRequiredService<MetricCollector>(), loggers.CreateLogger<LiveSampler>(), breaking);
        using var viewer = sampler.Join()!;
        await TickUntilAsync(() => sampler.Samples >= 1);

        for (var outage = 1; outage <= 2; outage++)
        {
            breaking.IsBroken = true;
            await TickUntilAsync(() => log.Lines.Count >= outage);
            var taken = sampler.Samples;
            breaking.IsBroken = false;
            await TickUntilAsync(() => sampler.Samples > taken);
        }

        Assert.Equal(Enumerable.Repeat("The live page has no sample of this second; it tries again each second.", 2), log.Lines);

        Task TickUntilAsync(Func<bool> holds) => UntilAsync(() =>
        {
            time.Advance(LiveSampler.Interval);
            return Task.FromResult(holds());
        });
    }

    /// <summary>JSON has no word for it, and one pool must not take the page with it.</summary>
    [Fact]
    public async Task Events_AnInstrumentThatSaysInfinity_IsLeftOut()
    {
        await using var app = await LiveApp.StartAsync(web => web.MapHeadroomLive());
        using var meter = new System.Diagnostics.Metrics.Meter("Headroom.Test");
        meter.CreateObservableGauge("db.client.connection.max", () => double.PositiveInfinity);

        using var events = await app.WatchAsync();

        Assert.Equal(JsonValueKind.Null, (await events.NextAsync()).GetProperty("database").GetProperty("poolMax").ValueKind);
    }

    /// <summary>Somebody who stopped reading costs a few samples of memory, and nobody waits.</summary>
    [Fact]
    public async Task Sampler_ViewerWhoDoesNotRead_MissesTheOldest()
    {
        await using var app = await LiveApp.StartAsync(web => web.MapHeadroomLive());
        var time = new ManualTime();
        var sampler = new LiveSampler(app.Services.GetRequiredService<MetricCollector>(), NullLogger<LiveSampler>.Instance, time);
        using var viewer = sampler.Join()!;

        await UntilAsync(() =>
        {
            time.Advance(LiveSampler.Interval);
            return Task.FromResult(sampler.Samples >= 12);
        });

        var waiting = 0;
        while (viewer.Samples.TryRead(out _))
            waiting++;
        Assert.InRange(waiting, 1, 5);
        using var other = sampler.Join()!;
        Assert.True(other.History.Count >= 12);
    }

    /// <summary>The strictest application there is: whoever is nobody gets 401 everywhere else.</summary>
    static Task<LiveApp> StartGuardedAsync(string environment, Action<WebApplication> map) => LiveApp.StartAsync(
        web =>
        {
            web.UseAuthentication();
            web.UseAuthorization();
            map(web);
        },
        environment,
        services =>
        {
            services.AddAuthentication("key").AddScheme<AuthenticationSchemeOptions, KeyHandler>("key", null);
            services.AddAuthorizationBuilder()
                .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build())
                .AddPolicy("ops", policy => policy.RequireRole("ops"))
                .AddPolicy("everybody", policy => policy.RequireAssertion(_ => true));
        });

    static async Task<HttpStatusCode> StatusAsync(LiveApp app, string path, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (key is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Key", key);
        using var response = await app.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        return response.StatusCode;
    }

    static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 1_500; i++)
        {
            if (await holds())
                return;
            await Task.Delay(20, Token);
        }

        Assert.Fail("It did not come to that within thirty seconds.");
    }

    /// <summary>A requirement of the application's own, which stands at endpoints as an attribute.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    sealed class OpsAttribute : Attribute, IAuthorizationRequirementData
    {
        public IEnumerable<IAuthorizationRequirement> GetRequirements() => [new RolesAuthorizationRequirement(["ops"])];
    }

    /// <summary>The time of a clock that may break.</summary>
    sealed class BreakingTime(ManualTime inner) : TimeProvider
    {
        volatile bool isBroken;

        public bool IsBroken { set => isBroken = value; }

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => isBroken ? throw new InvalidOperationException("the clock is broken") : inner.GetUtcNow();

        public override long GetTimestamp() => inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => inner.CreateTimer(callback, state, dueTime, period);
    }

    /// <summary>The key is the role.</summary>
    sealed class KeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
            Request.Headers.Authorization.ToString() is { Length: > 4 } key
                ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Role, key[4..])], "key")), "key"))
                : AuthenticateResult.NoResult());
    }
}
