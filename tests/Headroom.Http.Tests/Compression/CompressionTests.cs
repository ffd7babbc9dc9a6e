using System.Net;
using System.Text;
using Headroom.Http.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Headroom.Http.Tests.Compression;

/// <summary>What is compressed and what is left alone, over a socket.</summary>
public sealed class CompressionTests
{
    static readonly string Long = "{\"rows\":[" + string.Concat(Enumerable.Range(0, 500).Select(i => $$"""{"id":{{i}},"name":"row"},""")) + "0]}";

    [Theory]
    [InlineData("br", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("br;q=0.1, gzip", "gzip")]
    [InlineData("identity;q=0, *", "br")]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("identity", null)]
    [InlineData("zstd", null)]
    [InlineData("gzip;q=0.5, identity", null)]
    [InlineData("identity;q=0", null)]
    [InlineData("br;q=0, gzip;q=0", null)]
    public async Task Response_ByAcceptEncoding(string? accept, string? coding)
    {
        await using var app = await StartAsync();
        foreach (var path in new[] { "/text", "/json", "/pieces" })
        {
            using var response = await app.GetAsync(path, accept is null ? [] : ["Accept-Encoding: " + accept]);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(coding, response.Header("Content-Encoding"));
            Assert.Equal("Accept-Encoding", response.Header("Vary"));
            var content = await response.BytesAsync();
            Assert.Equal(Long, Encoded.Text(content, coding));
            if (coding is not null)
                Assert.True(content.Length < Long.Length / 4, $"{path}: {content.Length}");
            Assert.Null(response.Header("X-Original-Size"));
        }
    }

    [Fact]
    public async Task Response_AllThereAtOnce_HasItsEncodedLength()
    {
        await using var app = await StartAsync();
        using var response = await app.GetAsync("/text", "Accept-Encoding: br");
        Assert.Null(response.Header("Transfer-Encoding"));
        Assert.Equal((await response.BytesAsync()).Length.ToString(System.Globalization.CultureInfo.InvariantCulture), response.Header("Content-Length"));
    }

    [Theory]
    [InlineData("/short")]
    [InlineData("/short-json")]
    [InlineData("/short-held")]
    public async Task ShortContent_StaysAsItIs_ButVaries(string path)
    {
        await using var app = await StartAsync();
        using var response = await app.GetAsync(path, "Accept-Encoding: br, gzip");
        Assert.Null(response.Header("Content-Encoding"));
        Assert.Equal("Accept-Encoding", response.Header("Vary"));
        Assert.Equal("\"short\"", await response.TextAsync());
    }

    [Theory]
    [InlineData("/short")]
    [InlineData("/short-json")]
    [InlineData("/short-held")]
    [InlineData("/image")]
    public async Task IdentityRefused_EvenShortOrUnlistedContent_IsEncoded(string path)
    {
        await using var app = await StartAsync();
        using var plain = await app.GetAsync(path);
        using var response = await app.GetAsync(path, "Accept-Encoding: gzip, identity;q=0");
        Assert.Equal("gzip", response.Header("Content-Encoding"));
        Assert.Equal(await plain.BytesAsync(), Encoded.Decode(await response.BytesAsync(), "gzip"));
    }

    [Theory]
    [InlineData("/image", false)]
    [InlineData("/encoded", false)]
    [InlineData("/partial", false)]
    [InlineData("/no-transform", false)]
    [InlineData("/digest", false)]
    [InlineData("/events", false)]
    [InlineData("/off", false)]
    [InlineData("/off-attribute", false)]
    [InlineData("/off-group/inherits", false)]
    [InlineData("/off-group/wins", true)]
    public async Task Response_ThatMustNotBeEncoded_IsTheSameByteForByte(string path, bool encoded)
    {
        await using var app = await StartAsync();
        using var plain = await app.GetAsync(path);
        using var response = await app.GetAsync(path, "Accept-Encoding: br");
        Assert.Equal(encoded, response.Header("Content-Encoding") == "br");
        Assert.Equal(encoded ? "Accept-Encoding" : null, response.Header("Vary"));
        if (encoded)
            return;
        Assert.Equal(plain.Header("Content-Encoding"), response.Header("Content-Encoding"));
        Assert.Equal(plain.Header("ETag"), response.Header("ETag"));
        Assert.Equal(plain.Content.Headers.ContentLength, response.Content.Headers.ContentLength);
        Assert.Equal(await plain.BytesAsync(), await response.BytesAsync());
    }

    [Fact]
    public async Task Request_WithXNoCompression_GetsItAsItIs()
    {
        await using var app = await StartAsync();
        using var response = await app.GetAsync("/text", "Accept-Encoding: br", "x-no-compression: 1");
        Assert.Null(response.Header("Content-Encoding"));
        Assert.Equal("Accept-Encoding", response.Header("Vary"));
        Assert.Equal(Long, await response.TextAsync());
    }

    [Fact]
    public async Task ContentThatDoesNotGetShorter_StaysAsItIs()
    {
        var noise = new byte[5000];
        new Random(1).NextBytes(noise);
        await using var app = await HttpApp.StartAsync(
            web =>
            {
                web.UseHeadroomCompression();
                web.MapGet("/", () => Results.Bytes(noise, "application/json"));
            },
            services => services.AddHeadroomCompression());
        using var response = await app.GetAsync("/", "Accept-Encoding: br, gzip");
        Assert.Null(response.Header("Content-Encoding"));
        Assert.Equal(noise, await response.BytesAsync());
        Assert.Equal(5000, response.Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData("br", "W/\"v1\"")]
    [InlineData("identity", "\"v1\"")]
    public async Task StrongTag_OfEncodedContent_IsWeak(string accept, string tag)
    {
        await using var app = await StartAsync();
        using var response = await app.GetAsync("/tagged", "Accept-Encoding: " + accept);
        Assert.Equal(tag, response.Header("ETag"));
    }

    [Theory]
    [InlineData("/nothing", HttpStatusCode.NoContent, null)]
    [InlineData("/not-modified", HttpStatusCode.NotModified, "Accept-Encoding")]
    public async Task ResponseWithoutContent_IsLeftAlone(string path, HttpStatusCode status, string? vary)
    {
        await using var app = await StartAsync();
        using var response = await app.GetAsync(path, "Accept-Encoding: br");
        Assert.Equal(status, response.StatusCode);
        Assert.Null(response.Header("Content-Encoding"));
        Assert.Equal(vary, response.Header("Vary"));
        Assert.Empty(await response.BytesAsync());
    }

    [Theory]
    [InlineData("/text", "br")]
    [InlineData("/json", "br")]
    [InlineData("/short", null)]
    [InlineData("/head-length", "br")]
    public async Task Head_HasTheHeadersOfGet_WithoutContent(string path, string? coding)
    {
        await using var app = await StartAsync();
        using var response = await app.SendAsync(HttpMethod.Head, path, "Accept-Encoding: br");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(coding, response.Header("Content-Encoding"));
        Assert.Equal("Accept-Encoding", response.Header("Vary"));
        // §8.6: a length that the content of GET would not have must not be sent.
        Assert.Equal(coding is null ? 7 : null, response.Content.Headers.ContentLength);
        Assert.Empty(await response.BytesAsync());
    }

    [Fact]
    public async Task OuterEncoder_TakesTheResponse_NothingIsEncodedHere()
    {
        await using var app = await HttpApp.StartAsync(
            web =>
            {
                web.Use((context, next) =>
                {
                    context.Features.Set<IOuterEncoder>(new Outer());
                    return next(context);
                });
                web.UseHeadroomCompression();
                web.MapGet("/{path}", () => Results.Text(Long, "application/json"));
            },
            services => services.AddHeadroomCompression());
        using var taken = await app.GetAsync("/outer", "Accept-Encoding: br");
        using var left = await app.GetAsync("/here", "Accept-Encoding: br");
        Assert.Null(taken.Header("Content-Encoding"));
        Assert.Null(taken.Header("Vary"));
        Assert.Equal("br", left.Header("Content-Encoding"));
    }

    [Theory]
    [InlineData(false, true, false, "/text", null)]
    [InlineData(false, true, false, "/on", "br")]
    [InlineData(true, false, true, "/text", null)]
    [InlineData(true, false, true, "/on", "br")]
    [InlineData(true, false, false, "/text", "br")]
    [InlineData(true, true, true, "/text", "br")]
    public async Task Switches_DecideUnlessTheEndpointDoes(bool enabled, bool forHttps, bool https, string path, string? coding)
    {
        await using var app = await StartAsync(
            options => (options.Enabled, options.EnableForHttps) = (enabled, forHttps),
            web => web.Use((context, next) =>
            {
                context.Request.Scheme = https ? "https" : "http";
                return next(context);
            }));
        using var response = await app.GetAsync(path, "Accept-Encoding: br");
        Assert.Equal(coding, response.Header("Content-Encoding"));
        Assert.Equal(coding is null ? null : "Accept-Encoding", response.Header("Vary"));
    }

    [Fact]
    public async Task Codings_OnlyGzip_NoBrotli()
    {
        await using var app = await StartAsync(options => options.Codings.Remove("br"));
        using var response = await app.GetAsync("/text", "Accept-Encoding: br, gzip;q=0.1");
        Assert.Equal("gzip", response.Header("Content-Encoding"));
    }

    [Fact]
    public async Task DebugHeaders_WhereTheSizeIsKnown_TellSizeAndRatio()
    {
        await using var app = await StartAsync(options => options.DebugHeaders = true);
        using var whole = await app.GetAsync("/text", "Accept-Encoding: br");
        Assert.Equal(Long.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), whole.Header("X-Original-Size"));
        Assert.Equal(Ratio(await whole.BytesAsync()), whole.Header("X-Compression-Ratio"));

        // Kestrel has trailers over HTTP/2 only.
        using var pieces = await app.GetAsync("/pieces", "Accept-Encoding: br");
        Assert.Null(pieces.Header("X-Original-Size"));
        Assert.Empty(pieces.TrailingHeaders);
        static string Ratio(byte[] encoded) => ((double)Long.Length / encoded.Length).ToString("0.00", System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task DebugHeaders_OfAStreamOverHttp2_AreTrailers()
    {
        await using var app = await HttpApp.StartAsync(
            web =>
            {
                web.UseHeadroomCompression();
                Map(web);
            },
            services =>
            {
                services.AddHeadroomCompression(options => options.DebugHeaders = true);
                // First of all configurations: it is for the listeners that come after it.
                services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<KestrelServerOptions>>(
                    new ConfigureOptions<KestrelServerOptions>(kestrel => kestrel.ConfigureEndpointDefaults(listen => listen.Protocols = HttpProtocols.Http2))));
            });
        using var client = new HttpClient { BaseAddress = app.Address, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Encoding", "br");
        using var response = await client.GetAsync(new Uri("/pieces", UriKind.Relative), TestContext.Current.CancellationToken);
        var encoded = await response.BytesAsync();
        Assert.Equal(Long, Encoded.Text(encoded, "br"));
        Assert.Equal("X-Original-Size,X-Compression-Ratio", response.Header("Trailer"));
        Assert.Equal(Long.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), response.TrailingHeaders.GetValues("X-Original-Size").Single());
        Assert.Equal(((double)Long.Length / encoded.Length).ToString("0.00", System.Globalization.CultureInfo.InvariantCulture), response.TrailingHeaders.GetValues("X-Compression-Ratio").Single());
    }

    [Fact]
    public void Use_WithoutAdd_SaysWhatToWrite()
    {
        var error = Assert.Throws<InvalidOperationException>(() => new ApplicationBuilder(new ServiceCollection().BuildServiceProvider()).UseHeadroomCompression());
        Assert.Contains("builder.Services.AddHeadroomCompression()", error.Message, StringComparison.Ordinal);
    }

    static Task<HttpApp> StartAsync(Action<CompressionOptions>? configure = null, Action<WebApplication>? before = null) => HttpApp.StartAsync(
        web =>
        {
            before?.Invoke(web);
            web.UseHeadroomCompression();
            Map(web);
        },
        services => services.AddHeadroomCompression(configure));

    static void Map(WebApplication web)
    {
        string[] both = ["GET", "HEAD"];
        web.MapMethods("/text", both, () => Results.Text(Long, "application/json"));
        web.MapMethods("/json", both, (HttpContext context) => context.Response.WriteAsJsonAsync(System.Text.Json.Nodes.JsonNode.Parse(Long)));
        web.MapGet("/pieces", async (HttpContext context) =>
        {
            context.Response.ContentType = "application/json";
            foreach (var piece in Long.Chunk(700))
                await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(piece), context.RequestAborted);
        });
        web.MapMethods("/short", both, () => Results.Text("\"short\"", "application/json"));
        web.MapGet("/short-json", (HttpContext context) => context.Response.WriteAsJsonAsync("short"));
        web.MapGet("/short-held", async (HttpContext context) =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync("\"sho"u8.ToArray(), context.RequestAborted);
            await context.Response.Body.WriteAsync("rt\""u8.ToArray(), context.RequestAborted);
        });
        web.MapMethods("/head-length", both, (HttpContext context) => (context.Response.ContentType, context.Response.ContentLength) = ("text/plain", 5000));
        web.MapGet("/tagged", (HttpContext context) =>
        {
            context.Response.Headers.ETag = "\"v1\"";
            return Results.Text(Long, "application/json");
        });
        web.MapGet("/image", () => Results.Bytes(new byte[3000], "image/png"));
        web.MapGet("/encoded", (HttpContext context) => With(context, "Content-Encoding", "zstd"));
        web.MapGet("/no-transform", (HttpContext context) => With(context, "Cache-Control", "public, no-transform"));
        web.MapGet("/digest", (HttpContext context) => With(context, "Content-Digest", "sha-256=:AAAA:"));
        web.MapGet("/partial", (HttpContext context) =>
        {
            context.Response.StatusCode = 206;
            return With(context, "Content-Range", $"bytes 0-{Long.Length - 1}/100000");
        });
        web.MapGet("/events", () => Results.Text(Long, "text/event-stream"));
        web.MapGet("/nothing", () => Results.NoContent());
        web.MapGet("/not-modified", (HttpContext context) =>
        {
            context.Response.Headers.ETag = "\"v1\"";
            return Results.StatusCode(304);
        });
        web.MapGet("/off", (HttpContext context) => With(context, "ETag", "\"v1\"")).WithCompression(false);
        web.MapGet("/off-attribute", [Compression(false)] () => Results.Text(Long, "application/json"));
        web.MapGet("/on", () => Results.Text(Long, "application/json")).WithCompression();
        var group = web.MapGroup("/off-group").WithCompression(false);
        group.MapGet("/inherits", () => Results.Text(Long, "application/json"));
        group.MapGet("/wins", () => Results.Text(Long, "application/json")).WithCompression();

        static IResult With(HttpContext context, string name, string value)
        {
            context.Response.Headers[name] = value;
            return Results.Text(Long, "application/json");
        }
    }

    sealed class Outer : IOuterEncoder
    {
        public bool Encodes(HttpContext context) => context.Request.Path == "/outer" && context.Response.ContentType == "application/json";
    }
}
