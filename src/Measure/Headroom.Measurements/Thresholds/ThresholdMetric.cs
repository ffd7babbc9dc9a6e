namespace Headroom.Measurements.Thresholds;

/// <summary>What a run showed of a metric, in the base unit; or why it shows nothing.</summary>
internal readonly record struct ThresholdFigure(double? Value, string? Missing)
{
    public static ThresholdFigure Of(double value) => new(value, null);

    public static ThresholdFigure None(string reason) => new(null, reason);
}

/// <summary>A metric that a threshold can be about.</summary>
/// <param name="Name">How it is written and listed.</param>
/// <param name="Units">The units its value may have.</param>
/// <param name="OfRequests">Reads it from the figures of all requests or of one request name; null when it is not known per request name.</param>
/// <param name="OfTarget">Reads it from the target's own resources; null when it is about requests.</param>
internal sealed record ThresholdMetric(
    string Name,
    ThresholdUnits Units,
    Func<RequestSummary, ThresholdFigure>? OfRequests = null,
    Func<TargetUsage, ThresholdFigure>? OfTarget = null)
{
    private const string NoRequests = "no request ended";
    private const string NoTarget = "the target's process could not be seen; name it with --pid, or run headroom on the target's machine";

    public static IReadOnlyList<ThresholdMetric> All { get; } =
    [
        Latency("p50", latency => latency.P50),
        Latency("p75", latency => latency.P75),
        Latency("p90", latency => latency.P90),
        Latency("p95", latency => latency.P95),
        Latency("p99", latency => latency.P99),
        Latency("p99.9", latency => latency.P999) with { Alias = "p999" },
        Latency("max", latency => latency.Max),
        Latency("mean", latency => latency.Mean),
        new("errors", ThresholdUnits.Rate, summary => summary.Requests > 0 ? ThresholdFigure.Of(summary.ErrorRate) : ThresholdFigure.None(NoRequests)),
        new("hit-rate", ThresholdUnits.Rate, summary => summary.CacheHitRate is { } rate
            ? ThresholdFigure.Of(rate)
            : ThresholdFigure.None("no response told its cache outcome (Cache-Status, X-Cache or Age)")),
        new("rps", ThresholdUnits.Throughput, summary => ThresholdFigure.Of(summary.RequestsPerSecond)),
        new("dropped", ThresholdUnits.Count, summary => ThresholdFigure.Of(summary.Dropped)),
        new("rss", ThresholdUnits.Size, OfTarget: target => ThresholdFigure.Of(target.RssBytes.Peak)),
        new("rss-growth", ThresholdUnits.Growth, OfTarget: target => ThresholdFigure.Of(target.RssGrowthBytesPerHour)),
        new("cpu", ThresholdUnits.ProcessorTime, OfTarget: target => ThresholdFigure.Of(target.CpuMicrosecondsPerRequest)),
    ];

    public string? Alias { get; init; }

    public static string AllNames => string.Join(", ", All.Select(metric => metric.Name));

    public static ThresholdMetric? Find(string name) =>
        All.FirstOrDefault(metric => name.Equals(metric.Name, StringComparison.OrdinalIgnoreCase) || name.Equals(metric.Alias, StringComparison.OrdinalIgnoreCase));

    public ThresholdFigure FigureOf(RunFile run, string? requestName)
    {
        if (OfTarget is not null)
        {
            if (run.Target is null)
                return ThresholdFigure.None(NoTarget);
            return Units == ThresholdUnits.ProcessorTime && run.Summary.Requests == 0 ? ThresholdFigure.None(NoRequests) : OfTarget(run.Target);
        }

        if (requestName is null)
            return OfRequests!(run.Summary);
        if (run.RequestsByName.TryGetValue(requestName, out var summary))
            return OfRequests!(summary);

        var suggestion = NearestName.Hint(requestName, run.RequestsByName.Keys);
        var names = run.RequestsByName.Count == 0 ? "none" : string.Join(", ", run.RequestsByName.Keys.Select(name => $"'{name}'"));
        return ThresholdFigure.None($"the run has no request named '{requestName}'; it has: {names}{suggestion}");
    }

    private static ThresholdMetric Latency(string name, Func<LatencySummary, double> figure) =>
        new(name, ThresholdUnits.Latency, summary =>
            summary.Requests == 0 ? ThresholdFigure.None(NoRequests)

            // A connection that breaks has no latency, and the percentiles of nothing are 0: that must not pass.
            : summary.LatencyMs.Max <= 0 ? ThresholdFigure.None("no request has a latency: all of them broke off")
            : ThresholdFigure.Of(figure(summary.LatencyMs)));
}
