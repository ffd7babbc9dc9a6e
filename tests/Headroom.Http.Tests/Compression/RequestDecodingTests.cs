using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.Tests.Compression;

/// <summary>Compressed request bodies, over a socket.</summary>
public sealed class RequestDecodingTests
{
    const string Json = "application/json";

    static readonly byte[] Content = Encoding.UTF8.GetBytes("{\"name\":\"" + new string('x', 5000) + "\"}");

    [Theory]
    [InlineData("gzip")]
    [InlineData("x-gzip")]
    [InlineData("GZIP")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task Body_InACoding_IsReadAsContent(string coding)
    {
        await using var app = await StartAsync();
        var encoded = Encoded.Encode(Content, coding);
        foreach (var path in new[] { "/stream", "/pipe", "/bound" })
        {
            using var response = await app.PostAsync(path, encoded, Json, coding);
            Assert.True(response.IsSuccessStatusCode, $"{path}: {await response.TextAsync()}");
            Assert.Equal("5011 bytes, Content-Encoding '', Content-Length ''", await response.TextAsync());
        }
    }

    [Theory]
    [InlineData("deflate, gzip")]
    [InlineData("deflate, identity, gzip")]
    public async Task Body_InTwoCodings_BothComeOff(string codings)
    {
        await using var app = await StartAsync();
        using var response = await app.PostAsync("/bound", Encoded.Encode(Encoded.Encode(Content, "deflate"), "gzip"), Json, codings);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Body_AsItIs_IsLeftAlone()
    {
        await using var app = await StartAsync();
        using var none = await app.PostAsync("/stream", Content, Json);
        using var identity = await app.PostAsync("/stream", Content, Json, "identity");
        Assert.Equal("5011 bytes, Content-Encoding '', Content-Length '5011'", await none.TextAsync());
        Assert.Equal("5011 bytes, Content-Encoding '', Content-Length '5011'", await identity.TextAsync());
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("compress")]
    [InlineData("gzip, zstd")]
    [InlineData("gzip, gzip, gzip")]
    [InlineData("gzip;q=1")]
    public async Task Body_InAnUnknownCoding_415WithWhatIsAccepted(string coding)
    {
        await using var app = await StartAsync();
        using var response = await app.PostAsync("/stream", Content, Json, coding);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Equal("br, gzip, deflate", response.Header("Accept-Encoding"));
        Assert.Equal("application/problem+json", response.Header("Content-Type"));
        Assert.Contains(coding, await DetailAsync(response), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/stream")]
    [InlineData("/pipe")]
    [InlineData("/bound")]
    public async Task Bomb_IsCutAtTheLimit_413(string path)
    {
        var read = 0L;
        await using var app = await StartAsync(options => options.MaxDecodedBytes = 100_000, bytes => read = bytes);
        // 200 MB of blanks in 200 KB, and in some bytes where it was compressed twice.
        var bomb = Bomb(200);
        foreach (var (content, codings) in new[] { (bomb, "gzip"), (Encoded.Encode(bomb, "br"), "gzip, br") })
        {
            using var response = await app.PostAsync(path, content, Json, codings);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
            Assert.Equal("application/problem+json", response.Header("Content-Type"));
            Assert.Equal("The request's content is longer than 100000 bytes when it is decoded.", await DetailAsync(response));
            Assert.InRange(read, 0, 100_000);
        }
    }

    [Theory]
    [InlineData("/stream", 0, HttpStatusCode.OK)]
    [InlineData("/stream", 1, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData("/more", 1, HttpStatusCode.OK)]
    [InlineData("/more", 1001, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData("/unlimited", 100_000, HttpStatusCode.OK)]
    public async Task Limit_CountsDecodedBytes_TheEndpointsOwnFirst(string path, int over, HttpStatusCode status)
    {
        await using var app = await StartAsync(options => options.MaxDecodedBytes = 10_000);
        using var response = await app.PostAsync(path, Encoded.Encode(new byte[10_000 + over], "br"), Json, "br");
        Assert.Equal(status, response.StatusCode);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task Body_ThatIsNotWhatItSays_400(string coding)
    {
        await using var app = await StartAsync();
        var whole = Encoded.Encode(Content, coding);
        foreach (var invalid in new[] { Content, whole[..(whole.Length / 2)], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff] })
        {
            foreach (var path in new[] { "/stream", "/pipe", "/bound" })
            {
                using var response = await app.PostAsync(path, invalid, Json, coding);
                Assert.True(HttpStatusCode.BadRequest == response.StatusCode, $"{path}, {invalid.Length} bytes: {await response.TextAsync()}");
                Assert.Equal("The request's content is not valid in its Content-Encoding.", await DetailAsync(response));
            }
        }
    }

    [Fact]
    public async Task Failure_ThatTheHandlerAnswers_IsTheHandlersAnswer()
    {
        await using var app = await StartAsync(options => options.MaxDecodedBytes = 10);
        using var response = await app.PostAsync("/own-answer", Encoded.Encode(Content, "gzip"), Json, "gzip");
        Assert.Equal((HttpStatusCode)422, response.StatusCode);
        Assert.Equal("413", await response.TextAsync());
    }

    [Fact]
    public async Task Request_WithoutBody_IsNotRefusedForItsHeader()
    {
        await using var app = await StartAsync();
        using var response = await app.PostAsync("/stream", [], Json, "zstd");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task DecodeRequests_Off_TheHandlerGetsWhatWasSent()
    {
        await using var app = await StartAsync(options => options.DecodeRequests = false);
        var encoded = Encoded.Encode(Content, "br");
        using var response = await app.PostAsync("/stream", encoded, Json, "br");
        Assert.Equal($"{encoded.Length} bytes, Content-Encoding 'br', Content-Length '{encoded.Length}'", await response.TextAsync());
    }

    static async Task<string> DetailAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.TextAsync()).RootElement.GetProperty("detail").GetString()!;

    static byte[] Bomb(int megabytes)
    {
        using var encoded = new MemoryStream();
        using (var encoder = new GZipStream(encoded, CompressionLevel.Fastest, leaveOpen: true))
        {
            var blanks = new byte[1024 * 1024];
            Array.Fill(blanks, (byte)' ');
            for (var i = 0; i < megabytes; i++)
                encoder.Write(blanks);
        }

        return encoded.ToArray();
    }

    static Task<HttpApp> StartAsync(Action<CompressionOptions>? configure = null, Action<long>? read = null) => HttpApp.StartAsync(
        web =>
        {
            web.UseHeadroomCompression();
            web.MapPost("/stream", (Delegate)CountAsync);
            web.MapPost("/more", (Delegate)CountAsync).WithMetadata(new RequestSizeLimitAttribute(11_000));
            web.MapPost("/unlimited", (Delegate)CountAsync).WithMetadata(new DisableRequestSizeLimitAttribute());
            web.MapPost("/pipe", async Task<IResult> (HttpContext context) =>
            {
                var bytes = 0L;
                while (true)
                {
                    var result = await context.Request.BodyReader.ReadAsync(context.RequestAborted);
                    bytes += result.Buffer.Length;
                    read?.Invoke(bytes);
                    context.Request.BodyReader.AdvanceTo(result.Buffer.End);
                    if (result.IsCompleted)
                        return Told(context, bytes);
                }
            });
            web.MapPost("/bound", (HttpContext context, JsonElement body) => Told(context, JsonSerializer.SerializeToUtf8Bytes(body).Length));
            web.MapPost("/own-answer", async (HttpContext context) =>
            {
                try
                {
                    return await CountAsync(context);
                }
                catch (BadHttpRequestException refused)
                {
                    return Results.Text(refused.StatusCode.ToString(System.Globalization.CultureInfo.InvariantCulture), statusCode: 422);
                }
            });

            async Task<IResult> CountAsync(HttpContext context)
            {
                var chunk = new byte[8192];
                var bytes = 0L;
                for (int count; (count = await context.Request.Body.ReadAsync(chunk, context.RequestAborted)) > 0;)
                {
                    bytes += count;
                    read?.Invoke(bytes);
                }

                return Told(context, bytes);
            }
        },
        services => services.AddHeadroomCompression(configure));

    static IResult Told(HttpContext context, long bytes) =>
        Results.Text($"{bytes} bytes, Content-Encoding '{context.Request.Headers.ContentEncoding}', Content-Length '{context.Request.Headers.ContentLength}'");
}
