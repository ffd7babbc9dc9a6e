using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Telemetry.Tests.LivePage;

/// <summary>An application with the live page on a real Kestrel.</summary>
internal sealed class LiveApp : IAsyncDisposable
{
    readonly WebApplication app;

    LiveApp(WebApplication app)
    {
        this.app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => app.Services;

    public static async Task<LiveApp> StartAsync(Action<WebApplication> map, string environment = "Development", Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRouting();
        builder.Services.AddHeadroomTelemetry();
        services?.Invoke(builder.Services);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var built = builder.Build();
        map(built);
        await built.StartAsync(TestContext.Current.CancellationToken);
        return new LiveApp(built);
    }

    public Task StopAsync() => app.StopAsync(CancellationToken.None);

    /// <summary>Opens the events; the caller reads them.</summary>
    public async Task<LiveEvents> WatchAsync(string path = "/headroom/events")
    {
        var response = await Client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new LiveEvents(response, new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
    }

    internal sealed record LiveEvents(HttpResponseMessage Response, StreamReader Reader) : IDisposable
    {
        /// <summary>The next event's data; null when the stream has ended.</summary>
        public async Task<string?> NextTextAsync()
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            patience.CancelAfter(TimeSpan.FromSeconds(30));
            while (await Reader.ReadLineAsync(patience.Token) is { } line)
            {
                if (line.StartsWith("data: ", StringComparison.Ordinal))
                    return line["data: ".Length..];
            }

            return null;
        }

        public async Task<JsonElement> NextAsync() => JsonDocument.Parse(await NextTextAsync() ?? throw new EndOfStreamException("The events have ended.")).RootElement;

        public void Dispose()
        {
            Reader.Dispose();
            Response.Dispose();
        }
    }
}
