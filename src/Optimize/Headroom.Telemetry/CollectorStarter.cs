using Headroom.Telemetry.Collection;
using Headroom.Telemetry.Resources;
using Microsoft.Extensions.Hosting;

namespace Headroom.Telemetry;

/// <summary>Starts the collector before any other hosted service, so that what they record is counted.</summary>
internal sealed class CollectorStarter(MetricCollector collector, ResourceMetrics resources) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        // Made here, so that its first span begins with the application.
        _ = resources;
        collector.Start();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
