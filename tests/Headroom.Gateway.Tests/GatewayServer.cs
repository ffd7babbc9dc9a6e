using Headroom.Gateway.Configuration;
using Headroom.Gateway.Forwarding;
using Headroom.Gateway.Hosting;
using Headroom.Gateway.Upstreams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Headroom.Gateway.Tests;

/// <summary>A gateway in this process, on a free loopback port.</summary>
internal sealed class GatewayServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private GatewayServer(WebApplication app)
    {
        _app = app;
        Url = new Uri(app.Urls.Single());
    }

    public Uri Url { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>In front of one server, or of several as one route.</summary>
    public static Task<GatewayServer> StartAsync(params Uri[] upstreams) => StartAsync(new ForwardOptions(), upstreams);

    public static Task<GatewayServer> StartAsync(ForwardOptions forward, params Uri[] upstreams) =>
        StartAsync(Settings(forward, [.. upstreams.Select(upstream => UpstreamSettings.Default(upstream.ToString().TrimEnd('/')))]));

    public static async Task<GatewayServer> StartAsync(GatewaySettings settings)
    {
        var app = GatewayHost.Build(settings, TimeProvider.System, seed: 1);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new GatewayServer(app);
    }

    public static GatewaySettings Settings(ForwardOptions forward, params UpstreamSettings[] upstreams) => new()
    {
        Listen = [Listen()],
        Routes = [new RouteSettings("/", [], upstreams, forward)],
        Drain = new DrainSettings(TimeSpan.Zero, TimeSpan.FromSeconds(10)),
    };

    /// <summary>For <see cref="GatewaySettings.Headroom"/>, where each request has to reach an upstream: equal ones under way would share one answer.</summary>
    public static readonly IReadOnlyDictionary<string, string?> NothingCached = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Headroom:ResponseCache:Enabled"] = "false" };

    public static ListenSettings Listen(HttpProtocols protocols = HttpProtocols.Http1) => new("http://127.0.0.1:0", "127.0.0.1", 0, protocols, Certificate: null);

    public async Task<RawConnection> ConnectAsync() => await RawConnection.OpenAsync(Url);

    /// <summary>One request on a connection of its own, byte for byte, and its whole answer.</summary>
    public async Task<RawResponse> SendAsync(string request)
    {
        await using var connection = await ConnectAsync();
        await connection.SendAsync(request);
        return await connection.ReadAsync(isHead: request.StartsWith("HEAD ", StringComparison.Ordinal));
    }

    public Task<RawResponse> GetAsync(string target, params string[] fields) =>
        SendAsync($"GET {target} HTTP/1.1\r\nHost: api.example.com\r\n{string.Concat(fields.Select(field => field + "\r\n"))}\r\n");

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
