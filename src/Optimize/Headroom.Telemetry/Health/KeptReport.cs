using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Headroom.Telemetry.Health;

/// <summary>
/// Runs some of the application's health checks at most once in <see cref="TelemetryOptions.HealthCachedFor"/>, and once for all who ask meanwhile: probes of a dozen load balancers must not be a load for the database.
/// <list type="number">
/// <item>A result that is young enough is the answer.</item>
/// <item>Otherwise the first who asks starts the checks; all wait for them, each for as long as a probe is worth waiting for.</item>
/// <item>Checks that take longer go on, nobody starts them a second time, and who waited is told that the application is not healthy.</item>
/// </list>
/// </summary>
internal sealed class KeptReport(HealthCheckService checks, Func<HealthCheckRegistration, bool> which, TimeSpan keptFor, TimeProvider time)
{
    static readonly TimeSpan WaitMost = TimeSpan.FromSeconds(10);

    readonly Lock gate = new();
    HealthReport? latest;
    long latestAt;
    Task<HealthReport>? running;

    /// <summary>The last one that there was, however old.</summary>
    public (HealthReport? Report, long At) Latest
    {
        get
        {
            lock (gate)
                return (latest, latestAt);
        }
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
            var report = await checks.CheckHealthAsync(which, patience.Token);
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
}
