using System.Collections.Frozen;

namespace Headroom.Measurements.Thresholds;

/// <summary>What a k6 metric can be narrowed down by.</summary>
internal enum K6Selection
{
    None,
    Requests,
    Checks,
}

/// <summary>One way to make a figure of a k6 metric: <c>count</c>, <c>rate</c> or <c>value</c>.</summary>
internal sealed record K6Figure(string Aggregation, ThresholdUnits Units, Func<RunFile, ThresholdSelector?, ThresholdFigure> Read);

/// <summary>
/// A metric as k6 names it, for thresholds in k6's notation. Names, types and aggregations are those of k6's reference of built-in metrics and thresholds
/// (grafana.com/docs/k6, "Built-in metrics" and "Thresholds"); what is counted is Headroom's: durations begin when a request was due.
/// </summary>
/// <param name="Name">k6's name.</param>
/// <param name="Example">A threshold to show in an error, without the metric's name.</param>
/// <param name="Selection">What it can be narrowed down by.</param>
internal sealed record K6Metric(string Name, string Example, K6Selection Selection)
{
    private const string Percentiles = "p(95)<500";

    public static IReadOnlyList<K6Metric> All { get; } =
    [
        new("http_req_duration", Percentiles, K6Selection.Requests)
        {
            Trend = (run, selector, aggregation) => RunFigures.Requests(run, selector, summary => RunFigures.Latency(summary, aggregation)),
            IsLatency = true,
        },
        new("http_req_failed", "rate<0.01", K6Selection.Requests) { Figures = [OfRequests("rate", ThresholdUnits.Rate, RunFigures.ErrorRate)] },
        new("http_reqs", "rate>100", K6Selection.Requests)
        {
            Figures =
            [
                OfRequests("count", ThresholdUnits.Count, summary => ThresholdFigure.Of(summary.Requests)),
                OfRequests("rate", ThresholdUnits.Throughput, summary => ThresholdFigure.Of(summary.RequestsPerSecond)),
            ],
        },
        new("checks", "rate>0.99", K6Selection.Checks) { Figures = [new("rate", ThresholdUnits.Rate, (run, selector) => RunFigures.Checks(run, name: selector?.Value))] },
        new("iterations", "count>=1000", K6Selection.None)
        {
            Figures =
            [
                new("count", ThresholdUnits.Count, (run, _) => RunFigures.Iterations(run, iterations => ThresholdFigure.Of(iterations.Count))),
                new("rate", ThresholdUnits.Throughput, (run, _) => RunFigures.Iterations(run, iterations => ThresholdFigure.Of(iterations.PerSecond))),
            ],
        },
        new("iteration_duration", "avg<3000", K6Selection.None)
        {
            Trend = (run, _, aggregation) => RunFigures.Iterations(run, iterations => RunFigures.IterationDuration(iterations, aggregation)),
        },
        new("dropped_iterations", "count<1", K6Selection.None)
        {
            Figures =
            [
                new("count", ThresholdUnits.Count, (run, _) => ThresholdFigure.Of(RunFigures.DroppedIterations(run))),
                new("rate", ThresholdUnits.Throughput, (run, _) => ThresholdFigure.Of(run.DurationSeconds > 0 ? RunFigures.DroppedIterations(run) / run.DurationSeconds : 0)),
            ],
        },
        OfBytes("data_received", summary => summary.BytesReceived),
        OfBytes("data_sent", summary => summary.BytesSent),
        new("vus", "value<=50", K6Selection.None) { Figures = [new("value", ThresholdUnits.Count, (run, _) => RunFigures.LastVus(run))] },
    ];

    /// <summary>Built-in metrics of k6 that Headroom does not measure, and what to take instead.</summary>
    private static readonly FrozenDictionary<string, string> Absent = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["http_req_blocked"] = "http_req_duration",
        ["http_req_connecting"] = "http_req_duration",
        ["http_req_looking_up"] = "http_req_duration",
        ["http_req_receiving"] = "http_req_duration",
        ["http_req_sending"] = "http_req_duration",
        ["http_req_tls_handshaking"] = "http_req_duration",
        ["http_req_waiting"] = "http_req_duration",
        ["group_duration"] = "iteration_duration",
        ["vus_max"] = "vus",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly string[] TrendAggregations = ["avg", "min", "max", "med", "p(N)"];

    /// <summary>Of metrics that are one number or a sum.</summary>
    public IReadOnlyList<K6Figure> Figures { get; private init; } = [];

    /// <summary>The latency of requests, that the generator's own lag is part of.</summary>
    public bool IsLatency { get; private init; }

    public IEnumerable<string> Aggregations => Trend is null ? Figures.Select(figure => figure.Aggregation) : TrendAggregations;

    public static string AllNames => string.Join(", ", All.Select(metric => metric.Name));

    /// <summary>Of metrics that are many durations.</summary>
    private Func<RunFile, ThresholdSelector?, LatencyAggregation, ThresholdFigure>? Trend { get; init; }

    public static K6Metric? Find(string name) => All.FirstOrDefault(metric => metric.Name == name);

    /// <summary>What to take for a metric that k6 has and Headroom has not.</summary>
    public static string? InsteadOf(string name) => Absent.GetValueOrDefault(name);

    /// <param name="aggregation"><c>avg</c>, <c>min</c>, <c>max</c>, <c>med</c>, <c>p</c>, <c>count</c>, <c>rate</c> or <c>value</c>.</param>
    /// <param name="percentile">Of <c>p(N)</c>; null otherwise.</param>
    /// <param name="selector">What part of it; null for all.</param>
    /// <returns>Null when the metric has no such aggregation.</returns>
    public ThresholdSubject? Of(string aggregation, double? percentile, ThresholdSelector? selector)
    {
        if (Trend is null)
        {
            return Figures.FirstOrDefault(figure => figure.Aggregation == aggregation && percentile is null) is { } figure
                ? new ThresholdSubject(Name, figure.Units, run => figure.Read(run, selector)) { Selector = selector, K6Aggregation = aggregation }
                : null;
        }

        LatencyAggregation? known = (aggregation, percentile) switch
        {
            ("p", { } at) => LatencyAggregation.At(at),
            ("avg", null) => LatencyAggregation.Mean,
            ("min", null) => LatencyAggregation.Min,
            ("max", null) => LatencyAggregation.Max,
            ("med", null) => LatencyAggregation.At(50),
            _ => null,
        };
        return known is { } found
            ? new ThresholdSubject(Name, ThresholdUnits.Latency, run => Trend(run, selector, found)) { Selector = selector, Latency = IsLatency ? found : null, K6Aggregation = K6Threshold.Aggregation(found) }
            : null;
    }

    private static K6Figure OfRequests(string aggregation, ThresholdUnits units, Func<RequestSummary, ThresholdFigure> read) =>
        new(aggregation, units, (run, selector) => RunFigures.Requests(run, selector, read));

    private static K6Metric OfBytes(string name, Func<RequestSummary, long> bytes) => new(name, "rate<1000000", K6Selection.Requests)
    {
        Figures =
        [
            OfRequests("count", ThresholdUnits.Size, summary => ThresholdFigure.Of(bytes(summary))),
            OfRequests("rate", ThresholdUnits.DataRate, summary => ThresholdFigure.Of(RunFigures.BytesPerSecond(summary, bytes(summary)))),
        ],
    };
}
