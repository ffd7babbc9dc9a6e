namespace Headroom.Measurements.Thresholds;

/// <summary>A metric of Headroom's own notation, <c>p95&lt;150ms</c>.</summary>
/// <param name="Name">How it is written and listed.</param>
/// <param name="Units">The units its value may have.</param>
/// <param name="Read">Reads it from a run, of all requests or of the selected ones.</param>
internal sealed record ThresholdMetric(string Name, ThresholdUnits Units, Func<RunFile, ThresholdSelector?, ThresholdFigure> Read)
{
    public static IReadOnlyList<ThresholdMetric> All { get; } =
    [
        OfLatency("p50", LatencyAggregation.At(50)),
        OfLatency("p75", LatencyAggregation.At(75)),
        OfLatency("p90", LatencyAggregation.At(90)),
        OfLatency("p95", LatencyAggregation.At(95)),
        OfLatency("p99", LatencyAggregation.At(99)),
        OfLatency("p99.9", LatencyAggregation.At(99.9)) with { Alias = "p999" },
        OfLatency("max", LatencyAggregation.Max),
        OfLatency("mean", LatencyAggregation.Mean),
        OfRequests("errors", ThresholdUnits.Rate, RunFigures.ErrorRate),
        OfRequests("hit-rate", ThresholdUnits.Rate, RunFigures.CacheHitRate),
        OfRequests("rps", ThresholdUnits.Throughput, summary => ThresholdFigure.Of(summary.RequestsPerSecond)),
        OfRequests("dropped", ThresholdUnits.Count, summary => ThresholdFigure.Of(summary.Dropped)),
        new("checks", ThresholdUnits.Rate, (run, selector) => RunFigures.Checks(run, request: selector?.Value)),
        OfTarget("rss", ThresholdUnits.Size, run => RunFigures.Target(run, target => target.RssBytes.Peak)),
        OfTarget("rss-growth", ThresholdUnits.Growth, run => RunFigures.Target(run, target => target.RssGrowthBytesPerHour)),
        OfTarget("cpu", ThresholdUnits.ProcessorTime, RunFigures.TargetCpu),
        OfTarget("cpu-utilization", ThresholdUnits.Rate, RunFigures.TargetCpuUtilization),
        new("metric", ThresholdUnits.Number, (run, selector) => RunFigures.TargetMetric(run, selector!.Value)) { NamesTargetMetric = true },
    ];

    public string? Alias { get; init; }

    /// <summary>False of what is known of the target's process only.</summary>
    public bool KnownByRequest { get; private init; } = true;

    /// <summary>True of the one that is nothing without a name in braces, and that is of a metric of the plan instead of a request.</summary>
    public bool NamesTargetMetric { get; private init; }

    public static string AllNames => string.Join(", ", All.Select(metric => metric.Name));

    private LatencyAggregation? Aggregation { get; init; }

    public static ThresholdMetric? Find(string name) =>
        All.FirstOrDefault(metric => name.Equals(metric.Name, StringComparison.OrdinalIgnoreCase) || name.Equals(metric.Alias, StringComparison.OrdinalIgnoreCase));

    public ThresholdSubject Of(ThresholdSelector? selector) =>
        new(Name, Units, run => Read(run, selector)) { Selector = selector, Latency = Aggregation };

    private static ThresholdMetric OfLatency(string name, LatencyAggregation aggregation) =>
        OfRequests(name, ThresholdUnits.Latency, summary => RunFigures.Latency(summary, aggregation)) with { Aggregation = aggregation };

    private static ThresholdMetric OfRequests(string name, ThresholdUnits units, Func<RequestSummary, ThresholdFigure> read) =>
        new(name, units, (run, selector) => RunFigures.Requests(run, selector, read));

    private static ThresholdMetric OfTarget(string name, ThresholdUnits units, Func<RunFile, ThresholdFigure> read) =>
        new(name, units, (run, _) => read(run)) { KnownByRequest = false };
}
