using System.Diagnostics.Metrics;
using System.Security.Claims;
using Headroom.Http.ApiKeys.Checking;
using Headroom.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.Tests.ApiKeys;

/// <summary>API keys beside the other features.</summary>
public sealed class ApiKeyPipelineTests
{
    [Fact]
    public async Task ResponseCache_NeverGivesOneKeysAnswerToAnother()
    {
        await using var app = await StartWithCacheAsync();
        var (_, one) = await app.NewKeyAsync("one");
        var (_, other) = await app.NewKeyAsync("other");

        // An endpoint that was marked as cached although its answers are of somebody: public, varied by user, and by its own headers.
        foreach (var path in (string[])["/cached", "/by-user", "/by-headers"])
        {
            for (var round = 0; round < 3; round++)
            {
                foreach (var (key, name) in ((string, string)[])[(one, "one"), (other, "other")])
                {
                    foreach (var header in (string[])[$"x-api-key: {key}", $"Authorization: Bearer {key}"])
                    {
                        using var response = await app.GetAsync(path, header);
                        Assert.Equal(name, await response.TextAsync());
                    }
                }

                using var anonymous = await app.GetAsync(path);
                Assert.Equal("nobody", await anonymous.TextAsync());
            }
        }
    }

    [Theory]
    [InlineData("/cached", false)]
    [InlineData("/by-headers", false)]
    [InlineData("/by-user", true)]
    public async Task ResponseCache_BeforeAuthenticationOrWithoutAny_TakesAKeyForAnIdentity(string path, bool isKept)
    {
        // Whoever checks x-api-key by other means, in the endpoint for example: the header alone makes a request somebody's.
        var runs = 0;
        await using var app = await HttpApp.StartAsync(
            built =>
            {
                built.UseRouting();
                built.UseHeadroomResponseCache();
                MapCached(built, context =>
                {
                    runs++;
                    return context.Request.Headers["x-api-key"].ToString();
                });
            },
            services => services.AddHeadroomResponseCache(cache => cache.HonourCacheHeaders = true));

        for (var round = 0; round < 2; round++)
        {
            foreach (var key in (string[])["one", "other"])
            {
                using var response = await app.GetAsync(path, $"x-api-key: {key}");
                Assert.Equal(key, await response.TextAsync());
            }
        }

        Assert.Equal(isKept ? 2 : 4, runs);
    }

    [Fact]
    public async Task RateLimit_ByApiKey_CountsTheKeyHoweverItIsSentAndNotMadeUpOnes()
    {
        await using var app = await ApiKeyApp.StartAsync(
            built => built.MapGet("/limited", () => "").RateLimit("each"),
            services => services.AddHeadroomRateLimits(limits => limits.AddPolicy("each", policy =>
            {
                policy.Limit = 2;
                policy.By = RateLimitBy.ApiKey;
            })),
            between: built => built.UseHeadroomRateLimits());
        var (_, one) = await app.NewKeyAsync();
        var (_, other) = await app.NewKeyAsync();

        Assert.Equal(200, await app.StatusAsync("/limited", $"x-api-key: {one}"));
        Assert.Equal(200, await app.StatusAsync("/limited", $"Authorization: Bearer {one}"));
        Assert.Equal(429, await app.StatusAsync("/limited", $"x-api-key: {one}"));
        Assert.Equal(200, await app.StatusAsync("/limited", $"x-api-key: {other}"));
        Assert.Equal(401, await app.StatusAsync("/limited", "x-api-key: made-up"));
    }

    [Fact]
    public async Task Metrics_CountChecksByOutcomeAndNeverNameAKey()
    {
        await using var app = await ApiKeyApp.StartAsync();
        var outcomes = new List<string>();
        using var listener = new MeterListener();
        var meters = app.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, source) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters) && instrument.Name == "headroom.http.apikey.checks")
                source.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            lock (outcomes)
                outcomes.AddRange(tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
        });
        listener.Start();
        var (record, key) = await app.NewKeyAsync();
        var (revoked, revokedKey) = await app.NewKeyAsync();
        await app.Keys.RevokeAsync(revoked.Id, TestContext.Current.CancellationToken);

        await app.StatusAsync("/public");
        await app.StatusAsync("/private", $"x-api-key: {key}");
        await app.StatusAsync("/private", "x-api-key: rubbish");
        await app.StatusAsync("/private", $"x-api-key: {revokedKey}");
        await app.StatusAsync("/private", $"x-api-key: {ApiKeyText.WithChecksum($"hr_live_{record.Id}_{new string('A', 32)}")}");
        await app.StatusAsync("/private", $"x-api-key: {ApiKeyText.WithChecksum($"hr_live_{new string('B', 16)}_{new string('A', 32)}")}");

        Assert.Equal(
            ["headroom.outcome=accepted", "headroom.outcome=malformed", "headroom.outcome=revoked", "headroom.outcome=wrong_secret", "headroom.outcome=unknown"],
            outcomes);
    }

    static Task<ApiKeyApp> StartWithCacheAsync() => ApiKeyApp.StartAsync(
        built =>
        {
            built.UseHeadroomResponseCache();
            MapCached(built, static context => context.User.Identity?.Name ?? "nobody");
        },
        services => services.AddHeadroomResponseCache(cache => cache.HonourCacheHeaders = true));

    static void MapCached(WebApplication app, Func<HttpContext, string> answer)
    {
        app.MapGet("/cached", answer).CacheResponse(policy => policy.For(TimeSpan.FromMinutes(1)));
        app.MapGet("/by-user", answer).CacheResponse(policy => policy.For(TimeSpan.FromMinutes(1)).VaryByUser());
        app.MapGet("/by-headers", (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "max-age=60";
            return answer(context);
        });
    }
}
