using System.Diagnostics;
using Headroom.Redis.Tests.Servers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Headroom.Redis.Tests.Caching;

/// <summary>The second tier is there when the application begins to listen, and nothing that Redis does keeps it from starting.</summary>
public sealed class StoreStartTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static IHost Host(string connection)
    {
        var builder = new HostApplicationBuilder();
        builder.Services.AddHeadroomRedis(connection);
        builder.Services.AddHeadroomRedisStore();
        builder.Services.AddHeadroomRedisStore();
        return builder.Build();
    }

    [Fact]
    public async Task StartAsync_RedisAnswers_IsConnectedAfterIt()
    {
        await using var server = await RedisServer.StartAsync();
        using var host = Host(server.Endpoint + ",name=starting");
        await host.StartAsync(Cancellation);
        Assert.Contains("name=starting", await server.AskAsync("CLIENT LIST"), StringComparison.Ordinal);
        await host.StopAsync(Cancellation);
    }

    [Fact]
    public async Task StartAsync_RedisIsAwayOrHangs_StartsAllTheSame()
    {
        await using var server = await RedisServer.StartAsync();
        server.Stop();
        using (var host = Host(server.Endpoint + ",asyncTimeout=60000,connectTimeout=60000"))
            Assert.InRange(await StartTimeAsync(host), TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(10));
        server.Continue();

        await server.KillAsync();
        using (var host = Host(server.Endpoint))
            Assert.InRange(await StartTimeAsync(host), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    static async Task<TimeSpan> StartTimeAsync(IHost host)
    {
        var begin = Stopwatch.GetTimestamp();
        await host.StartAsync(Cancellation);
        return Stopwatch.GetElapsedTime(begin);
    }
}
