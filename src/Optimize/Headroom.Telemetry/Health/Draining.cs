using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Headroom.Telemetry.Health;

/// <summary>
/// Says that the application stops, from the signal on, and holds the stop up for <see cref="TelemetryOptions.DrainDelay"/>, so that load balancers notice before connections are refused.
/// </summary>
internal sealed class Draining(IHostApplicationLifetime lifetime, IOptions<TelemetryOptions> options, TimeProvider? time = null) : IHostedLifecycleService
{
    volatile bool stopping;

    public bool IsUnderWay => stopping || lifetime.ApplicationStopping.IsCancellationRequested;

    // Before any server stops to listen.
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        stopping = true;
        return options.Value.DrainDelay == TimeSpan.Zero ? Task.CompletedTask : WaitAsync(cancellationToken);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    async Task WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(options.Value.DrainDelay, time ?? TimeProvider.System, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The host's own shutdown timeout is over.
        }
    }
}
