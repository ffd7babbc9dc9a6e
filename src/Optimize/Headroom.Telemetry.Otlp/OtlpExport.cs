using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Telemetry.Otlp;

/// <summary>
/// Runs the export while the application runs, where the configuration names a receiver. Nothing of OpenTelemetry's is mentioned here, so that without a receiver not even its assemblies are loaded. The last of it is sent when the
/// servers have stopped.
/// </summary>
internal sealed partial class OtlpExport(
    IConfiguration configuration,
    IOptions<TelemetryOptions> options,
    IHostEnvironment environment,
    IEnumerable<ActivitySourceName> ownSources,
    ILogger<OtlpExport> logger) : IHostedLifecycleService, IDisposable
{
    OtlpPipelines? pipelines;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        var settings = OtlpSettings.Read(configuration);
        if (settings.Metrics || settings.Traces)
        {
            pipelines = new OtlpPipelines(settings, configuration, options.Value, environment.ApplicationName, [.. ownSources.Select(source => source.Name)]);
            LogStarted(settings.Metrics, settings.Traces);
        }

        return Task.CompletedTask;
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => pipelines is null ? Task.CompletedTask : Task.Run(pipelines.Flush, CancellationToken.None);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => pipelines?.Dispose();

    [LoggerMessage(1, LogLevel.Information, "Telemetry is exported by OTLP: metrics {Metrics}, traces {Traces}.")]
    partial void LogStarted(bool metrics, bool traces);
}
