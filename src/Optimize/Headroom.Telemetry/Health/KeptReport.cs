using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Headroom.Telemetry.Health;

/// <summary>
/// Runs some of the application's health checks at most once in <see cref="TelemetryOptions.HealthCachedFor"/>, and once for all who ask meanwhile: probes of a dozen load balancers must not be a load for the database.
/// <list type="number">
/// <item>A result that is young enough is the answer.</item>
/// <item>Otherwise the first who asks starts the checks, each by itself, and all who ask wait for them.</item>
/// <item>A check that takes longer than a probe is worth waiting for has failed, and by its name: what hangs is what an operator looks for. The results of the others count as ever.</item>
/// <item>If it goes on although it was told to end, nobody starts it a second time; it has failed until it ends.</item>
/// </list>
/// </summary>
internal sealed partial class KeptReport(HealthCheckService checks, IEnumerable<HealthCheckRegistration> which, TimeSpan keptFor, TimeProvider time, ILogger logger)
{
    static readonly TimeSpan WaitMost = TimeSpan.FromSeconds(10);

    readonly Lock gate = new();
    readonly ConcurrentDictionary<string, Task<HealthReport>> stuck = new(StringComparer.OrdinalIgnoreCase);
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

    public async Task<HealthReport> ReadAsync(CancellationToken caller)
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

        return await run.WaitAsync(caller);
    }

    async Task<HealthReport> RunAsync()
    {
        var startedAt = time.GetTimestamp();
        using var patience = new CancellationTokenSource(WaitMost, time);
        try
        {
            var registrations = which.ToArray();
            var results = await Task.WhenAll(registrations.Select(check => RunAsync(check, patience.Token)));
            var entries = registrations.Zip(results).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.OrdinalIgnoreCase);
            var report = new HealthReport(entries, time.GetElapsedTime(startedAt));
            lock (gate)
                (latest, latestAt) = (report, time.GetTimestamp());
            return report;
        }
        finally
        {
            lock (gate)
                running = null;
        }
    }

    async Task<HealthReportEntry> RunAsync(HealthCheckRegistration check, CancellationToken patience)
    {
        var startedAt = time.GetTimestamp();
        if (stuck.TryGetValue(check.Name, out var before))
        {
            if (!before.IsCompleted)
                return TookTooLong(check, TimeSpan.Zero);
            stuck.TryRemove(check.Name, out _);
        }

        var run = checks.CheckHealthAsync(other => ReferenceEquals(other, check), patience);
        try
        {
            return (await run.WaitAsync(patience)).Entries[check.Name];
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            stuck[check.Name] = run;
            LogTookTooLong(check.Name, WaitMost.TotalSeconds);
            return TookTooLong(check, time.GetElapsedTime(startedAt));
        }
    }

    // As the framework has it where a check has a timeout of its own: what the application says that a failure of it means.
    static HealthReportEntry TookTooLong(HealthCheckRegistration check, TimeSpan waited) => new(check.FailureStatus, description: null, waited, exception: null, data: null, check.Tags);

    [LoggerMessage(31, LogLevel.Warning, "The health check {Check} took longer than {Seconds} s and counts as failed.")]
    partial void LogTookTooLong(string check, double seconds);
}
