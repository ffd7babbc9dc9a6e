using System.Globalization;
using System.Net;
using Headroom.Gateway.Forwarding;
using Headroom.Gateway.Upstreams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Headroom.Gateway.Tests.Abuse;

/// <summary>Somebody asks for one new URL after the other, as fast as they are answered. Alone, because it reads the memory of the whole process.</summary>
[Collection(nameof(MeasuresProcessMemory))]
public sealed class BoundedMemoryTests
{
    private const long CacheBytes = 16 * 1024 * 1024;
    private const long SlackBytes = 48 * 1024 * 1024;
    private const int Connections = 8;
    private const int UrlsOfConnection = 2000;
    private const int BodyBytes = 8192;

    // Guard: MaxBytes of the cache `response`, and that nothing beside it (exchanges under way, what is known of Vary) remembers a URL. Without it 130 MB stay.
    [Theory]
    [InlineData("")]
    [InlineData("Accept-Language")]
    public async Task Get_SixteenThousandUrls_MemoryStaysWithinTheBound(string vary)
    {
        await using var origin = await StartOriginAsync(vary);
        await using var gateway = await GatewayServer.StartAsync(GatewayServer.Settings(new ForwardOptions(), UpstreamSettings.Default(origin.Urls.Single())) with
        {
            Headroom = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Headroom:ResponseCache:MaxBytes"] = CacheBytes.ToString(CultureInfo.InvariantCulture) },
        });
        await AskAsync(gateway, "warm", 100);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        await Task.WhenAll(Enumerable.Range(0, Connections).Select(connection => Task.Run(() => AskAsync(gateway, $"c{connection}", UrlsOfConnection))));

        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.InRange(grown, long.MinValue, CacheBytes + SlackBytes);

        // And it is a cache still.
        await gateway.GetAsync("/last");
        Assert.NotNull((await gateway.GetAsync("/last")).Field("Age"));
    }

    private static async Task AskAsync(GatewayServer gateway, string name, int count)
    {
        await using var connection = await gateway.ConnectAsync();
        for (var number = 0; number < count; number++)
        {
            await connection.SendAsync($"GET /{name}/{number} HTTP/1.1\r\nHost: a\r\nAccept-Language: x{number}\r\n\r\n");
            Assert.Equal(200, (await connection.ReadAsync()).Status);
        }
    }

    private static async Task<WebApplication> StartOriginAsync(string vary)
    {
        var body = new byte[BodyBytes];
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(context =>
        {
            context.Response.Headers.CacheControl = "max-age=600";
            if (vary.Length > 0)
                context.Response.Headers.Vary = vary;
            context.Response.ContentLength = body.Length;
            return context.Response.Body.WriteAsync(body, 0, body.Length);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}

[CollectionDefinition(DisableParallelization = true)]
public sealed class MeasuresProcessMemory;
