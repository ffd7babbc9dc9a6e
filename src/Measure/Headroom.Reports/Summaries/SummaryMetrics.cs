using Headroom.Measurements;

namespace Headroom.Reports.Summaries;

/// <summary>Which figure of a run is which metric of k6.</summary>
internal static class SummaryMetrics
{
    public static IEnumerable<SummaryMetric> Of(RunFile run)
    {
        var metrics = OfWholeRun(run).ToDictionary(metric => metric.Name, StringComparer.Ordinal);

        // Undecided is neither met nor missed, and k6 has no word for it: nothing is said.
        foreach (var threshold in run.Thresholds.Where(threshold => !threshold.Undecided))
        {
            var place = ThresholdPlace.Of(threshold);
            if (!metrics.TryGetValue(place.Metric, out var metric))
                metric = new SummaryMetric(place.Metric, OfPart(run, place) ?? (threshold.Observed is { } observed ? [("value", observed)] : []));

            // The same expression twice is met only if both are.
            var missed = !threshold.Passed || metric.Missed.GetValueOrDefault(place.Source);
            metrics[place.Metric] = metric with { Missed = new Dictionary<string, bool>(metric.Missed, StringComparer.Ordinal) { [place.Source] = missed } };
        }

        return metrics.Values.OrderBy(metric => metric.Name, StringComparer.Ordinal);
    }

    private static IEnumerable<SummaryMetric> OfWholeRun(RunFile run)
    {
        foreach (var name in new[] { "http_reqs", "http_req_duration", "http_req_service_time", "http_req_failed", "data_received", "data_sent" })
            yield return new SummaryMetric(name, Values(name, run.Summary, run.DurationSeconds)!);
        var dropped = run.Iterations?.Dropped ?? run.Summary.Dropped;
        yield return new SummaryMetric("dropped_iterations", Counter(dropped, PerSecond(dropped, run.DurationSeconds)));
        if (run.Iterations is { } iterations)
        {
            yield return new SummaryMetric("iterations", Counter(iterations.Count, iterations.PerSecond));
            yield return new SummaryMetric("iteration_duration", Trend(iterations.DurationMs));
        }

        if (run.Checks.Count > 0)
            yield return new SummaryMetric("checks", Checks(run.Checks));
        var vus = run.Series.Select(point => point.Vus).OfType<long>().ToList();
        if (vus.Count > 0)
            yield return new SummaryMetric("vus", Gauge(vus[^1], vus.Min(), vus.Max()));
        var most = MostVus(run.Plan.Phases);
        yield return new SummaryMetric("vus_max", Gauge(most, most, most));
    }

    /// <summary>Of one request name, scenario, tag or check: <c>http_req_duration{name:list}</c>. Null when the run has no such part.</summary>
    private static (string, double)[]? OfPart(RunFile run, ThresholdPlace place)
    {
        if (place.Selector is not { } part)
            return null;
        if (place.BaseMetric == "checks")
            return Checks(run.Checks.Where(check => part.Key == "request" ? check.Request == part.Value : check.Name == part.Value));
        var summary = part.Key switch
        {
            "name" => run.RequestsByName.GetValueOrDefault(part.Value),
            "scenario" => run.Phases.FirstOrDefault(phase => phase.Name == part.Value)?.Summary,
            _ => run.RequestsByTag.GetValueOrDefault($"{part.Key}:{part.Value}"),
        };
        return summary is null ? null : Values(place.BaseMetric, summary, run.DurationSeconds);
    }

    private static (string, double)[] Checks(IEnumerable<CheckSummary> checks)
    {
        var made = checks.ToList();
        return Rate(made.Sum(check => check.Passes), made.Sum(check => check.Fails));
    }

    private static (string, double)[]? Values(string metric, RequestSummary summary, double seconds) => metric switch
    {
        "http_reqs" => Counter(summary.Requests, summary.RequestsPerSecond),
        "http_req_duration" => Trend(summary.LatencyMs),
        "http_req_service_time" => Trend(summary.ServiceTimeMs),

        // A rate of failures: what "passes" is what failed. That, too, is k6's.
        "http_req_failed" => Rate(summary.Errors, summary.Requests - summary.Errors),
        "data_received" => Counter(summary.BytesReceived, PerSecond(summary.BytesReceived, seconds)),
        "data_sent" => Counter(summary.BytesSent, PerSecond(summary.BytesSent, seconds)),
        _ => null,
    };

    private static (string, double)[] Counter(long count, double rate) => [("count", count), ("rate", rate)];

    private static (string, double)[] Rate(long passes, long fails) =>
        [("passes", passes), ("fails", fails), ("value", passes + fails == 0 ? 0 : (double)passes / (passes + fails))];

    private static (string, double)[] Gauge(double value, double min, double max) => [("value", value), ("min", min), ("max", max)];

    private static (string, double)[] Trend(LatencySummary summary) =>
        [("avg", summary.Mean), ("min", summary.Min), ("med", summary.P50), ("max", summary.Max), ("p(90)", summary.P90), ("p(95)", summary.P95), ("p(99)", summary.P99)];

    private static double PerSecond(long count, double seconds) => seconds > 0 ? count / seconds : 0;

    /// <summary>The most VUs at any time: scenarios that follow one another share them, as k6's do.</summary>
    private static double MostVus(IReadOnlyList<PlannedPhase> phases) =>
        phases.Count == 0 ? 0 : phases.Max(at => phases.Where(phase => IsOnAt(phase, at.StartSeconds) || ReferenceEquals(phase, at)).Sum(phase => phase.Connections));

    private static bool IsOnAt(PlannedPhase phase, double second) => second >= phase.StartSeconds && second < phase.StartSeconds + phase.DurationSeconds;
}
