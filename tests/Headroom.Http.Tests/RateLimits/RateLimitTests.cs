using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Security.Claims;
using System.Text.Json;
using System.Threading.RateLimiting;
using Headroom.Telemetry;
using Headroom.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.Tests.RateLimits;

public sealed class RateLimitTests
{
    readonly ManualTime time = new();

    [Fact]
    public async Task Endpoint_OverItsLimit_Is429WithTheDraftsProblemAndFields()
    {
        await using var app = await StartAsync(options => options.AddPolicy("burst", policy => (policy.Limit, policy.Burst) = (60, 2)), app => app.MapGet("/", () => "ok").RateLimit("burst"));

        using var first = await app.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal("\"burst\";q=60;w=60", first.Header("RateLimit-Policy"));
        Assert.Equal("\"burst\";r=1;t=1", first.Header("RateLimit"));
        Assert.Null(first.Header("Retry-After"));
        using var second = await app.GetAsync("/");
        Assert.Equal("\"burst\";r=0;t=2", second.Header("RateLimit"));

        using var refused = await app.GetAsync("/");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("1", refused.Header("Retry-After"));
        Assert.Equal("\"burst\";r=0;t=2", refused.Header("RateLimit"));
        Assert.Equal("no-store", refused.Header("Cache-Control"));
        Assert.Equal("application/problem+json", refused.Header("Content-Type"));
        var problem = JsonDocument.Parse(await refused.TextAsync()).RootElement;
        Assert.Equal("https://iana.org/assignments/http-problem-types#quota-exceeded", problem.GetProperty("type").GetString());
        Assert.Equal(429, problem.GetProperty("status").GetInt32());
        Assert.Equal("burst", Assert.Single(problem.GetProperty("violated-policies").EnumerateArray()).GetString());

        time.Advance(TimeSpan.FromSeconds(1));
        using var later = await app.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, later.StatusCode);
    }

    [Fact]
    public async Task Group_WithGlobal_CountsOnAllAndNoRateLimitOnNone()
    {
        await using var app = await StartAsync(
            options =>
            {
                options.AddPolicy("all", policy => policy.Limit = 5).AddPolicy("group", policy => policy.Limit = 3).AddPolicy("one", policy => policy.Limit = 2);
                options.Global.Add("all");
            },
            app =>
            {
                var group = app.MapGroup("/g").RateLimit("group");
                group.MapGet("/a", () => "a").RateLimit("one");
                group.MapGet("/b", () => "b");
                group.MapGet("/health", () => "healthy").NoRateLimit();
            });

        using var a = await app.GetAsync("/g/a");
        Assert.Equal("\"all\";r=4;t=12, \"group\";r=2;t=20, \"one\";r=1;t=30", a.Header("RateLimit"));
        using var health = await app.GetAsync("/g/health");
        Assert.Null(health.Header("RateLimit"));
        Assert.Equal("200 200 429", await StatusesAsync(app, "/g/b", 3));
        Assert.Equal("404 429", await StatusesAsync(app, "/nowhere", 2));
        Assert.Equal("200 200", await StatusesAsync(app, "/g/health", 2));
    }

    [Fact]
    public async Task ByAddress_ForgedForwardedFor_ChangesNothing()
    {
        await using var app = await StartAsync(options => options.AddPolicy("burst", policy => policy.Limit = 2), app => app.MapGet("/", () => "ok").RateLimit("burst"));
        List<int> statuses = [];
        for (var i = 0; i < 4; i++)
        {
            using var response = await app.GetAsync("/", $"X-Forwarded-For: 203.0.113.{i}", $"Forwarded: for=203.0.113.{i}", $"X-Real-IP: 203.0.113.{i}", $"x-api-key: made-up-{i}");
            statuses.Add((int)response.StatusCode);
        }

        Assert.Equal([200, 200, 429, 429], statuses);
    }

    [Fact]
    public async Task ByAddress_BehindATrustedProxy_CountsTheClientAndNotWhatItForged()
    {
        await using var app = await HttpApp.StartAsync(
            app =>
            {
                app.UseForwardedHeaders(new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor });
                app.UseHeadroomRateLimits();
                app.MapGet("/", () => "ok").RateLimit("burst");
            },
            services => Add(services, options => options.AddPolicy("burst", policy => policy.Limit = 1)));

        Assert.Equal(200, await StatusAsync(app, "/", "X-Forwarded-For: 203.0.113.1"));
        Assert.Equal(200, await StatusAsync(app, "/", "X-Forwarded-For: 203.0.113.2"));
        Assert.Equal(429, await StatusAsync(app, "/", "X-Forwarded-For: 198.51.100.9, 203.0.113.2"));
        Assert.Equal(200, await StatusAsync(app, "/", "X-Forwarded-For: 2001:db8:0:1::1"));
        Assert.Equal(429, await StatusAsync(app, "/", "X-Forwarded-For: 2001:db8:0:1::2"));
    }

    [Theory]
    [InlineData(false, 429)]
    [InlineData(true, 200)]
    public async Task ByApiKey_UnauthenticatedKeys_CountAsCallersOnlyWhereTrusted(bool trusted, int second)
    {
        await using var app = await StartAsync(
            options => options.AddPolicy("key", policy => (policy.Limit, policy.By, policy.TrustApiKeyHeader) = (1, RateLimitBy.ApiKey, trusted)),
            app => app.MapGet("/", () => "ok").RateLimit("key"));
        Assert.Equal(200, await StatusAsync(app, "/", "x-api-key: one"));
        Assert.Equal(second, await StatusAsync(app, "/", "x-api-key: two"));
        Assert.Equal(429, await StatusAsync(app, "/", "x-api-key: one"));
    }

    [Fact]
    public async Task ByUserAndPlan_GivesEachCallerThePlansLimit()
    {
        await using var app = await StartAsync(
            options => options.AddPolicy("plan", policy =>
            {
                (policy.Limit, policy.By) = (1, RateLimitBy.User | RateLimitBy.Plan);
                policy.PlanLimits["pro"] = 3;
            }),
            app => app.MapGet("/", () => "ok").RateLimit("plan"));

        Assert.Equal("200 429", await StatusesAsync(app, "/", 2, "user: ann", "plan: free"));
        Assert.Equal("200 200 200 429", await StatusesAsync(app, "/", 4, "user: bob", "plan: pro"));
        Assert.Equal("200 200 200 429", await StatusesAsync(app, "/", 4, "user: eve", "plan: pro"));
        Assert.Equal("200 429", await StatusesAsync(app, "/", 2));
        using var told = await app.GetAsync("/", "user: bob", "plan: pro");
        Assert.Equal("\"plan\";q=3;w=60", told.Header("RateLimit-Policy"));
    }

    [Fact]
    public async Task ByRoute_CountsTheTemplateAndNotThePath()
    {
        await using var app = await StartAsync(
            options => options.AddPolicy("route", policy => (policy.Limit, policy.By) = (2, RateLimitBy.Route)),
            app =>
            {
                app.MapGet("/a/{id}", (string id) => id).RateLimit("route");
                app.MapGet("/b/{id}", (string id) => id).RateLimit("route");
            });
        Assert.Equal(200, await StatusAsync(app, "/a/1"));
        Assert.Equal(200, await StatusAsync(app, "/a/2"));
        Assert.Equal(429, await StatusAsync(app, "/a/3"));
        Assert.Equal(200, await StatusAsync(app, "/b/1"));
    }

    [Fact]
    public async Task PartitionBy_Code_SaysWhoCountsAndNullCountsNobody()
    {
        await using var app = await StartAsync(
            options => options.AddPolicy("tenant", policy => (policy.Limit, policy.PartitionBy) = (1, context => context.Request.Query["tenant"])),
            app => app.MapGet("/", () => "ok").RateLimit("tenant"));
        Assert.Equal("200 429", await StatusesAsync(app, "/?tenant=a", 2));
        Assert.Equal("200 429", await StatusesAsync(app, "/?tenant=b", 2));
        Assert.Equal("200 200 200", await StatusesAsync(app, "/", 3));
    }

    [Theory]
    [InlineData(RateLimitAlgorithm.FixedWindow)]
    [InlineData(RateLimitAlgorithm.SlidingWindow)]
    [InlineData(RateLimitAlgorithm.TokenBucket)]
    public async Task Algorithm_OfTheFramework_RefusesOverTheLimitAndLetsInLater(RateLimitAlgorithm algorithm)
    {
        // The framework's limiters go by the real clock: an hour that does not end while the test runs, and a second that does.
        await using var app = await HttpApp.StartAsync(
            app =>
            {
                app.UseHeadroomRateLimits();
                app.MapGet("/", () => "ok").RateLimit("hour");
                app.MapGet("/later", () => "ok").RateLimit("second");
            },
            services => services.AddHeadroomRateLimits(options => options
                .AddPolicy("hour", policy => (policy.Algorithm, policy.Limit, policy.Window) = (algorithm, 3, TimeSpan.FromHours(1)))
                .AddPolicy("second", policy => (policy.Algorithm, policy.Limit, policy.Window) = (algorithm, 1, TimeSpan.FromSeconds(1)))));

        using var first = await app.GetAsync("/");
        Assert.Equal("\"hour\";q=3;w=3600", first.Header("RateLimit-Policy"));
        Assert.Equal("\"hour\";r=2", first.Header("RateLimit"));
        Assert.Equal("200 200 429", await StatusesAsync(app, "/", 3));
        using var refused = await app.GetAsync("/");
        Assert.InRange(int.Parse(refused.Header("Retry-After")!, null), 1, 3600);

        (await app.GetAsync("/later")).Dispose();
        var waited = Stopwatch.StartNew();
        while (await StatusesAsync(app, "/later", 1) != "200")
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(30), "It was not let in again.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task CreateLimiter_AConcurrencyLimiterOfTheFramework_HoldsItsLeaseUntilTheEnd()
    {
        var entered = new SemaphoreSlim(0);
        var leave = new TaskCompletionSource();
        await using var app = await StartAsync(
            options => options.AddPolicy("one-at-a-time", policy => policy.CreateLimiter = _ => new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = 1 })),
            app => app.MapGet("/", async () =>
            {
                entered.Release();
                await leave.Task;
            }).RateLimit("one-at-a-time"));

        var first = StatusAsync(app, "/");
        await entered.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(429, await StatusAsync(app, "/"));
        leave.SetResult();
        Assert.Equal(200, await first);
        Assert.Equal(200, await StatusAsync(app, "/"));
    }

    [Fact]
    public async Task Metrics_AllowedAndBlocked_AreCountedByPolicy()
    {
        IServiceProvider? services = null;
        await using var app = await StartAsync(
            options => options.AddPolicy("burst", policy => policy.Limit = 2),
            app =>
            {
                services = app.Services;
                app.MapGet("/", () => "ok").RateLimit("burst");
            });
        var counted = new Dictionary<string, long>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, each) =>
            {
                if (instrument.Meter.Name == HeadroomMeters.RateLimits && ReferenceEquals(instrument.Meter.Scope, services!.GetRequiredService<IMeterFactory>()))
                    each.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            Assert.Equal("burst", tags[0].Value);
            lock (counted)
                counted[instrument.Name] = counted.GetValueOrDefault(instrument.Name) + value;
        });
        listener.Start();
        await StatusesAsync(app, "/", 5);
        Assert.Equal((2, 3), (counted[HeadroomMeters.RateLimitAllowed], counted[HeadroomMeters.RateLimitBlocked]));
    }

    [Fact]
    public async Task Start_UnknownPolicyOrNoMiddleware_StopsTheApplication()
    {
        var unknown = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(options => options.AddPolicy("burst", _ => { }), app => app.MapGet("/x", () => "").RateLimit("bursts")));
        Assert.EndsWith("has the rate limit 'bursts', which is not a policy; the policies are burst.", unknown.Message, StringComparison.Ordinal);
        var unused = await Assert.ThrowsAsync<InvalidOperationException>(() => HttpApp.StartAsync(
            app => app.MapGet("/x", () => "").RateLimit("burst"),
            services => Add(services, options => options.AddPolicy("burst", _ => { }))));
        Assert.Contains("but nothing enforces it. Call 'app.UseHeadroomRateLimits()'", unused.Message, StringComparison.Ordinal);
        var none = await Assert.ThrowsAsync<InvalidOperationException>(() => HttpApp.StartAsync(app => app.UseHeadroomRateLimits()));
        Assert.Contains("AddHeadroomRateLimits()", none.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new RouteHandlerBuilder([]).RateLimit());
    }

    [Fact]
    public async Task Enabled_False_LimitsNothing()
    {
        await using var app = await StartAsync(
            options =>
            {
                options.AddPolicy("burst", policy => policy.Limit = 1).Enabled = false;
                options.Global.Add("burst");
            },
            app => app.MapGet("/", () => "ok").RateLimit("burst"));
        Assert.Equal("200 200", await StatusesAsync(app, "/", 2));
    }

    Task<HttpApp> StartAsync(Action<RateLimitOptions> configure, Action<WebApplication> map) => HttpApp.StartAsync(
        app =>
        {
            // What an authentication leaves behind.
            app.Use(next => context =>
            {
                if (context.Request.Headers.TryGetValue("user", out var user))
                    context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, user.ToString()), new Claim("plan", context.Request.Headers["plan"].ToString())], "test"));
                return next(context);
            });
            app.UseHeadroomRateLimits();
            map(app);
        },
        services => Add(services, configure));

    void Add(IServiceCollection services, Action<RateLimitOptions> configure) => services.AddSingleton<TimeProvider>(time).AddHeadroomRateLimits(configure);

    static async Task<int> StatusAsync(HttpApp app, string path, params string[] headers)
    {
        using var response = await app.GetAsync(path, headers);
        return (int)response.StatusCode;
    }

    static async Task<string> StatusesAsync(HttpApp app, string path, int count, params string[] headers)
    {
        var statuses = new int[count];
        for (var i = 0; i < count; i++)
            statuses[i] = await StatusAsync(app, path, headers);
        return string.Join(' ', statuses);
    }
}
