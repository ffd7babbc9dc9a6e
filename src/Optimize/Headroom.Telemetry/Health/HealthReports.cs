using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Headroom.Telemetry.Health;

/// <summary>
/// Runs the application's health checks at most once in <see cref="TelemetryOptions.HealthCachedFor"/>, and once for all who ask meanwhile: probes of a dozen load balancers must not be a load for the database.
/// <list type="number">
/// <item>A result that is young enough is the answer.</item>
/// <item>Otherwise the first who asks starts the checks; all wait for them, each for as long as a probe is worth waiting for.</item>
/// <item>Checks that take longer go on, nobody starts them a second time, and who waited is told that the application is not healthy.</item>
/// </list>
/// </summary>
internal sealed class HealthReports
{
    /// <summary>Checks with this tag say whether the process must be restarted, all of them whether it should be sent requests.</summary>
    public const string LiveTag = "live";

    static readonly TimeSpan WaitMost = TimeSpan.FromSeconds(10);

    readonly HealthCheckService checks;
    readonly TimeProvider time;
    readonly TimeSpan keptFor;
    readonly Lock gate = new();
    HealthReport? latest;
    long latestAt;
    Task<HealthReport>? running;

    public HealthReports(HealthCheckService checks, IOptions<TelemetryOptions> options, IMeterFactory meters, TimeProvider? time = null)
    {
        this.checks = checks;
        this.time = time ?? TimeProvider.System;
        keptFor = options.Value.HealthCachedFor;
        meters.Create(HeadroomMeters.Telemetry).CreateObservableGauge(
            "headroom.health.status", Statuses, description: "What each health check said last: 1 healthy, 0.5 degraded, 0 unhealthy.");
    }

    /// <summary>Null when the checks did not end in time.</summary>
    public async Task<HealthReport?> ReadAsync(CancellationToken caller)
    {
        Task<HealthReport> run;
        lock (gate)
        {
            if (latest is not null && time.GetElapsedTime(latestAt) < keptFor)
                return latest;

            // Without the flow of the request that happens to be first: the checks are everybody's.
            using (ExecutionContext.SuppressFlow())
                run = running ??= Task.Run(RunAsync, CancellationToken.None);
        }

        try
        {
            return await run.WaitAsync(WaitMost, time, caller);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    async Task<HealthReport> RunAsync()
    {
        using var patience = new CancellationTokenSource(WaitMost, time);
        try
        {
            var report = await checks.CheckHealthAsync(patience.Token);
            lock (gate)
                (latest, latestAt) = (report, time.GetTimestamp());
            return report;
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException($"The health checks took longer than {WaitMost.TotalSeconds} s.", late);
        }
        finally
        {
            lock (gate)
                running = null;
        }
    }

    IEnumerable<Measurement<double>> Statuses()
    {
        HealthReport? report;
        lock (gate)
            report = latest;
        return report?.Entries.Select(entry => new Measurement<double>((double)entry.Value.Status / (int)HealthStatus.Healthy, new KeyValuePair<string, object?>("headroom.health.check", entry.Key))) ?? [];
    }
}
