using System.Diagnostics.Metrics;
using System.Text;
using Headroom.Http.Tests.Streaming;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.Tests.Compression;

/// <summary>Content that comes piece by piece: nothing of it waits for the rest, and all of it arrives.</summary>
public sealed class CompressedStreamTests
{
    static readonly TimeSpan TooLong = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("application/x-ndjson", "{\"id\":1}\n", "br")]
    [InlineData("application/json", "[{\"id\":1}", "br")]
    [InlineData("application/json", "[", "gzip")]
    [InlineData("application/json", "{\"items\":[", "br")]
    [InlineData("text/plain", "", "br")]
    // What looks complete or cannot be told stays as it is, and goes out all the same.
    [InlineData("application/json", "{\"id\":1}", null)]
    [InlineData("text/plain", "hello", null)]
    [InlineData("text/event-stream", "data: 1\n\n", null)]
    public async Task Flush_WhileTheHandlerGoesOn_SendsWhatIsThere(string contentType, string first, string? coding)
    {
        using var read = new SemaphoreSlim(0);
        await using var app = await StartAsync(async context =>
        {
            context.Response.ContentType = contentType;
            await context.Response.StartAsync(context.RequestAborted);
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(first), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            Assert.True(await read.WaitAsync(TooLong, context.RequestAborted));
            await context.Response.Body.WriteAsync("second"u8.ToArray(), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            Assert.True(await read.WaitAsync(TooLong, context.RequestAborted));
        });

        using var response = await app.SendAsync(HttpMethod.Get, "/", HttpCompletionOption.ResponseHeadersRead, "Accept-Encoding: " + (coding ?? "br"));
        Assert.Equal(coding, response.Header("Content-Encoding"));
        await using var content = Encoded.Decoder(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), coding);
        var begin = new byte[first.Length];
        await content.ReadExactlyAsync(begin, TestContext.Current.CancellationToken).AsTask().WaitAsync(TooLong, TestContext.Current.CancellationToken);
        Assert.Equal(first, Encoding.UTF8.GetString(begin));
        read.Release();
        var second = new byte[6];
        await content.ReadExactlyAsync(second, TestContext.Current.CancellationToken).AsTask().WaitAsync(TooLong, TestContext.Current.CancellationToken);
        Assert.Equal("second", Encoding.UTF8.GetString(second));
        read.Release();
        Assert.Equal(0, await content.ReadAsync(second, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task DisableBuffering_EveryWriteArrivesAtOnce()
    {
        using var read = new SemaphoreSlim(0);
        await using var app = await StartAsync(async context =>
        {
            context.Response.ContentType = "text/plain";
            context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
            for (var i = 0; i < 3; i++)
            {
                await context.Response.Body.WriteAsync("piece"u8.ToArray(), context.RequestAborted);
                Assert.True(await read.WaitAsync(TooLong, context.RequestAborted));
            }
        });
        using var response = await app.SendAsync(HttpMethod.Get, "/", HttpCompletionOption.ResponseHeadersRead, "Accept-Encoding: br");
        await using var content = Encoded.Decoder(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), response.Header("Content-Encoding"));
        for (var i = 0; i < 3; i++)
        {
            var piece = new byte[5];
            await content.ReadExactlyAsync(piece, TestContext.Current.CancellationToken).AsTask().WaitAsync(TooLong, TestContext.Current.CancellationToken);
            read.Release();
        }
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    [InlineData("br, identity;q=0")]
    [InlineData("identity")]
    public async Task AnyWrites_ThroughAnyDoor_ArriveWhole(string accept)
    {
        var random = new Random(Seed.Printed(TestContext.Current.TestOutputHelper!));
        byte[] expected = [];
        await using var app = await StartAsync(async context =>
        {
            context.Features.GetRequiredFeature<IHttpBodyControlFeature>().AllowSynchronousIO = true;
            context.Response.ContentType = random.Next(2) == 0 ? "text/plain" : "application/x-ndjson";
            using var written = new MemoryStream();
            for (var left = random.Next(8); left > 0; left--)
            {
                var piece = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(random.Next().ToString("x", System.Globalization.CultureInfo.InvariantCulture), random.Next(random.Next(2) == 0 ? 40 : 30_000))));
                written.Write(piece);
                switch (random.Next(5))
                {
                    case 0:
                        context.Response.Body.Write(piece);
                        break;
                    case 1:
                        await context.Response.BodyWriter.WriteAsync(piece, context.RequestAborted);
                        break;
                    case 2:
                        piece.CopyTo(context.Response.BodyWriter.GetMemory(piece.Length));
                        context.Response.BodyWriter.Advance(piece.Length);
                        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
                        break;
                    case 3:
                        context.Response.Body.Write(piece);
                        context.Response.Body.Flush();
                        break;
                    default:
                        await context.Response.Body.WriteAsync(piece, context.RequestAborted);
                        break;
                }

                if (random.Next(4) == 0)
                    await context.Response.Body.FlushAsync(context.RequestAborted);
            }

            expected = written.ToArray();
            if (random.Next(4) == 0)
                await context.Response.CompleteAsync();
        });
        for (var round = 0; round < 60; round++)
        {
            using var response = await app.GetAsync("/", "Accept-Encoding: " + accept);
            Assert.Equal(expected, Encoded.Decode(await response.BytesAsync(), response.Header("Content-Encoding")));
        }
    }

    [Fact]
    public async Task SendFile_IsEncodedOrPassedOn()
    {
        var path = Path.GetTempFileName();
        try
        {
            var content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a line of the file\n", 20_000)));
            await File.WriteAllBytesAsync(path, content, TestContext.Current.CancellationToken);
            await using var app = await StartAsync(context =>
            {
                context.Response.ContentType = context.Request.Query["type"];
                return context.Response.SendFileAsync(path, context.RequestAborted);
            });
            using var text = await app.GetAsync("/?type=text/plain", "Accept-Encoding: br");
            using var binary = await app.GetAsync("/?type=image/png", "Accept-Encoding: br");
            Assert.Equal("br", text.Header("Content-Encoding"));
            Assert.Equal(content, Encoded.Decode(await text.BytesAsync(), "br"));
            Assert.Null(binary.Header("Content-Encoding"));
            Assert.Equal(content, await binary.BytesAsync());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Failure_BeforeAnythingWasSent_CanBeReplacedByAnErrorPage()
    {
        await using var app = await HttpApp.StartAsync(
            web =>
            {
                web.Use(async (context, next) =>
                {
                    try
                    {
                        await next(context);
                    }
                    catch (InvalidOperationException)
                    {
                        context.Response.Clear();
                        context.Response.StatusCode = 500;
                        await context.Response.WriteAsync("error page");
                    }
                });
                web.UseHeadroomCompression();
                web.Run(async context =>
                {
                    context.Response.ContentType = "text/plain";
                    await context.Response.Body.WriteAsync("half"u8.ToArray());
                    throw new InvalidOperationException();
                });
            },
            services => services.AddHeadroomCompression());
        using var response = await app.GetAsync("/", "Accept-Encoding: br");
        Assert.Equal("error page", await response.TextAsync());
        Assert.Null(response.Header("Content-Encoding"));
    }

    [Fact]
    public async Task Failure_InTheMiddle_BreaksTheResponseOff()
    {
        await using var app = await StartAsync(async context =>
        {
            context.Response.ContentType = "text/plain";
            await context.Response.Body.WriteAsync(new byte[5000]);
            await context.Response.Body.FlushAsync();
            throw new InvalidOperationException();
        });
        // Never an ending that a client would take for the whole.
        await Assert.ThrowsAsync<HttpRequestException>(() => app.GetAsync("/", "Accept-Encoding: br"));
    }

    [Fact]
    public async Task Metrics_OfOneResponse_TellRatioSavingAndTime()
    {
        Measurements? measured = null;
        await using var app = await HttpApp.StartAsync(
            web =>
            {
                measured = new Measurements(web.Services.GetRequiredService<IMeterFactory>());
                web.UseHeadroomCompression();
                web.Run(context =>
                {
                    context.Response.ContentType = "text/plain";
                    return context.Response.Body.WriteAsync(new byte[10_000]).AsTask();
                });
            },
            services => services.AddHeadroomCompression());
        using var response = await app.GetAsync("/", "Accept-Encoding: gzip");
        var length = (await response.BytesAsync()).Length;
        using (measured)
        {
            await Eventually.TrueAsync(() => measured!.All.Count >= 4, "It was not recorded.");
            Assert.Equal(["headroom.compression.duration", "headroom.compression.original", "headroom.compression.ratio", "headroom.compression.saved"], measured!.All.Select(each => each.Name).Order(StringComparer.Ordinal));
            Assert.All(measured.All, each => Assert.Equal("gzip", each.Tag));
            Assert.Equal(10_000d / length, measured.Single("headroom.compression.ratio"));
            Assert.Equal(10_000 - length, measured.Single("headroom.compression.saved"));
            Assert.InRange(measured.Single("headroom.compression.duration"), 1e-7, 5);
        }
    }

    static Task<HttpApp> StartAsync(RequestDelegate handler) => HttpApp.StartAsync(
        web =>
        {
            web.UseHeadroomCompression();
            web.Run(handler);
        },
        services => services.AddHeadroomCompression());
}
