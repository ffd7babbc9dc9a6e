using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Headroom.Http.Compression;
using Headroom.Http.ResponseCache.Stored;
using Headroom.Http.Tests.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.Tests.ResponseCache;

/// <summary>The encoded forms of what is stored.</summary>
public sealed class EncodedFormsTests
{
    static readonly byte[] Content = Encoding.UTF8.GetBytes("[" + string.Concat(Enumerable.Range(0, 400).Select(id => $$"""{"id":{{id}},"name":"row {{id * 7919 % 1000}}","state":"{{(id * 31 % 7 < 3 ? "open" : "closed")}}","note":"{{id * id * 2654435761L}}"},""")) + "0]");

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task Form_UsedOften_IsEncodedBetterStepByStep(string codingName)
    {
        var coding = ContentCodings.Named(codingName)!.Value;
        var lengths = Enum.GetValues<EncodingEffort>().ToDictionary(effort => effort, effort => ContentEncoder.Encode(coding, effort, new(Content)).Length);

        // A better encoding that turns out longer does not count.
        lengths[EncodingEffort.Best] = lengths.Values.Min();
        Assert.True(lengths[EncodingEffort.Thorough] < lengths[EncodingEffort.Quick]);
        await using var app = await StartAsync();

        // Uses of another coding do not count.
        for (var hits = 0; hits < EncodedForm.UsesBeforeThorough; hits++)
            (await app.GetAsync("/", "Accept-Encoding: " + (codingName == "br" ? "gzip" : "br"))).Dispose();
        for (var uses = 0; uses < EncodedForm.UsesBeforeThorough; uses++)
            Assert.Equal(lengths[EncodingEffort.Quick], await LengthAsync());

        var length = 0;
        for (var tries = 0; tries < 1_500 && length != lengths[EncodingEffort.Thorough]; tries++)
        {
            length = await LengthAsync();
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Equal(lengths[EncodingEffort.Thorough], length);
        for (var uses = 0; uses < 3 * EncodedForm.UsesBeforeBest && length != lengths[EncodingEffort.Best]; uses++)
            length = await LengthAsync();
        Assert.Equal(lengths[EncodingEffort.Best], length);

        async Task<int> LengthAsync()
        {
            using var response = await app.GetAsync("/", "Accept-Encoding: " + codingName);
            Assert.Equal(codingName, response.Header("Content-Encoding"));
            return (await response.BytesAsync()).Length;
        }
    }

    [Fact]
    public async Task Form_KnownToTheClient_IsNotUsed()
    {
        await using var app = await StartAsync();
        (await app.GetAsync("/", "Accept-Encoding: br")).Dispose();
        using var full = await app.GetAsync("/", "Accept-Encoding: br");
        for (var hits = 0; hits < 2 * EncodedForm.UsesBeforeThorough; hits++)
            (await app.GetAsync("/", "Accept-Encoding: br", "If-None-Match: " + full.Header("ETag"))).Dispose();
        await Task.Delay(100, TestContext.Current.CancellationToken);
        using var response = await app.GetAsync("/", "Accept-Encoding: br");
        Assert.Equal(ContentEncoder.Encode(ContentCoding.Brotli, EncodingEffort.Quick, new(Content)).Length, (await response.BytesAsync()).Length);
    }

    [Fact]
    public async Task Hit_WithACondition_304HasWhatThe200HasButForTheContent()
    {
        await using var app = await StartAsync();
        (await app.GetAsync("/")).Dispose();
        using var full = await app.GetAsync("/", "Accept-Encoding: gzip");
        using var response = await app.GetAsync("/", "Accept-Encoding: gzip", "If-None-Match: " + full.Header("ETag"));
        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
        foreach (var name in new[] { "ETag", "Vary", "Cache-Control", "X-Version", "Link" })
            Assert.Equal(full.Header(name), response.Header(name));
        Assert.NotNull(full.Header("Content-Language"));
        foreach (var name in new[] { "Content-Type", "Content-Encoding", "Content-Length", "Content-Language", "Content-Disposition" })
            Assert.Null(response.Header(name));
        Assert.StartsWith("Headroom; hit", response.Header("Cache-Status"), StringComparison.Ordinal);
        Assert.NotNull(response.Header("Age"));
    }

    /// <summary>What is encoded once and sent often is counted once.</summary>
    [Fact]
    public async Task Metrics_OfAnEncodedForm_AreThoseOfOneEncoding()
    {
        Measurements? measured = null;
        await using var app = await StartAsync(web => measured = new Measurements(web.Services.GetRequiredService<IMeterFactory>()));
        using var _ = measured;
        var length = 0;
        for (var uses = 0; uses < 3; uses++)
        {
            using var response = await app.GetAsync("/", "Accept-Encoding: gzip");
            length = (await response.BytesAsync()).Length;
        }

        Assert.Equal((Content.Length, Content.Length - length), ((int)measured!.Single("headroom.compression.original"), (int)measured.Single("headroom.compression.saved")));
        Assert.Equal((double)Content.Length / length, measured.Single("headroom.compression.ratio"));
        Assert.InRange(measured.Single("headroom.compression.duration"), 1e-7, 30);
        Assert.All(measured.All, each => Assert.Equal("gzip", each.Tag));
    }

    static Task<HttpApp> StartAsync(Action<WebApplication>? first = null) => HttpApp.StartAsync(
        web =>
        {
            first?.Invoke(web);
            web.UseHeadroomResponseCache();
            web.MapGet("/", (HttpContext context) =>
            {
                context.Response.Headers.CacheControl = "public, max-age=60";
                context.Response.Headers.ContentLanguage = "en";
                context.Response.Headers.ContentDisposition = "inline";
                context.Response.Headers.Link = "</next>; rel=\"next\"";
                context.Response.Headers["X-Version"] = "7";
                return Results.Bytes(Content, "application/json");
            }).CacheResponse(policy => policy.For(TimeSpan.FromMinutes(1)));
        },
        services => services.AddHeadroomResponseCache());
}
