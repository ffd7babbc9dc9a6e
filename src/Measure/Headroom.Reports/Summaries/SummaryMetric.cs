namespace Headroom.Reports.Summaries;

/// <summary>A metric of the summary.</summary>
/// <param name="Name">k6's name, with a tag in braces for a part of the requests: <c>http_req_duration{name:list}</c>.</param>
/// <param name="Values">By k6's names: a counter has count and rate, a rate passes, fails and value, a gauge value, min and max, a trend avg, min, med, max and percentiles.</param>
internal sealed record SummaryMetric(string Name, IReadOnlyList<(string Name, double Value)> Values)
{
    /// <summary>Thresholds by their source; true when missed. That way round is k6's.</summary>
    public IReadOnlyDictionary<string, bool> Missed { get; init; } = new Dictionary<string, bool>(StringComparer.Ordinal);
}
