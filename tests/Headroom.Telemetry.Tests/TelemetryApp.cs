using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Telemetry.Tests;

/// <summary>An application on a real Kestrel and a free loopback port.</summary>
internal sealed class TelemetryApp : IAsyncDisposable
{
    readonly WebApplication app;

    TelemetryApp(WebApplication app)
    {
        this.app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => app.Services;

    public string Address => Client.BaseAddress!.Authority;

    public static async Task<TelemetryApp> StartAsync(
        Action<WebApplication> map,
        Action<TelemetryOptions>? configure = null,
        Dictionary<string, string?>? settings = null,
        string environment = "Production",
        Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRouting();
        builder.Services.AddHeadroomTelemetry(configure);
        services?.Invoke(builder.Services);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var built = builder.Build();
        map(built);
        await built.StartAsync(TestContext.Current.CancellationToken);
        return new TelemetryApp(built);
    }

    public Task StopAsync() => app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
    }
}
