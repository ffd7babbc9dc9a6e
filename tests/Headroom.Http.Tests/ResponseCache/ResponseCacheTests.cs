using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http.Tests.ResponseCache;

/// <summary>The middleware on a real Kestrel, on a clock that stands still.</summary>
public sealed class ResponseCacheTests
{
    static readonly string Long = string.Concat(Enumerable.Range(0, 300).Select(i => $"{{\"number\":{i},\"name\":\"item\"}},"));

    static Action<WebApplication> Counted(Action<ResponseCachePolicyBuilder> policy, Func<int, HttpContext, Task> handle)
    {
        var runs = 0;
        return app => app.MapMethods("/x/{**rest}", ["GET", "HEAD", "POST", "DELETE"], context => handle(Interlocked.Increment(ref runs), context)).CacheResponse(policy);
    }

    static Action<WebApplication> Headers(params string[] headers) => Counted(_ => { }, (run, context) =>
    {
        foreach (var header in headers)
        {
            var colon = header.IndexOf(": ", StringComparison.Ordinal);
            context.Response.Headers.Append(header[..colon], header[(colon + 2)..]);
        }

        return context.Response.WriteAsync($"run {run}");
    });

    static Task Write(int run, HttpContext context) => context.Response.WriteAsync($"run {run}");

    [Fact]
    public async Task Get_Twice_IsAHitWithAgeAndTag()
    {
        await using var app = await CacheApp.StartAsync(Counted(p => p.For(TimeSpan.FromSeconds(30)), Write));
        using var first = await app.GetAsync("/x/a");
        app.Time.Advance(TimeSpan.FromSeconds(7));
        using var second = await app.GetAsync("/x/a");
        Assert.Equal("run 1", await second.TextAsync());
        Assert.Equal("Headroom; fwd=uri-miss; ttl=30; stored", first.Header("Cache-Status"));
        Assert.Equal("Headroom; hit; ttl=23", second.Header("Cache-Status"));
        Assert.Equal("7", second.Header("Age"));
        Assert.Equal(first.Header("ETag"), second.Header("ETag"));
        Assert.StartsWith("\"", first.Header("ETag"), StringComparison.Ordinal);
        Assert.Equal(first.Header("Date"), second.Header("Date"));
        Assert.Equal(first.Header("Content-Type"), second.Header("Content-Type"));
    }

    [Fact]
    public async Task Get_AfterItsLife_RunsAgain()
    {
        await using var app = await CacheApp.StartAsync(Counted(p => p.For(TimeSpan.FromSeconds(30)), Write));
        await app.TextAsync("/x/a");
        app.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(("run 2", "Headroom; fwd=uri-miss; ttl=30; stored"), await app.TextAsync("/x/a"));
    }

    [Theory]
    [InlineData("/x/a", "/x/b")]
    [InlineData("/x/a?p=1", "/x/a?p=2")]
    [InlineData("/x/a?p=1&q=2", "/x/a?q=2&p=1")]
    [InlineData("/x/a%2Fb", "/x/a/b")]
    [InlineData("/x/a", "/x/A")]
    public async Task Get_UrlsThatDifferInAByte_AreDifferent(string first, string second)
    {
        await using var app = await CacheApp.StartAsync(Counted(p => p.For(TimeSpan.FromSeconds(30)), Write));
        await app.TextAsync(first);
        Assert.Equal("run 2", (await app.TextAsync(second)).Text);
        Assert.Equal("run 1", (await app.TextAsync(first)).Text);
    }

    [Theory]
    [InlineData("Cache-Control: max-age=60", true)]
    [InlineData("CDN-Cache-Control: max-age=60", true)]
    [InlineData("Cache-Control: no-store", false)]
    [InlineData("Cache-Control: private, max-age=60", false)]
    [InlineData("X: y", false)]
    public async Task Get_WithoutALifetimeInThePolicy_TheHeadersSay(string header, bool isStored)
    {
        await using var app = await CacheApp.StartAsync(Headers(header));
        await app.TextAsync("/x/a");
        Assert.Equal(isStored ? "run 1" : "run 2", (await app.TextAsync("/x/a")).Text);
    }

    [Fact]
    public async Task Get_EndpointWithoutPolicy_IsUntouched()
    {
        var runs = 0;
        await using var app = await CacheApp.StartAsync(app => app.MapGet("/plain", context =>
        {
            context.Response.Headers.CacheControl = "max-age=60";
            return context.Response.WriteAsync($"run {++runs}");
        }));
        await app.TextAsync("/plain");
        Assert.Equal(("run 2", ""), await app.TextAsync("/plain"));
    }

    [Fact]
    public async Task Get_Compressible_IsEncodedWithATagOfItsOwn()
    {
        await using var app = await CacheApp.StartAsync(Counted(p => p.For(TimeSpan.FromSeconds(30)), (_, context) =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(Long);
        }));
        var tags = new HashSet<string?>();
        foreach (var (accept, coding) in new[] { ("br", "br"), ("gzip", "gzip"), ("identity", null), ("gzip, br", "br"), ("br;q=0.1, gzip", "gzip") })
        {
            using var response = await app.GetAsync("/x/a", $"Accept-Encoding: {accept}");
            Assert.Equal(coding, response.Header("Content-Encoding"));
            Assert.Contains("Accept-Encoding", response.Header("Vary"), StringComparison.Ordinal);
            Assert.Equal(Long, Encoding.UTF8.GetString(Decoded(await response.BytesAsync(), coding)));
            tags.Add(response.Header("ETag"));
        }

        Assert.Equal(3, tags.Count);
    }

    [Fact]
    public async Task Get_IfNoneMatch_Is304OnHitAndOnMiss()
    {
        await using var app = await CacheApp.StartAsync(Counted(p => p.For(TimeSpan.FromSeconds(30)), (_, context) => context.Response.WriteAsync("same")));
        using var full = await app.GetAsync("/x/a");
        var tag = full.Header("ETag");
        using var hit = await app.GetAsync("/x/a", $"If-None-Match: {tag}");
        using var miss = await app.GetAsync("/x/b", $"If-None-Match: {tag}");
        Assert.Equal((HttpStatusCode.NotModified, HttpStatusCode.NotModified), (hit.StatusCode, miss.StatusCode));
        Assert.Equal((tag, tag), (hit.Header("ETag"), miss.Header("ETag")));
        Assert.Null(hit.Header("Content-Type"));
        Assert.Equal("same", (await app.TextAsync("/x/b")).Text);
    }

    [Theory]
    [InlineData("bytes=0-3", 206, "run ", "bytes 0-3/5")]
    [InlineData("bytes=-1", 206, "1", "bytes 4-4/5")]
    [InlineData("bytes=9-", 416, "", "bytes */5")]
    [InlineData("bytes=0-1,3-4", 200, "run 1", null)]
    public async Task Get_Range_IsServedFromTheWhole(string range, int status, string text, string? contentRange)
    {
        await using var app = await CacheApp.StartAsync(Counted(p => p.For(TimeSpan.FromSeconds(30)), Write));
        for (var i = 0; i < 2; i++)
        {
            using var part = await app.GetAsync("/x/a", $"Range: {range}");
            Assert.Equal((status, text, contentRange), ((int)part.StatusCode, await part.TextAsync(), part.Header("Content-Range")));
        }

        Assert.Equal("run 1", (await app.TextAsync("/x/a")).Text);
    }

    [Fact]
    public async Task Head_OfWhatIsStored_HasItsHeadersAndNoBody()
    {
        await using var app = await CacheApp.StartAsync(Counted(p => p.For(TimeSpan.FromSeconds(30)), Write));
        await app.TextAsync("/x/a");
        using var head = await app.SendAsync(HttpMethod.Head, "/x/a");
        Assert.Equal("5", head.Header("Content-Length"));
        Assert.Equal("Headroom; hit; ttl=30", head.Header("Cache-Status"));
        Assert.Empty(await head.BytesAsync());
    }

    [Fact]
    public async Task Get_Vary_SelectsAmongVariants()
    {
        await using var app = await CacheApp.StartAsync(Counted(p => p.For(TimeSpan.FromSeconds(30)), (run, context) =>
        {
            context.Response.Headers.Vary = "Foo";
            return context.Response.WriteAsync($"run {run} {context.Request.Headers["Foo"]}");
        }));
        Assert.Equal("run 1 a", (await app.TextAsync("/x/v", "Foo: a")).Text);
        Assert.Equal("run 2 b", (await app.TextAsync("/x/v", "Foo: b")).Text);
        Assert.Equal(("run 1 a", "Headroom; hit; ttl=30"), await app.TextAsync("/x/v", "Foo: a"));
        Assert.Equal("run 2 b", (await app.TextAsync("/x/v", "Foo: b")).Text);
        Assert.Equal("Headroom; fwd=vary-miss; ttl=30; stored", (await app.TextAsync("/x/v")).Status);
    }

    [Theory]
    [InlineData("POST", true)]
    [InlineData("DELETE", true)]
    [InlineData("OPTIONS", false)]
    public async Task UnsafeMethod_ThatSucceeds_Invalidates(string method, bool invalidates)
    {
        await using var app = await CacheApp.StartAsync(Counted(p => p.For(TimeSpan.FromSeconds(30)), Write));
        await app.TextAsync("/x/a");
        using (await app.SendAsync(new HttpMethod(method), "/x/a"))
        {
        }

        Assert.Equal(!invalidates, (await app.TextAsync("/x/a")).Status.Contains("hit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task UnsafeMethod_ThatChangesAfterItBeganToAnswer_InvalidatesWhatWasStoredInBetween()
    {
        var state = "before";
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await CacheApp.StartAsync(app =>
        {
            app.MapGet("/x", () => state).CacheResponse(p => p.For(TimeSpan.FromSeconds(30)));
            app.MapPost("/x", async context =>
            {
                await context.Response.WriteAsync("begun");
                await context.Response.Body.FlushAsync();
                await goOn.Task;
                state = "after";
            });
        });
        using var writing = await app.Http.SendAsync(HttpMethod.Post, "/x", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("before", (await app.TextAsync("/x")).Text);
        Assert.Equal("before", (await app.TextAsync("/x")).Text);
        goOn.SetResult();
        Assert.Equal("begun", await writing.TextAsync());
        Assert.Equal("after", (await app.TextAsync("/x")).Text);
    }

    [Fact]
    public async Task Revalidation_304_UpdatesWhatIsStored()
    {
        await using var app = await CacheApp.StartAsync(Counted(_ => { }, (run, context) =>
        {
            context.Response.Headers.CacheControl = "max-age=10";
            context.Response.Headers.ETag = "\"one\"";
            context.Response.Headers["X-Run"] = $"{run}";
            if (context.Request.Headers.IfNoneMatch == "\"one\"")
            {
                context.Response.StatusCode = 304;
                return Task.CompletedTask;
            }

            return context.Response.WriteAsync($"run {run}");
        }));
        await app.TextAsync("/x/a");
        app.Time.Advance(TimeSpan.FromSeconds(11));
        using var validated = await app.GetAsync("/x/a");
        Assert.Equal(("run 1", "2", "Headroom; fwd=stale; fwd-status=304; ttl=10; stored"), (await validated.TextAsync(), validated.Header("X-Run"), validated.Header("Cache-Status")));
        using var hit = await app.GetAsync("/x/a");
        Assert.Equal(("run 1", "2", "Headroom; hit; ttl=10"), (await hit.TextAsync(), hit.Header("X-Run"), hit.Header("Cache-Status")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task StaleIfError_ErrorOrException_TheStoredStandsIn(bool throws)
    {
        await using var app = await CacheApp.StartAsync(Counted(p => p.For(TimeSpan.FromSeconds(10)).StaleIfError(TimeSpan.FromSeconds(60)), (run, context) =>
        {
            if (run == 1)
                return context.Response.WriteAsync("run 1");
            if (throws)
                throw new InvalidOperationException("down");
            context.Response.StatusCode = 503;
            return context.Response.WriteAsync("down");
        }));
        await app.TextAsync("/x/a");
        app.Time.Advance(TimeSpan.FromSeconds(11));
        using var standIn = await app.GetAsync("/x/a");
        Assert.Equal((HttpStatusCode.OK, "run 1", "11"), (standIn.StatusCode, await standIn.TextAsync(), standIn.Header("Age")));
        Assert.Contains("fwd=stale", standIn.Header("Cache-Status"), StringComparison.Ordinal);
        app.Time.Advance(TimeSpan.FromSeconds(60));
        using var over = await app.GetAsync("/x/a");
        Assert.Equal(throws ? HttpStatusCode.InternalServerError : HttpStatusCode.ServiceUnavailable, over.StatusCode);
    }

    [Fact]
    public async Task StaleWhileRevalidate_IsServedAndMadeAnewInTheBackground()
    {
        var again = new TaskCompletionSource();
        await using var app = await CacheApp.StartAsync(Counted(p => p.For(TimeSpan.FromSeconds(10)).StaleWhileRevalidate(TimeSpan.FromSeconds(60)), async (run, context) =>
        {
            await context.Response.WriteAsync($"run {run} {context.Request.RouteValues["rest"]}");
            if (run == 2)
                again.SetResult();
        }));
        await app.TextAsync("/x/a");
        app.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(("run 1 a", "Headroom; hit; ttl=-1"), await app.TextAsync("/x/a"));
        await again.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await Eventually(async () => (await app.TextAsync("/x/a")).Text == "run 2 a");
    }

    /// <summary>The run would have the header, too: it would be for nothing, and in the way of one that makes the response anew.</summary>
    [Fact]
    public async Task StaleWhileRevalidate_ForARequestThatMayBeForSomethingElse_MakesNothingAnew()
    {
        var asked = new ConcurrentQueue<string>();
        await using var app = await CacheApp.StartAsync(Counted(p => p.For(TimeSpan.FromSeconds(10)).StaleWhileRevalidate(TimeSpan.FromSeconds(60)), (run, context) =>
        {
            asked.Enqueue(context.Request.Headers["X-Original-URL"].ToString());
            return context.Response.WriteAsync($"run {run}");
        }));
        await app.TextAsync("/x/a");
        app.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(("run 1", "Headroom; hit; ttl=-1"), await app.TextAsync("/x/a", "X-Original-URL: /y"));
        Assert.Equal(("run 1", "Headroom; hit; ttl=-1"), await app.TextAsync("/x/a"));
        await Eventually(async () => (await app.TextAsync("/x/a")).Text != "run 1");
        Assert.All(asked, field => Assert.Equal("", field));
    }

    [Fact]
    public async Task OnlyIfCached_WithoutAnything_Is504()
    {
        await using var app = await CacheApp.StartAsync(Counted(p => p.For(TimeSpan.FromSeconds(30)), Write));
        using var nothing = await app.GetAsync("/x/a", "Cache-Control: only-if-cached");
        Assert.Equal(HttpStatusCode.GatewayTimeout, nothing.StatusCode);
        await app.TextAsync("/x/a");
        using var hit = await app.GetAsync("/x/a", "Cache-Control: only-if-cached");
        Assert.Equal(HttpStatusCode.OK, hit.StatusCode);
    }

    [Fact]
    public async Task SetCookie_EvenOfACallbackAtTheStart_IsNeverStored()
    {
        await using var app = await CacheApp.StartAsync(Counted(p => p.For(TimeSpan.FromSeconds(30)), (run, context) =>
        {
            context.Response.OnStarting(() =>
            {
                context.Response.Cookies.Append("session", $"{run}");
                return Task.CompletedTask;
            });
            return context.Response.WriteAsync($"run {run}");
        }));
        await app.TextAsync("/x/a");
        using var second = await app.GetAsync("/x/a");
        Assert.Equal("run 2", await second.TextAsync());
        Assert.StartsWith("session=2", second.Header("Set-Cookie"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FatGet_IsNeitherAnsweredNorStored()
    {
        await using var app = await CacheApp.StartAsync(Counted(p => p.For(TimeSpan.FromSeconds(30)), Write));
        using var client = new HttpClient();
        using var fat = new HttpRequestMessage(HttpMethod.Get, new Uri(app.Http.Address, "/x/a")) { Content = new StringContent("evil") };
        using var first = await client.SendAsync(fat, TestContext.Current.CancellationToken);
        Assert.Equal("run 2", (await app.TextAsync("/x/a")).Text);
    }

    [Fact]
    public async Task EventStream_PassesAsItComes()
    {
        var more = new TaskCompletionSource();
        await using var app = await CacheApp.StartAsync(Counted(p => p.For(TimeSpan.FromSeconds(30)), async (_, context) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: 1\n\n");
            await context.Response.Body.FlushAsync();
            await more.Task;
            await context.Response.WriteAsync("data: 2\n\n");
        }));
        using var response = await app.Http.SendAsync(HttpMethod.Get, "/x/a", HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var first = new byte[9];
        await stream.ReadExactlyAsync(first, TestContext.Current.CancellationToken);
        more.SetResult();
        Assert.Equal("data: 1\n\n", Encoding.UTF8.GetString(first));
    }

    static async Task Eventually(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 1_500; i++)
        {
            if (await holds())
                return;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Fail("It did not become so within thirty seconds.");
    }

    static byte[] Decoded(byte[] bytes, string? coding)
    {
        using var source = new MemoryStream(bytes);
        using Stream decoder = coding switch
        {
            "br" => new System.IO.Compression.BrotliStream(source, System.IO.Compression.CompressionMode.Decompress),
            "gzip" => new System.IO.Compression.GZipStream(source, System.IO.Compression.CompressionMode.Decompress),
            _ => source,
        };
        using var plain = new MemoryStream();
        decoder.CopyTo(plain);
        return plain.ToArray();
    }
}
