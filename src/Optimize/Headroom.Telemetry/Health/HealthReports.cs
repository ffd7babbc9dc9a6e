using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
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

    public HealthReports(HealthCheckService checks, IOptions<TelemetryOptions> options, IMeterFactory meters, TimeProvider? time = null)
    {
        var (keptFor, clock) = (options.Value.HealthCachedFor, time ?? TimeProvider.System);
        all = new KeptReport(checks, static _ => true, keptFor, clock);
        live = new KeptReport(checks, IsLive, keptFor, clock);
        meters.Create(HeadroomMeters.Telemetry).CreateObservableGauge(
            "headroom.health.status", Statuses, description: "What each health check said last: 1 healthy, 0.5 degraded, 0 unhealthy.");
    }

    public static bool IsLive(HealthCheckRegistration check) => check.Tags.Contains(LiveTag);

    /// <summary>Of all checks; null when they did not end in time.</summary>
    public Task<HealthReport?> ReadAsync(CancellationToken caller) => all.ReadAsync(caller);

    /// <summary>Of those tagged <see cref="LiveTag"/>; null when they did not end in time.</summary>
    public Task<HealthReport?> ReadLiveAsync(CancellationToken caller) => live.ReadAsync(caller);

    // The later result where both have one.
    IEnumerable<Measurement<double>> Statuses() => new[] { all.Latest, live.Latest }
        .OrderByDescending(kept => kept.At)
        .SelectMany(kept => kept.Report?.Entries ?? Enumerable.Empty<KeyValuePair<string, HealthReportEntry>>())
        .DistinctBy(entry => entry.Key, StringComparer.OrdinalIgnoreCase)
        .Select(entry => new Measurement<double>((double)entry.Value.Status / (int)HealthStatus.Healthy, new KeyValuePair<string, object?>("headroom.health.check", entry.Key)));
}
