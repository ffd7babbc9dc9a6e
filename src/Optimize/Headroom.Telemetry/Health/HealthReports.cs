using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Telemetry.Health;

/// <summary>
/// Results of the application's health checks, of those tagged <see cref="LiveTag"/> apart from all: a database that hangs must not make a process look dead, which a restart does not help.
/// </summary>
internal sealed class HealthReports
{
    /// <summary>Checks with this tag say whether the process must be restarted, all of them whether it should be sent requests.</summary>
    public const string LiveTag = "live";

    readonly KeptReport all;
    readonly KeptReport live;

    public HealthReports(
        HealthCheckService checks, IOptions<HealthCheckServiceOptions> registered, IOptions<TelemetryOptions> options, IMeterFactory meters, ILogger<HealthReports> logger, TimeProvider? time = null)
    {
        var (keptFor, clock) = (options.Value.HealthCachedFor, time ?? TimeProvider.System);
        var registrations = registered.Value.Registrations;
        all = new KeptReport(checks, registrations, keptFor, clock, logger);
        live = new KeptReport(checks, registrations.Where(IsLive), keptFor, clock, logger);
        meters.Create(HeadroomMeters.Telemetry).CreateObservableGauge(
            "headroom.health.status", Statuses, description: "What each health check said last: 1 healthy, 0.5 degraded, 0 unhealthy.");
    }

    public static bool IsLive(HealthCheckRegistration check) => check.Tags.Contains(LiveTag);

    /// <summary>Of all checks.</summary>
    public Task<HealthReport> ReadAsync(CancellationToken caller) => all.ReadAsync(caller);

    /// <summary>Of those tagged <see cref="LiveTag"/>.</summary>
    public Task<HealthReport> ReadLiveAsync(CancellationToken caller) => live.ReadAsync(caller);

    // The later result where both have one.
    IEnumerable<Measurement<double>> Statuses() => new[] { all.Latest, live.Latest }
        .OrderByDescending(kept => kept.At)
        .SelectMany(kept => kept.Report?.Entries ?? Enumerable.Empty<KeyValuePair<string, HealthReportEntry>>())
        .DistinctBy(entry => entry.Key, StringComparer.OrdinalIgnoreCase)
        .Select(entry => new Measurement<double>((double)entry.Value.Status / (int)HealthStatus.Healthy, new KeyValuePair<string, object?>("headroom.health.check", entry.Key)));
}
