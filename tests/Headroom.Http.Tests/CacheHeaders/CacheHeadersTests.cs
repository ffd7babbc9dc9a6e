using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.Tests.CacheHeaders;

public sealed class CacheHeadersTests
{
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("/data", "private, max-age=60")]
    [InlineData("/export", "private, max-age=300")]
    [InlineData("/health", "no-store")]
    [InlineData("/health-failed", "no-store")]
    [InlineData("/public", "public, max-age=60, s-maxage=600, stale-while-revalidate=30, stale-if-error=86400")]
    [InlineData("/asset", "public, max-age=31536000, immutable, no-transform")]
    [InlineData("/checked", "private, no-cache, must-revalidate")]
    // The handler has the last word.
    [InlineData("/own", "no-store")]
    [InlineData("/own-expires", null)]
    // What the words are not about.
    [InlineData("/missing", null)]
    [InlineData("/failed", null)]
    [InlineData("/moved", null)]
    [InlineData("/without", null)]
    // The endpoint's word before the group's.
    [InlineData("/group/inherits", "private, max-age=300")]
    [InlineData("/group/wins", "private, max-age=60")]
    public async Task Get_Endpoint_SaysSo(string path, string? cacheControl)
    {
        await using var app = await StartAsync();
        using var response = await app.GetAsync(path);
        Assert.Equal(cacheControl, response.Header("Cache-Control"));
    }

    [Theory]
    [InlineData("HEAD", "private, max-age=60")]
    [InlineData("POST", null)]
    public async Task Data_ByMethod(string method, string? cacheControl)
    {
        await using var app = await StartAsync();
        using var response = await app.SendAsync(new HttpMethod(method), "/data");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(cacheControl, response.Header("Cache-Control"));
    }

    [Fact]
    public async Task NotModified_SaysWhatThe200Says()
    {
        await using var app = await StartAsync();
        using var full = await app.GetAsync("/tagged");
        using var response = await app.GetAsync("/tagged", "If-None-Match: " + full.Header("ETag"));
        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
        Assert.Equal("private, max-age=60", response.Header("Cache-Control"));
    }

    public static TheoryData<CacheDirectives, string> Contradictions() => new()
    {
        { new(), "nothing says for how long; write MaxAge, SharedMaxAge, NoCache or NoStore." },
        { new() { MaxAge = TimeSpan.FromSeconds(-1) }, "MaxAge is -00:00:01; write whole seconds from 0 to 3650.00:00:00." },
        { new() { MaxAge = TimeSpan.FromMilliseconds(1500) }, "MaxAge is 00:00:01.5000000; write whole seconds from 0 to 3650.00:00:00." },
        { new() { SharedMaxAge = TimeSpan.FromDays(3651) }, "SharedMaxAge is 3651.00:00:00; write whole seconds from 0 to 3650.00:00:00." },
        { new() { NoStore = true, MaxAge = Minute }, "NoStore stands beside others; write it alone, because what is not kept has no age." },
        { new() { Private = true, SharedMaxAge = Minute }, "SharedMaxAge stands beside Private, which keeps shared caches out; write one of them." },
        { new() { MaxAge = Minute, MustRevalidate = true, StaleIfError = Minute }, "MustRevalidate forbids what StaleWhileRevalidate and StaleIfError allow; write one or the other." },
    };

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void Errors_Contradiction_IsTold(CacheDirectives directives, string error) => Assert.Equal([error], directives.Errors());

    [Fact]
    public async Task CacheHeaders_SeveralMistakes_AreToldTogether()
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => HttpApp.StartAsync(web =>
            web.MapGet("/", () => "").CacheHeaders(new CacheDirectives { Private = true, MaxAge = -Minute, SharedMaxAge = Minute })));
        Assert.Contains("MaxAge is -00:01:00", error.Message, StringComparison.Ordinal);
        Assert.Contains("SharedMaxAge stands beside Private", error.Message, StringComparison.Ordinal);
    }

    static Task<HttpApp> StartAsync() => HttpApp.StartAsync(
        web =>
        {
            web.UseConditionalRequests();
            web.MapMethods("/data", ["GET", "HEAD", "POST"], () => Results.Text("data")).CacheHeaders(CacheDirectives.Data);
            web.MapGet("/export", () => "export").CacheHeaders(CacheDirectives.Export);
            web.MapGet("/health", () => "fine").CacheHeaders(CacheDirectives.Health);
            web.MapGet("/health-failed", () => Results.StatusCode(503)).CacheHeaders(CacheDirectives.Health);
            web.MapGet("/public", () => "").CacheHeaders(Minute, sMaxAge: 10 * Minute, staleWhileRevalidate: Minute / 2, staleIfError: TimeSpan.FromDays(1));
            web.MapGet("/asset", () => "").CacheHeaders(new CacheDirectives { MaxAge = TimeSpan.FromDays(365), Immutable = true, NoTransform = true });
            web.MapGet("/checked", () => "").CacheHeaders(new CacheDirectives { Private = true, NoCache = true, MustRevalidate = true });
            web.MapGet("/own", (HttpContext context) => context.Response.Headers.CacheControl = "no-store").CacheHeaders(CacheDirectives.Data);
            web.MapGet("/own-expires", (HttpContext context) => context.Response.Headers.Expires = "0").CacheHeaders(CacheDirectives.Data);
            web.MapGet("/missing", () => Results.NotFound()).CacheHeaders(CacheDirectives.Data);
            web.MapGet("/failed", () => Results.StatusCode(500)).CacheHeaders(CacheDirectives.Data);
            web.MapGet("/moved", () => Results.Redirect("/data")).CacheHeaders(CacheDirectives.Data);
            web.MapGet("/without", () => "");
            web.MapGet("/tagged", () => "tagged").WithETag().CacheHeaders(CacheDirectives.Data);
            var group = web.MapGroup("/group").CacheHeaders(CacheDirectives.Export);
            group.MapGet("/inherits", () => "");
            group.MapGet("/wins", () => "").CacheHeaders(CacheDirectives.Data);
        },
        services => services.AddRouting());
}
