using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Headroom.Http.Tests.ConditionalRequests;

/// <summary>Every way to write a response, at, below and above the limit.</summary>
public sealed class HeldBackBodyTests
{
    const int Limit = 10_000;

    public static TheoryData<string, int> Ways()
    {
        var data = new TheoryData<string, int>();
        foreach (var way in new[] { "stream", "chunks", "pipe", "pipe-unflushed", "flushes", "start", "file", "file-after-bytes", "sync", "complete" })
        {
            foreach (var size in new[] { 0, 1, Limit - 1, Limit, Limit + 1, 3 * Limit })
                data.Add(way, size);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Write_AnyWayAndSize_ArrivesWholeAndHasATagUpToTheLimit(string way, int size)
    {
        var content = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, size).Select(i => (char)('a' + (i % 26)))));
        var file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, content, TestContext.Current.CancellationToken);
        try
        {
            await using var app = await StartAsync(map => map.MapGet("/", context => WriteAsync(context, way, content, file)).WithETag(Limit));
            using var full = await app.GetAsync("/");
            Assert.Equal(content, await full.BytesAsync());
            var tagged = size <= Limit;
            Assert.Equal(tagged, full.Header("ETag") is not null);

            using var conditional = await app.GetAsync("/", $"If-None-Match: {full.Header("ETag") ?? "\"none\""}");
            Assert.Equal(tagged ? HttpStatusCode.NotModified : HttpStatusCode.OK, conditional.StatusCode);
            Assert.Equal(tagged ? [] : content, await conditional.BytesAsync());
        }
        finally
        {
            File.Delete(file);
        }
    }

    static async Task WriteAsync(HttpContext context, string way, byte[] content, string file)
    {
        var response = context.Response;
        var token = context.RequestAborted;
        context.Features.GetRequiredFeature<IHttpBodyControlFeature>().AllowSynchronousIO = way == "sync";
        switch (way)
        {
            case "stream":
                await response.Body.WriteAsync(content, token);
                break;
            case "chunks":
                for (var at = 0; at < content.Length; at += 777)
                    await response.Body.WriteAsync(content.AsMemory(at, Math.Min(777, content.Length - at)), token);
                break;
            case "flushes":
                foreach (var part in content.Chunk(1_500))
                {
                    await response.Body.WriteAsync(part, token);
                    await response.Body.FlushAsync(token);
                }

                break;
            case "pipe":
                await response.BodyWriter.WriteAsync(content, token);
                break;
            case "pipe-unflushed":
                content.CopyTo(response.BodyWriter.GetMemory(content.Length + 1));
                response.BodyWriter.Advance(content.Length);
                break;
            case "start":
                await response.StartAsync(token);
                await response.BodyWriter.WriteAsync(content, token);
                break;
            case "complete":
                await response.Body.WriteAsync(content, token);
                await response.CompleteAsync();
                break;
            case "file":
                await response.SendFileAsync(file, token);
                break;
            case "file-after-bytes":
                var half = content.Length / 2;
                await response.BodyWriter.WriteAsync(content.AsMemory(0, half), token);
                await response.SendFileAsync(file, half, content.Length - half, token);
                break;
            case "sync":
                foreach (var part in content.Chunk(3_000))
                    response.Body.Write(part);
                response.Body.Flush();
                break;
        }
    }

    [Fact]
    public async Task Write_LargeJson_IsWholeAndBeyondTheLimitNotHeldBack()
    {
        var rows = Enumerable.Range(0, 20_000).Select(i => new { id = i, name = $"name {i}" }).ToArray();
        await using var app = await StartAsync(map =>
        {
            map.MapGet("/held", () => rows).WithETag(8 * 1024 * 1024);
            map.MapGet("/passed", () => rows).WithETag(50_000);
        });
        using var held = await app.GetAsync("/held");
        using var passed = await app.GetAsync("/passed");
        Assert.NotNull(held.Header("ETag"));
        Assert.Null(passed.Header("ETag"));
        Assert.Equal(await held.TextAsync(), await passed.TextAsync());
        using var notModified = await app.GetAsync("/held", "If-None-Match: " + held.Header("ETag"));
        Assert.Equal(HttpStatusCode.NotModified, notModified.StatusCode);
    }

    [Theory]
    [InlineData("event-stream")]
    [InlineData("disable-buffering")]
    [InlineData("beyond-limit")]
    [InlineData("announced-length")]
    public async Task Write_ContentThatMustNotWait_IsPassedOnBeforeTheHandlerEnds(string way)
    {
        var goOn = new TaskCompletionSource();
        await using var app = await StartAsync(map => map.MapGet("/", async context =>
        {
            var first = "first ";
            if (way == "event-stream")
                context.Response.ContentType = "text/event-stream; charset=utf-8";
            else if (way == "disable-buffering")
                context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
            else if (way == "announced-length")
                context.Response.ContentLength = Limit + 6;
            if (way == "beyond-limit")
                first = new string('x', Limit + 1);
            await context.Response.WriteAsync(first, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await goOn.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync(new string('y', Limit), context.RequestAborted);
        }).WithETag(Limit));

        // Also while a condition is evaluated, which is the other body in the way.
        using var response = await app.SendAsync(HttpMethod.Get, "/", HttpCompletionOption.ResponseHeadersRead, "If-None-Match: \"old\"");
        await using var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var buffer = new byte[Limit * 3];
        var read = await stream.ReadAsync(buffer, TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.True(read > 0);
        Assert.Null(response.Header("ETag"));
        goOn.SetResult();
        int more;
        while ((more = await stream.ReadAsync(buffer.AsMemory(read), TestContext.Current.CancellationToken)) > 0)
            read += more;
        Assert.Equal((way == "beyond-limit" ? Limit + 1 : 6) + Limit, read);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Start_BufferingDisabled_SendsTheHeadersBeforeAnyContent(bool start)
    {
        var started = false;
        var goOn = new TaskCompletionSource();
        await using var app = await StartAsync(map => map.MapGet("/", async context =>
        {
            context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
            // Kestrel writes the headers at the start, and sends them with the first flush.
            if (start)
            {
                await context.Response.StartAsync(context.RequestAborted);
                started = context.Response.HasStarted;
            }

            await context.Response.Body.FlushAsync(context.RequestAborted);
            await goOn.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("late", context.RequestAborted);
        }).WithETag());

        using var response = await app.SendAsync(HttpMethod.Get, "/", HttpCompletionOption.ResponseHeadersRead)
            .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        goOn.SetResult();
        Assert.Equal(start, started);
        Assert.Null(response.Header("ETag"));
        Assert.Equal("late", await response.TextAsync());
    }

    [Fact]
    public async Task WithETag_GroupAndEndpoint_TheEndpointsLimitCounts()
    {
        await using var app = await StartAsync(map =>
        {
            var group = map.MapGroup("/g").WithETag(10);
            group.MapGet("/small", () => new string('a', 11));
            group.MapGet("/large", () => new string('a', 11)).WithETag(100);
        });
        using var small = await app.GetAsync("/g/small");
        using var large = await app.GetAsync("/g/large");
        Assert.Null(small.Header("ETag"));
        Assert.NotNull(large.Header("ETag"));
    }

    static Task<HttpApp> StartAsync(Action<IEndpointRouteBuilder> map) => HttpApp.StartAsync(web =>
    {
        web.UseConditionalRequests();
        map(web);
    });
}
