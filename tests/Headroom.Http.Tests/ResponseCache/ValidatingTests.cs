using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http.Tests.ResponseCache;

/// <summary>What the origin says about what is stored, and what it is asked.</summary>
public sealed class ValidatingTests
{
    static readonly TimeSpan Over = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task NotModified_OfAnotherTag_OriginIsAskedAgainWithoutConditions()
    {
        var asked = new List<string>();
        await using var app = await CacheApp.StartAsync(map => map.MapGet("/", (HttpContext context) =>
        {
            asked.Add($"{context.Request.Headers.IfNoneMatch}");
            context.Response.Headers.CacheControl = "max-age=1";
            context.Response.Headers.ETag = asked.Count == 1 ? "\"a\"" : "\"b\"";
            context.Response.Headers["X-Run"] = $"{asked.Count}";
            if (context.Request.Headers.IfNoneMatch.Count == 0)
                return context.Response.WriteAsync($"body {asked.Count}");
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }).CacheResponse());
        Assert.Equal("body 1", (await app.TextAsync("/")).Text);
        app.Time.Advance(Over);

        using (var response = await app.GetAsync("/", "If-None-Match: \"x\""))
        {
            Assert.Equal((HttpStatusCode.OK, "body 3", "\"b\"", "3"), (response.StatusCode, await response.TextAsync(), response.Header("ETag"), response.Header("X-Run")));
            Assert.Contains("fwd=stale; ttl=1; stored", response.Header("Cache-Status"), StringComparison.Ordinal);
        }

        Assert.Equal(["", "\"a\"", ""], asked);
        Assert.Equal("body 3", (await app.TextAsync("/")).Text);
        Assert.Equal(3, asked.Count);
    }

    [Theory]
    [InlineData("max-age=1, must-revalidate", "next; error=connection_refused", 504, 502)]
    [InlineData("max-age=1, proxy-revalidate", "next; error=connection_refused", 504, 502)]
    [InlineData("max-age=1, must-revalidate", null, 502, null)]
    [InlineData("max-age=1", "next; error=connection_refused", 502, null)]
    public async Task Origin_ThatCannotBeReached_Is504WhereValidationIsDemanded(string cacheControl, string? proxyStatus, int expected, int? forwardStatus)
    {
        var runs = 0;
        await using var app = await CacheApp.StartAsync(map => map.MapGet("/", (HttpContext context) =>
        {
            if (runs++ == 0)
            {
                context.Response.Headers.CacheControl = cacheControl;
                context.Response.Headers.ETag = "\"a\"";
                return context.Response.WriteAsync("body");
            }

            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            context.Response.Headers.CacheControl = "no-store";
            context.Response.ContentType = "application/problem+json";
            if (proxyStatus is not null)
                context.Response.Headers["Proxy-Status"] = proxyStatus;
            return context.Response.WriteAsync("""{"status":502}""");
        }).CacheResponse());
        await app.TextAsync("/");
        app.Time.Advance(Over);

        using var response = await app.GetAsync("/");
        Assert.Equal(expected, (int)response.StatusCode);
        Assert.Equal(expected == 504 ? "" : """{"status":502}""", await response.TextAsync());
        Assert.Equal(proxyStatus, response.Header("Proxy-Status"));
        Assert.Equal("Headroom; fwd=stale" + (forwardStatus is null ? "" : $"; fwd-status={forwardStatus}"), response.Header("Cache-Status"));
    }

    [Theory]
    [InlineData("PUT", "\"abc-br\"", "\"abc-br\", \"abc\"")]
    [InlineData("PUT", "\"abc\", \"x-gzip\"", "\"abc\", \"x-gzip\", \"x\"")]
    [InlineData("GET", "\"abc-gzip\"", "\"abc-gzip\", \"abc\"")]
    [InlineData("DELETE", "\"abc\"", "\"abc\"")]
    [InlineData("PATCH", "*", "*")]
    [InlineData("PUT", "\"-br\"", "\"-br\"")]
    public async Task IfMatch_OfAnEncodedForm_ReachesTheOriginWithItsOwnTagBesideIt(string method, string sent, string expected)
    {
        string? seen = null;
        await using var app = await CacheApp.StartAsync(map => map.MapMethods("/", [method], (HttpContext context) => seen = context.Request.Headers.IfMatch).CacheResponse());
        (await app.SendAsync(new HttpMethod(method), "/", "If-Match: " + sent)).Dispose();
        Assert.Equal(expected, seen);
    }

    [Theory]
    [InlineData("Authorization: Bearer x")]
    [InlineData("X-Original-URL: /other")]
    public async Task Head_OfAUserOrForSomethingElse_RemovesNothingOfOthers(string field)
    {
        var isAway = false;
        await using var app = await CacheApp.StartAsync(map => map.MapMethods("/", ["GET", "HEAD"], (HttpContext context) =>
        {
            context.Response.StatusCode = HttpMethods.IsHead(context.Request.Method) ? StatusCodes.Status404NotFound : isAway ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
            return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync(isAway ? "away" : "for all");
        }).CacheResponse(policy => policy.For(TimeSpan.FromMinutes(1)).StaleIfError(TimeSpan.FromMinutes(5))));
        await app.TextAsync("/");

        // Before that a HEAD is a hit.
        app.Time.Advance(TimeSpan.FromSeconds(61));
        using var head = await app.SendAsync(HttpMethod.Head, "/", field);
        isAway = true;

        Assert.Equal(HttpStatusCode.NotFound, head.StatusCode);
        Assert.Equal("for all", (await app.TextAsync("/")).Text);
    }

    [Fact]
    public async Task SoftPurgeOfAUrl_ReachesWhatWasStoredUnderAnotherSpellingOfIt()
    {
        await using var app = await CacheApp.StartAsync(map => map.MapGet("/users", () => "users").CacheResponse(policy => policy.For(TimeSpan.FromMinutes(1)).VaryByQuery("page").StaleIfError(TimeSpan.FromMinutes(5))));
        await app.TextAsync("/users?utm=1&page=2", "Host: api.example");
        Assert.StartsWith("Headroom; hit", (await app.TextAsync("/users?page=2", "Host: api.example")).Status, StringComparison.Ordinal);
        app.Time.Advance(TimeSpan.FromSeconds(1));
        await app.Cache.PurgeUrlAsync(new Uri("http://api.example/users?page=2"), PurgeMode.Soft);
        app.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.StartsWith("Headroom; fwd=stale", (await app.TextAsync("/users?page=2", "Host: api.example")).Status, StringComparison.Ordinal);
    }
}
