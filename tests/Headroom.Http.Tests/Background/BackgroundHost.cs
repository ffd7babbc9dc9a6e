using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Headroom.Http.Tests.Background;

/// <summary>A host with queues and nothing else, started, which counts what the queues report.</summary>
internal sealed class BackgroundHost : IAsyncDisposable
{
    readonly IHost host;
    readonly MeterListener listener = new();
    readonly ConcurrentDictionary<string, long> counts = new(StringComparer.Ordinal);

    BackgroundHost(IHost host) => this.host = host;

    public IServiceProvider Services => host.Services;

    public static async Task<BackgroundHost> StartAsync(Action<IServiceCollection> add, params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(settings.Select(each => KeyValuePair.Create(each.Name, (string?)each.Value)));
        add(builder.Services);
        var started = new BackgroundHost(builder.Build());
        started.Listen();
        await started.host.StartAsync(TestContext.Current.CancellationToken);
        return started;
    }

    public IBackgroundQueue Queue(string name = "work") => Services.GetRequiredKeyedService<IBackgroundQueue>(name);

    public IDurableQueue<T> Durable<T>() => Services.GetRequiredService<IDurableQueue<T>>();

    public long Count(string outcome) => counts.GetValueOrDefault("headroom.http.background.items " + outcome);

    public long Pending => counts.GetValueOrDefault("headroom.http.background.pending ");

    public Task StopAsync(CancellationToken cancellation = default) => host.StopAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync();
        listener.Dispose();
        if (host is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
    }

    void Listen()
    {
        var meters = Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters))
                listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var outcome = tags.ToArray().FirstOrDefault(tag => tag.Key == "headroom.outcome").Value;
            counts.AddOrUpdate($"{instrument.Name} {outcome}", value, (_, sum) => sum + value);
        });
        listener.Start();
    }
}
