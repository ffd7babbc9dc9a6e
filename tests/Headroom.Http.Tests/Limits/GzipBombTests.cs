using System.IO.Compression;
using System.Net;
using Headroom.Http.Tests.ConditionalRequests;
using Microsoft.AspNetCore.Builder;

namespace Headroom.Http.Tests.Limits;

/// <summary>By the bytes that the whole process allocates, so beside no other test.</summary>
[Collection(nameof(MeasuresProcessMemory))]
public sealed class GzipBombTests
{
    [Theory]
    [InlineData(1_000_000, 200)]
    [InlineData(1_000_001, 413)]
    [InlineData(200_000_000, 413)]
    public async Task GzipBomb_ExpandsOverTheLimit_IsRefusedInLittleMemory(int expanded, int status)
    {
        await using var app = await HttpApp.StartAsync(
            app =>
            {
                app.UseHeadroomLimits();
                app.UseHeadroomCompression();
                app.MapGet("/", () => "ok");
                app.MapPost("/read", async context => await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted));
            },
            services => services.AddHeadroomCompression().AddHeadroomLimits(options => options.MaxBodyBytes = 1_000_000));
        using var body = new MemoryStream();
        await using (var gzip = new GZipStream(body, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var zeros = new byte[100_000];
            for (var left = expanded; left > 0; left -= zeros.Length)
                await gzip.WriteAsync(zeros.AsMemory(0, Math.Min(left, zeros.Length)), TestContext.Current.CancellationToken);
        }

        Assert.True(body.Length < 1_000_000);
        var before = GC.GetTotalAllocatedBytes();
        using var response = await app.PostAsync("/read", body.ToArray(), "application/json", "gzip");
        Assert.Equal(status, (int)response.StatusCode);
        Assert.True(GC.GetTotalAllocatedBytes() - before < 20_000_000);
        using var healthy = await app.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, healthy.StatusCode);
    }
}
