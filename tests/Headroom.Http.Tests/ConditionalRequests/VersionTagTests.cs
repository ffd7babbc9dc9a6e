using System.Net;
using Headroom.Http.ConditionalRequests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.Tests.ConditionalRequests;

public sealed class VersionTagTests
{
    [Fact]
    public async Task Get_WithTheCurrentVersion_304WithoutTheHandlersWork()
    {
        var (version, calls) = ("v1", 0);
        await using var app = await StartAsync(() => version, () =>
        {
            calls++;
            return Results.Text(new string('x', 3000));
        });
        using var full = await app.GetAsync("/", "Accept-Encoding: br");
        Assert.Equal("W/\"v1\"", full.Header("ETag"));
        Assert.Equal("br", full.Header("Content-Encoding"));
        foreach (var known in new[] { "W/\"v1\"", "\"v1\"", "\"v0\", W/\"v1\"", "*" })
        {
            using var response = await app.GetAsync("/", "Accept-Encoding: br", "If-None-Match: " + known);
            Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
            Assert.Equal("W/\"v1\"", response.Header("ETag"));
            Assert.Equal("Accept-Encoding", response.Header("Vary"));
            Assert.Equal("private, max-age=60", response.Header("Cache-Control"));
            Assert.Empty(await response.BytesAsync());
        }

        Assert.Equal(1, calls);
        version = "v2";
        using var changed = await app.GetAsync("/", "If-None-Match: W/\"v1\"");
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.Equal("W/\"v2\"", changed.Header("ETag"));
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task Get_WithoutAVersion_RunsTheHandlerWithoutATag()
    {
        await using var app = await StartAsync(() => null, () => Results.Text("content"));
        using var response = await app.GetAsync("/", "If-None-Match: *");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Null(response.Header("ETag"));
    }

    [Fact]
    public async Task Failure_HasNoTag()
    {
        await using var app = await StartAsync(() => "v1", () => Results.NotFound());
        using var response = await app.GetAsync("/");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Null(response.Header("ETag"));
    }

    [Fact]
    public async Task Post_IsNotAsked()
    {
        await using var app = await StartAsync(() => throw new InvalidOperationException(), () => Results.Text("posted"));
        using var response = await app.SendAsync(HttpMethod.Post, "/", "If-None-Match: *");
        Assert.Equal("posted", await response.TextAsync());
    }

    [Theory]
    [InlineData("2026-11-21T20:00:00Z", "W/\"2026-11-21T20:00:00Z\"")]
    [InlineData("42", "W/\"42\"")]
    public void Of_TagCharacters_AreTheTag(string version, string tag) => Assert.Equal(tag, VersionTag.Of(version));

    [Theory]
    [InlineData("")]
    [InlineData("with blank")]
    [InlineData("with\"quote")]
    [InlineData("line\r\nSet-Cookie: a=b")]
    [InlineData("ä")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123456789")]
    public void Of_OtherCharacters_AreHashed(string version)
    {
        var tag = VersionTag.Of(version);
        Assert.Matches("^W/\"[A-Za-z0-9_-]{22}\"$", tag);
        Assert.NotEqual(tag, VersionTag.Of(version + " "));
    }

    static Task<HttpApp> StartAsync(Func<string?> version, Func<IResult> handler) => HttpApp.StartAsync(
        web =>
        {
            web.UseHeadroomCompression();
            web.MapMethods("/", ["GET", "POST"], (HttpContext _) => handler()).WithETagFrom(_ => new ValueTask<string?>(version())).CacheHeaders(CacheDirectives.Data);
        },
        services => services.AddHeadroomCompression());
}
