using Microsoft.AspNetCore.Builder;

namespace Headroom.Http.Tests.ConditionalRequests;

/// <summary>Alone, because it reads the memory of the whole process.</summary>
[Collection(nameof(MeasuresProcessMemory))]
public sealed class HeldBackBodyMemoryTests
{
    [Fact]
    public async Task Write_AHundredMegabytes_NeedsNoMoreThanTheLimitInMemory()
    {
        const long total = 100L * 1024 * 1024;
        await using var app = await HttpApp.StartAsync(web =>
        {
            web.UseConditionalRequests();
            web.MapGet("/", async context =>
            {
                var chunk = new byte[64 * 1024];
                for (var sent = 0L; sent < total; sent += chunk.Length)
                    await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
            }).WithETag();
        });

        using var response = await app.SendAsync(HttpMethod.Get, "/", HttpCompletionOption.ResponseHeadersRead, "If-None-Match: \"old\"");
        await using var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var buffer = new byte[64 * 1024];
        var received = 0L;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var most = 0L;
        int read;
        while ((read = await stream.ReadAsync(buffer, TestContext.Current.CancellationToken)) > 0)
        {
            received += read;
            if (received % (16 * 1024 * 1024) < read)
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
        }

        Assert.Equal(total, received);
        Assert.InRange(most, long.MinValue, 16 * 1024 * 1024);
    }
}

[CollectionDefinition(DisableParallelization = true)]
public sealed class MeasuresProcessMemory;
