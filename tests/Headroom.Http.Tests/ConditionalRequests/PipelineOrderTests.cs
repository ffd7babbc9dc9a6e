using System.IO.Compression;
using System.Net;
using Headroom.Http.ConditionalRequests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.Tests.ConditionalRequests;

/// <summary>
/// Together with the framework's response compression and output cache, in the documented order and in every other that can work. What must
/// hold in each: a compressed form never has the strong tag of the plain one, and a client that has the current content gets 304 in either form.
/// </summary>
public sealed class PipelineOrderTests
{
    const string Compression = "compression";
    const string Conditional = "conditional";
    const string Cache = "cache";

    static readonly string Content = string.Concat(Enumerable.Range(0, 500).Select(i => $$"""{"id":{{i}},"name":"row"},"""));

    public static TheoryData<string, string, string> Orders() => new()
    {
        { Compression, Conditional, Cache }, // the documented one
        { Conditional, Compression, Cache },
        { Conditional, Cache, Compression },
    };

    [Theory]
    [InlineData(Compression, Cache, Conditional)]
    [InlineData(Cache, Compression, Conditional)]
    [InlineData(Cache, Conditional, Compression)]
    public async Task CacheFirst_Request_FailsAndSaysWhatToWrite(string first, string second, string third)
    {
        Exception? error = null;
        await using var app = await new Site([first, second, third]).StartAsync(failed => error = failed);
        using var response = await app.GetAsync("/");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Contains("Call 'app.UseConditionalRequests()' before 'app.UseOutputCache()'.", Assert.IsType<InvalidOperationException>(error).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task ConditionalBeforeCache_PlainAndCompressed_DoNotShareAStrongTag(string first, string second, string third)
    {
        await using var app = await new Site([first, second, third]).StartAsync();
        for (var round = 0; round < 3; round++)
        {
            using var plain = await app.GetAsync("/");
            using var brotli = await app.GetAsync("/", "Accept-Encoding: br");
            using var gzip = await app.GetAsync("/", "Accept-Encoding: gzip");

            Assert.Null(plain.Header("Content-Encoding"));
            Assert.Equal("br", brotli.Header("Content-Encoding"));
            Assert.Equal("gzip", gzip.Header("Content-Encoding"));
            Assert.StartsWith("\"", plain.Header("ETag"), StringComparison.Ordinal);
            Assert.Equal("W/" + plain.Header("ETag"), brotli.Header("ETag"));
            Assert.Equal("W/" + plain.Header("ETag"), gzip.Header("ETag"));
            Assert.Equal(Content, await plain.TextAsync());
            Assert.Equal(Content, await Unpack(new BrotliStream(new MemoryStream(await brotli.BytesAsync()), CompressionMode.Decompress)));
            Assert.Equal(Content, await Unpack(new GZipStream(new MemoryStream(await gzip.BytesAsync()), CompressionMode.Decompress)));
        }
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task ConditionalBeforeCache_CachedHitWithTheCurrentTag_Answers304AsTheClientKnowsIt(string first, string second, string third)
    {
        var site = new Site([first, second, third]);
        await using var app = await site.StartAsync();
        foreach (var encoding in new[] { "identity", "br", "gzip" })
        {
            using var full = await app.GetAsync("/", "Accept-Encoding: " + encoding);
            var calls = site.Calls;
            for (var round = 0; round < 3; round++)
            {
                using var response = await app.GetAsync("/", "Accept-Encoding: " + encoding, "If-None-Match: " + full.Header("ETag"));
                Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
                Assert.Equal(full.Header("ETag"), response.Header("ETag"));
                Assert.Empty(await response.BytesAsync());
                Assert.Null(response.Header("Content-Encoding"));
                Assert.Contains("Accept-Encoding", response.Header("Vary") ?? "", StringComparison.OrdinalIgnoreCase);
            }

            Assert.Equal(calls, site.Calls);
        }
    }

    [Fact]
    public async Task DocumentedOrder_MissWithTheCurrentTag_Answers304AndFillsTheCache()
    {
        var site = new Site([Compression, Conditional, Cache]);
        await using var app = await site.StartAsync();
        var tag = ETagGenerator.TagOf(System.Text.Encoding.UTF8.GetBytes(Content), "application/json");

        using var miss = await app.GetAsync("/", "If-None-Match: " + tag);
        using var hit = await app.GetAsync("/");
        Assert.Equal(HttpStatusCode.NotModified, miss.StatusCode);
        Assert.Equal(HttpStatusCode.OK, hit.StatusCode);
        Assert.Equal(Content, await hit.TextAsync());
        Assert.Equal(tag, hit.Header("ETag"));
        Assert.Equal(1, site.Calls);
    }

    [Fact]
    public async Task DocumentedOrder_ContentChanges_TheOldTagGetsTheNewContent()
    {
        var site = new Site([Compression, Conditional]);
        await using var app = await site.StartAsync();
        using var before = await app.GetAsync("/", "Accept-Encoding: br");
        site.Suffix = "new";
        using var after = await app.GetAsync("/", "Accept-Encoding: br", "If-None-Match: " + before.Header("ETag"));
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
        Assert.NotEqual(before.Header("ETag"), after.Header("ETag"));
    }

    [Fact]
    public async Task DocumentedOrder_ConcurrentMisses_MakeTheContentOnce()
    {
        var site = new Site([Compression, Conditional, Cache]);
        await using var app = await site.StartAsync();
        var tag = ETagGenerator.TagOf(System.Text.Encoding.UTF8.GetBytes(Content), "application/json");
        var responses = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => i % 2 == 0
            ? app.GetAsync("/", "Accept-Encoding: br", "If-None-Match: " + tag)
            : app.GetAsync("/", "Accept-Encoding: br")));
        Assert.Equal(1, site.Calls);
        for (var i = 0; i < responses.Length; i++)
        {
            Assert.Equal(i % 2 == 0 ? HttpStatusCode.NotModified : HttpStatusCode.OK, responses[i].StatusCode);
            responses[i].Dispose();
        }
    }

    static async Task<string> Unpack(Stream stream)
    {
        await using (stream)
        {
            using var reader = new StreamReader(stream);
            return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        }
    }

    sealed class Site(string[] order)
    {
        int calls;

        public int Calls => Volatile.Read(ref calls);

        public string Suffix { get; set; } = "";

        public Task<HttpApp> StartAsync(Action<Exception>? failed = null) => HttpApp.StartAsync(
            web =>
            {
                web.Use(async (context, next) =>
                {
                    try
                    {
                        await next(context);
                    }
                    catch (Exception error) when (failed is not null)
                    {
                        failed(error);
                        throw;
                    }
                });
                foreach (var part in order)
                {
                    _ = part switch
                    {
                        Compression => web.UseResponseCompression(),
                        Conditional => web.UseConditionalRequests(),
                        _ => web.UseOutputCache(),
                    };
                }

                var endpoint = web.MapGet("/", async () =>
                {
                    Interlocked.Increment(ref calls);
                    await Task.Delay(20, TestContext.Current.CancellationToken);
                    return Results.Content(Content + Suffix, "application/json");
                }).WithETag();
                if (order.Contains(Cache))
                    endpoint.CacheOutput(policy => policy.Expire(TimeSpan.FromMinutes(1)).SetVaryByHeader("Accept-Encoding"));
            },
            services => services
                .AddResponseCompression(options => options.MimeTypes = ["application/json"])
                .AddOutputCache());
    }
}
