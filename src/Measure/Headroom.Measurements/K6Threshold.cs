using System.Globalization;
using Headroom.Measurements.Thresholds;

namespace Headroom.Measurements;

/// <summary>A threshold in k6's words, as it stands in the options of a script.</summary>
/// <param name="Metric">One of k6's built-in metrics: <c>http_req_duration</c>.</param>
/// <param name="Tag">The tag that narrows it down; null for all.</param>
/// <param name="TagValue">That tag's value; null for all.</param>
/// <param name="Condition">What it must be, in the metric's base unit (milliseconds, bytes, fractions): <c>p(95)&lt;500</c>.</param>
public sealed record K6Threshold(string Metric, string? Tag, string? TagValue, string Condition)
{
    internal static K6Threshold? Of(ThresholdSubject subject, ThresholdComparison comparison, double limit)
    {
        if (Figure(subject) is not var (metric, aggregation))
            return null;
        var sign = comparison switch
        {
            ThresholdComparison.Below => "<",
            ThresholdComparison.AtMost => "<=",
            ThresholdComparison.Above => ">",
            ThresholdComparison.AtLeast => ">=",
            ThresholdComparison.Equal => "==",
            _ => "!=",
        };
        return new K6Threshold(metric, subject.Selector?.Tag, subject.Selector?.Value, string.Create(CultureInfo.InvariantCulture, $"{aggregation}{sign}{(decimal)limit}"));
    }

    internal static string Aggregation(LatencyAggregation aggregation) => aggregation.Kind switch
    {
        LatencyAggregationKind.Min => "min",
        LatencyAggregationKind.Max => "max",
        LatencyAggregationKind.Mean => "avg",
        _ => string.Create(CultureInfo.InvariantCulture, $"p({aggregation.Percentile})"),
    };

    private static (string Metric, string Aggregation)? Figure(ThresholdSubject subject) => subject switch
    {
        { K6Aggregation: { } aggregation } => (subject.Metric, aggregation),
        { Latency: { } latency } => ("http_req_duration", Aggregation(latency)),
        { Metric: "errors" } => ("http_req_failed", "rate"),
        { Metric: "rps" } => ("http_reqs", "rate"),
        { Metric: "checks" } => ("checks", "rate"),

        // k6 drops iterations, which have no request yet.
        { Metric: "dropped", Selector: null } => ("dropped_iterations", "count"),
        _ => null,
    };
}
