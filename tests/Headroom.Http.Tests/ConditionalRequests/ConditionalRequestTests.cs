using System.Net;
using System.Net.Sockets;
using System.Text;
using Headroom.Http.ConditionalRequests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.Tests.ConditionalRequests;

public sealed class ConditionalRequestTests
{
    const string Hello = """{"hello":"world"}""";

    [Fact]
    public async Task WithETag_Get_GivesAStrongTagOfTheContent()
    {
        await using var app = await StartAsync(map => map.MapGet("/", () => Results.Content(Hello, "application/json")).WithETag());
        using var first = await app.GetAsync("/");
        using var second = await app.GetAsync("/");

        Assert.Equal(ETagGenerator.TagOf(Encoding.UTF8.GetBytes(Hello), "application/json"), first.Header("ETag"));
        Assert.Matches("^\"[A-Za-z0-9_-]{22}\"$", first.Header("ETag"));
        Assert.Equal(first.Header("ETag"), second.Header("ETag"));
        Assert.Equal(Hello, await first.TextAsync());
        Assert.Equal("17", first.Header("Content-Length"));
    }

    [Fact]
    public async Task WithETag_OtherContentOrMediaType_GivesAnotherTag()
    {
        await using var app = await StartAsync(map => map.MapGet("/{content}/{type}", (string content, string type) => Results.Content(content, "text/" + type)).WithETag());
        var tags = new List<string?>();
        foreach (var path in new[] { "/a/plain", "/b/plain", "/a/html" })
        {
            using var response = await app.GetAsync(path);
            tags.Add(response.Header("ETag"));
        }

        Assert.Equal(3, tags.Distinct().Count());
        Assert.DoesNotContain(null, tags);
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("W/{0}")]
    [InlineData("\"other\", {0}, W/\"another\"")]
    [InlineData("*")]
    public async Task UseConditionalRequests_CurrentTag_Answers304WithoutContent(string ifNoneMatch)
    {
        await using var app = await StartAsync(map => map.MapGet("/", (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "private, max-age=60";
            context.Response.Headers.Vary = "Authorization";
            context.Response.Headers.Expires = "Mon, 05 Jan 2026 10:00:00 GMT";
            context.Response.Headers.ContentLocation = "/here";
            context.Response.Headers.ContentLanguage = "en";
            context.Response.Headers.LastModified = "Mon, 05 Jan 2026 10:00:00 GMT";
            context.Response.Headers["X-Custom"] = "stays";
            return Results.Content(Hello, "application/json");
        }).WithETag());
        using var full = await app.GetAsync("/");
        var tag = full.Header("ETag")!;
        using var response = await app.GetAsync("/", "If-None-Match: " + string.Format(System.Globalization.CultureInfo.InvariantCulture, ifNoneMatch, tag));

        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
        Assert.Empty(await response.BytesAsync());
        // RFC 9110 §15.4.5: these must be as in the 200, and the tag as the client knows it …
        Assert.Equal(ifNoneMatch.StartsWith("W/", StringComparison.Ordinal) ? "W/" + tag : tag, response.Header("ETag"));
        foreach (var kept in new[] { "Cache-Control", "Content-Location", "Expires", "Vary", "X-Custom" })
            Assert.Equal(full.Header(kept), response.Header(kept));
        Assert.NotNull(response.Header("Date"));
        // … and these describe content that is not there.
        foreach (var removed in new[] { "Content-Type", "Content-Length", "Content-Language", "Last-Modified", "Transfer-Encoding" })
            Assert.Null(response.Header(removed));
    }

    [Theory]
    [InlineData("If-None-Match: \"other\"")]
    [InlineData("If-None-Match: nonsense")]
    [InlineData("If-Modified-Since: Mon, 05 Jan 2026 10:00:00 GMT")]
    public async Task UseConditionalRequests_OtherTag_AnswersInFull(string header)
    {
        await using var app = await StartAsync(map => map.MapGet("/", () => Results.Content(Hello, "application/json")).WithETag());
        using var response = await app.GetAsync("/", header);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Hello, await response.TextAsync());
        Assert.Equal("application/json", response.Header("Content-Type"));
        Assert.NotNull(response.Header("ETag"));
    }

    [Theory]
    [InlineData("Mon, 05 Jan 2026 10:00:00 GMT", HttpStatusCode.NotModified)]
    [InlineData("Tue, 06 Jan 2026 10:00:00 GMT", HttpStatusCode.NotModified)]
    [InlineData("Sun, 04 Jan 2026 10:00:00 GMT", HttpStatusCode.OK)]
    [InlineData("soon", HttpStatusCode.OK)]
    public async Task UseConditionalRequests_IfModifiedSince_ComparesWithLastModified(string since, HttpStatusCode expected)
    {
        await using var app = await StartAsync(map => map.MapGet("/", (HttpContext context) =>
        {
            context.Response.Headers.LastModified = "Mon, 05 Jan 2026 10:00:00 GMT";
            return Hello;
        }).WithETag());
        using var alone = await app.GetAsync("/", "If-Modified-Since: " + since);
        using var besideTag = await app.GetAsync("/", "If-Modified-Since: " + since, "If-None-Match: \"other\"");
        Assert.Equal(expected, alone.StatusCode);
        Assert.Equal(HttpStatusCode.OK, besideTag.StatusCode);
    }

    [Fact]
    public async Task UseConditionalRequests_Head_HasTheTagOfGetAnd304()
    {
        await using var app = await StartAsync(map => map.MapMethods("/", ["GET", "HEAD"], () => Results.Content(Hello, "application/json")).WithETag());
        using var get = await app.GetAsync("/");
        using var head = await app.SendAsync(HttpMethod.Head, "/");
        using var notModified = await app.SendAsync(HttpMethod.Head, "/", "If-None-Match: " + get.Header("ETag"));
        Assert.Equal(get.Header("ETag"), head.Header("ETag"));
        Assert.Equal("17", head.Header("Content-Length"));
        Assert.Equal(HttpStatusCode.NotModified, notModified.StatusCode);
    }

    [Fact]
    public async Task WithETag_HeadHandlerWithoutContent_GivesNoTagOfNothing()
    {
        await using var app = await StartAsync(map => map.MapMethods("/", ["HEAD"], () => Results.Ok()).WithETag());
        using var head = await app.SendAsync(HttpMethod.Head, "/");
        Assert.Null(head.Header("ETag"));
    }

    [Fact]
    public async Task WithETag_PostAndOtherStatuses_AreLeftAlone()
    {
        await using var app = await StartAsync(map =>
        {
            map.MapPost("/", () => Hello).WithETag();
            map.MapGet("/missing", () => Results.NotFound(new { error = "no" })).WithETag();
            map.MapGet("/plain", () => Hello);
        });
        using var post = await app.SendAsync(HttpMethod.Post, "/", "If-None-Match: *");
        using var missing = await app.GetAsync("/missing", "If-None-Match: *");
        using var plain = await app.GetAsync("/plain", "If-None-Match: *");
        Assert.Equal(HttpStatusCode.OK, post.StatusCode);
        Assert.Null(post.Header("ETag"));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Equal("""{"error":"no"}""", await missing.TextAsync());
        Assert.Null(missing.Header("ETag"));
        Assert.Equal(HttpStatusCode.OK, plain.StatusCode);
        Assert.Null(plain.Header("ETag"));
    }

    [Fact]
    public async Task WithETag_HandlersOwnTag_IsKeptAndCompared()
    {
        await using var app = await StartAsync(map => map.MapGet("/", (HttpContext context) =>
        {
            context.Response.Headers.ETag = "\"version-7\"";
            return Hello;
        }).WithETag());
        using var full = await app.GetAsync("/");
        using var notModified = await app.GetAsync("/", "If-None-Match: \"version-7\"");
        Assert.Equal("\"version-7\"", full.Header("ETag"));
        Assert.Equal(HttpStatusCode.NotModified, notModified.StatusCode);
    }

    [Fact]
    public async Task WithETag_NoStore_GetsNoTag()
    {
        await using var app = await StartAsync(map => map.MapGet("/", (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "private, no-store";
            return Hello;
        }).WithETag());
        using var response = await app.GetAsync("/");
        Assert.Null(response.Header("ETag"));
        Assert.Equal(Hello, await response.TextAsync());
    }

    [Fact]
    public async Task WithETag_HandlerThrows_TheErrorPageIsWhole()
    {
        await using var app = await HttpApp.StartAsync(web =>
        {
            web.UseExceptionHandler(error => error.Run(context => context.Response.WriteAsync("sorry")));
            web.UseConditionalRequests();
            web.MapGet("/", async context =>
            {
                await context.Response.WriteAsync("half of the content", TestContext.Current.CancellationToken);
                throw new InvalidOperationException("on purpose");
            }).WithETag();
        });
        using var response = await app.GetAsync("/", "If-None-Match: *");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("sorry", await response.TextAsync());
        Assert.Null(response.Header("ETag"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WithETag_Afterwards_TheBodyIsTheServersAgain(bool fails)
    {
        var outside = new List<object>();
        var between = new List<object>();
        await using var app = await HttpApp.StartAsync(web =>
        {
            web.Use((context, next) => WatchAsync(context, next, outside));
            web.UseConditionalRequests();
            web.Use((context, next) => WatchAsync(context, next, between));
            web.MapGet("/", () => fails ? throw new InvalidOperationException("on purpose") : Hello).WithETag();
        });
        (await app.GetAsync("/", "If-None-Match: \"old\"")).Dispose();
        Assert.Same(outside[0], outside[1]);
        Assert.Same(between[0], between[1]);
        Assert.NotSame(outside[0], between[0]);

        static async Task WatchAsync(HttpContext context, RequestDelegate next, List<object> seen)
        {
            seen.Add(context.Features.GetRequiredFeature<IHttpResponseBodyFeature>());
            try
            {
                await next(context);
            }
            finally
            {
                seen.Add(context.Features.GetRequiredFeature<IHttpResponseBodyFeature>());
            }
        }
    }

    [Fact]
    public async Task WithETag_MiddlewareIsMissing_SaysWhatToCall()
    {
        var message = "";
        await using var app = await HttpApp.StartAsync(web =>
        {
            web.Use(async (context, next) =>
            {
                try
                {
                    await next(context);
                }
                catch (InvalidOperationException error)
                {
                    message = error.Message;
                }
            });
            web.MapGet("/", () => Hello).WithETag();
        });
        (await app.GetAsync("/")).Dispose();
        Assert.Contains("app.UseConditionalRequests()", message, StringComparison.Ordinal);
        Assert.Contains("HTTP: GET /", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UseConditionalRequests_EndpointWithoutTag_ReturnsTheNextTaskItself()
    {
        // No state machine, no feature, no callback: what the others pay is one look-up.
        var task = new TaskCompletionSource().Task;
        var middleware = new ConditionalRequestMiddleware(_ => task, new ServiceCollection().BuildServiceProvider());
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Request.Headers.IfNoneMatch = "*";
        var features = context.Features.Revision;
        Assert.Same(task, middleware.InvokeAsync(context));
        context.SetEndpoint(new Endpoint(null, new EndpointMetadataCollection("something"), "x"));
        features = context.Features.Revision;
        Assert.Same(task, middleware.InvokeAsync(context));
        Assert.Equal(features, context.Features.Revision);
        await Task.CompletedTask;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(67_108_865)]
    public void WithETag_LimitOutOfBounds_IsRefused(int maxContentBytes) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => WebApplication.CreateSlimBuilder().Build().MapGet("/", () => "").WithETag(maxContentBytes));

    [Fact]
    public async Task UseConditionalRequests_304OnARawSocket_KeepsTheConnectionInStep()
    {
        await using var app = await StartAsync(map => map.MapGet("/", () => Results.Content(Hello, "application/json")).WithETag());
        using var first = await app.GetAsync("/");
        using var socket = new TcpClient();
        await socket.ConnectAsync(app.Address.Host, app.Address.Port, TestContext.Current.CancellationToken);
        await using var stream = socket.GetStream();
        var conditional = $"GET / HTTP/1.1\r\nHost: h\r\nIf-None-Match: {first.Header("ETag")}\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(conditional + conditional + "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var all = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        var answers = all.Split("HTTP/1.1 ", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, answers.Length);
        Assert.StartsWith("304 Not Modified\r\n", answers[0], StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answers[0], StringComparison.Ordinal);
        Assert.Single(answers[0].Split("\r\n\r\n", StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("304 Not Modified\r\n", answers[1], StringComparison.Ordinal);
        Assert.EndsWith(Hello, answers[2], StringComparison.Ordinal);
    }

    static Task<HttpApp> StartAsync(Action<IEndpointRouteBuilder> map) => HttpApp.StartAsync(web =>
    {
        web.UseConditionalRequests();
        map(web);
    });
}
