using System.Text;
using Headroom.Measurements;
using Headroom.Reports.Figures;
using Headroom.Reports.Prometheus;

namespace Headroom.Reports;

/// <summary>
/// A finished run in the Prometheus text format 0.0.4, for the Pushgateway or the node exporter's textfile collector. All figures are of
/// this one run, so they are gauges and summaries named <c>headroom_run_…</c> in base units (docs/reports.md); no counter goes on
/// from one run to the next.
/// </summary>
public static class PrometheusText
{
    /// <summary>Writes the text; on any failure a file that was there before stays as it was.</summary>
    /// <exception cref="IOException">The disk is full, the folder does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission to write there.</exception>
    public static void Write(string path, RunFile run)
    {
        var text = Render(run);
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
    }

    public static string Render(RunFile run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var text = new ExpositionWriter();
        AppendRun(text, run);
        AppendRequests(text, "headroom_run", "", [([], run.Summary)]);
        AppendRequests(text, "headroom_run_endpoint", ", by endpoint", [.. run.RequestsByName.Select(named => (Label("endpoint", named.Key), named.Value))]);
        AppendEvents(text, run);
        AppendIterations(text, run);
        AppendChecks(text, run);
        AppendCounts(text, run);
        AppendTarget(text, run.Target);
        if (run.Origin is null)
            AppendGenerator(text, run.Generator);
        AppendJudgement(text, run);
        return text.ToString();
    }

    private static void AppendRun(ExpositionWriter text, RunFile run)
    {
        var info = new (string, string)[]
        {
            ("plan", run.Plan.Name), ("target", run.Plan.Target), ("digest", run.Plan.Digest ?? ""), ("schema", run.Schema), ("version", run.Environment.HeadroomVersion),
        };
        text.Gauge("headroom_run_info", "What was run; always 1.", info, 1);
        text.Gauge("headroom_run_start_time_seconds", "When the first measured request was due, in seconds since 1970.", [], run.StartedAt.ToUnixTimeMilliseconds() / 1000.0);
        text.Gauge("headroom_run_duration_seconds", "Length of the measured part.", [], run.DurationSeconds);
        text.Gauge("headroom_run_interrupted", "1 when the run was stopped before its planned end.", [], run.Interrupted ? 1 : 0);
        if (run.AbortedBy is { } target)
            text.Gauge("headroom_run_aborted", "The target whose miss ended the run; always 1.", Label("expression", target), 1);
    }

    private static void AppendRequests(ExpositionWriter text, string prefix, string whose, IReadOnlyList<((string, string)[] Labels, RequestSummary Summary)> sets)
    {
        void Gauge(string name, string help, Func<RequestSummary, double?> of)
        {
            foreach (var (labels, summary) in sets)
            {
                if (of(summary) is { } value)
                    text.Gauge($"{prefix}_{name}", $"{help}{whose}.", labels, value);
            }
        }

        void Summary(string name, string help, Func<RequestSummary, LatencySummary> of)
        {
            foreach (var (labels, summary) in sets)
                text.Summary($"{prefix}_{name}", $"{help}{whose}.", labels, of(summary), summary.Requests);
        }

        Gauge("requests", "Requests that ended", summary => summary.Requests);
        Gauge("requests_per_second", "Requests per second", summary => summary.RequestsPerSecond);
        Gauge("errors", "Transport errors and responses of status 400 or above", summary => summary.Errors);
        Gauge("error_ratio", "Errors over requests, 0 to 1", summary => summary.ErrorRate);
        Gauge("received_bytes", "Bytes received on the wire", summary => summary.BytesReceived);
        Gauge("sent_bytes", "Bytes sent on the wire", summary => summary.BytesSent);
        Gauge("decoded_body_bytes", "Body bytes after undoing Content-Encoding", summary => summary.DecodedBodyBytes);
        Gauge("cache_hit_ratio", "Cache hits over responses that told their outcome, 0 to 1", summary => summary.CacheHitRate);
        Gauge("dropped_arrivals", "Arrivals that were due and never started", summary => summary.Dropped);
        Gauge("target_cpu_seconds_per_request", "CPU time of the target for each request", summary => summary.TargetCpuMicrosecondsPerRequest is { } cpu ? ExpositionWriter.Seconds(cpu / 1000) : null);
        Summary("latency_seconds", "Latency from when a request was due", summary => summary.LatencyMs);
        Summary("service_time_seconds", "Time from when a request was sent", summary => summary.ServiceTimeMs);
    }

    private static void AppendEvents(ExpositionWriter text, RunFile run)
    {
        (IReadOnlyList<(string, string)> Labels, RequestSummary Summary)[] streams =
            [([], run.Summary), .. run.RequestsByName.Select(named => ((IReadOnlyList<(string, string)>)Label("endpoint", named.Key), named.Value))];
        foreach (var prefix in new[] { "headroom_run", "headroom_run_endpoint" })
        {
            var sets = streams.Where(stream => stream.Summary.TimeToFirstEventMs is not null && stream.Labels.Count == (prefix == "headroom_run" ? 0 : 1)).ToArray();
            foreach (var (labels, summary) in sets)
                text.Gauge($"{prefix}_events", "Server-sent events received.", labels, summary.Events);
            foreach (var (labels, summary) in sets)
                Percentiles(text, $"{prefix}_time_to_first_event_seconds", "From when a request was sent to its first event, by percentile.", labels, summary.TimeToFirstEventMs!);
        }
    }

    private static void AppendIterations(ExpositionWriter text, RunFile run)
    {
        if (IterationFigures.WorthShowing(run) is not { } iterations)
            return;

        text.Gauge("headroom_run_iterations", "Iterations that came to their end.", [], iterations.Count);
        text.Gauge("headroom_run_iterations_per_second", "Their rate.", [], iterations.PerSecond);
        text.Gauge("headroom_run_iterations_cut_short", "Iterations that ended early because an extraction found nothing.", [], iterations.CutShort);
        text.Gauge("headroom_run_iterations_interrupted", "Iterations under way when the run or their VU ended.", [], iterations.Interrupted);
        text.Gauge("headroom_run_iterations_dropped", "Iterations that were due and never started.", [], iterations.Dropped);
        text.Gauge("headroom_run_skipped_requests", "Requests of iterations that were cut short, never sent.", [], iterations.RequestsSkipped);
        text.Summary("headroom_run_iteration_duration_seconds", "Duration of iterations that were not cut short.", [], iterations.DurationMs, iterations.Count - iterations.CutShort);
    }

    private static void AppendChecks(ExpositionWriter text, RunFile run)
    {
        var checks = run.Checks.GroupBy(check => (check.Name, check.Request)).ToArray();
        foreach (var check in checks)
            text.Gauge("headroom_run_check_passes", "Responses that a check held for.", [("check", check.Key.Name), ("request", check.Key.Request)], check.Sum(one => one.Passes));
        foreach (var check in checks)
            text.Gauge("headroom_run_check_failures", "Responses that a check did not hold for.", [("check", check.Key.Name), ("request", check.Key.Request)], check.Sum(one => one.Fails));
        foreach (var failed in run.FailedExtractions.GroupBy(failed => (failed.Variable, failed.Request)))
            text.Gauge("headroom_run_failed_extractions", "Extractions that found nothing.", [("variable", failed.Key.Variable), ("request", failed.Key.Request)], failed.Sum(one => one.Count));
    }

    /// <summary>Not a summary: of how many these are is not told, and a summary must say.</summary>
    private static void Percentiles(ExpositionWriter text, string name, string help, IReadOnlyList<(string, string)> labels, LatencySummary latency)
    {
        foreach (var (percentile, milliseconds) in new[] { ("50", latency.P50), ("95", latency.P95), ("99", latency.P99), ("100", latency.Max) })
            text.Gauge(name, help, [.. labels, ("percentile", percentile)], ExpositionWriter.Seconds(milliseconds));
    }

    private static void AppendCounts(ExpositionWriter text, RunFile run)
    {
        foreach (var (status, count) in run.Statuses.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            text.Gauge("headroom_run_responses", "Responses by status code.", Label("status", status), count);
        foreach (var (kind, count) in run.ErrorsByKind.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            text.Gauge("headroom_run_errors_by_kind", "Errors by kind (docs/errors.md).", Label("kind", kind), count);
    }

    private static void AppendTarget(ExpositionWriter text, TargetUsage? target)
    {
        if (target is null)
            return;

        text.Gauge("headroom_run_target_cpu_seconds", "CPU time of the target's processes while measuring.", [], target.CpuSeconds);
        Samples("headroom_run_target_resident_memory_bytes", "Resident memory of the target's processes.", target.RssBytes);
        text.Gauge("headroom_run_target_resident_memory_growth_bytes_per_hour", "Slope of the target's resident memory.", [], target.RssGrowthBytesPerHour);
        Samples("headroom_run_target_open_handles", "Open handles of the target's processes.", target.OpenHandles);
        Samples("headroom_run_target_threads", "Threads of the target's processes.", target.Threads);

        void Samples(string name, string help, Gauge? gauge)
        {
            if (gauge is null)
                return;
            text.Gauge(name, help, Label("sample", "start"), gauge.Start);
            text.Gauge(name, help, Label("sample", "peak"), gauge.Peak);
            text.Gauge(name, help, Label("sample", "end"), gauge.End);
        }
    }

    private static void AppendGenerator(ExpositionWriter text, GeneratorUsage generator)
    {
        text.Gauge("headroom_run_generator_cpu_seconds", "CPU time of the load generator while measuring.", [], generator.CpuSeconds);
        text.Gauge("headroom_run_generator_resident_memory_peak_bytes", "Peak resident memory of the load generator.", [], generator.PeakRssBytes);
        if (generator.RssGrowthBytesPerHour is { } growth)
            text.Gauge("headroom_run_generator_resident_memory_growth_bytes_per_hour", "Slope of the load generator's resident memory.", [], growth);
        // Not a summary: how many lags these percentiles are of is not known, and a summary must say.
        foreach (var (percentile, milliseconds) in new[] { ("50", generator.LagMs.P50), ("99", generator.LagMs.P99), ("100", generator.LagMs.Max) })
            text.Gauge("headroom_run_generator_lag_seconds", "How late the generator was by its own fault, by percentile.", Label("percentile", percentile), ExpositionWriter.Seconds(milliseconds));
    }

    private static void AppendJudgement(ExpositionWriter text, RunFile run)
    {
        // The same expression may stand twice in a plan; a series may not. What is undecided is neither met nor missed.
        foreach (var target in run.Thresholds.Where(target => !target.Undecided).GroupBy(target => target.Expression, StringComparer.Ordinal))
            text.Gauge("headroom_run_target_met", "1 when a target of the plan was met, 0 when it was missed.", Label("expression", target.Key), target.All(one => one.Passed) ? 1 : 0);
        foreach (var expression in run.Thresholds.Where(target => target.Undecided).Select(target => target.Expression).Distinct(StringComparer.Ordinal))
            text.Gauge("headroom_run_target_undecided", "A target that only the generator's own lag can have missed; always 1.", Label("expression", expression), 1);
        foreach (var findings in run.Warnings.GroupBy(finding => finding.Code, StringComparer.Ordinal))
            text.Gauge("headroom_run_findings", "Findings by code (docs/findings).", Label("code", findings.Key), findings.Count());
    }

    private static (string, string)[] Label(string name, string value) => [(name, value)];
}
