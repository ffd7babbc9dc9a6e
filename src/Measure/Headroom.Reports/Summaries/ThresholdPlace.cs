using System.Buffers;
using Headroom.Measurements;

namespace Headroom.Reports.Summaries;

/// <summary>Under which metric of the summary a threshold stands.</summary>
/// <param name="BaseMetric">Without the part that it is about: <c>http_req_duration</c>.</param>
/// <param name="Source">What it says of the metric, as it was written.</param>
internal sealed record ThresholdPlace(string BaseMetric, string Source)
{
    private const string NameTag = "name:";

    private static readonly SearchValues<char> MetricCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    /// <summary>The request name it is about; null when about all or about a tag.</summary>
    public string? RequestName { get; private init; }

    /// <summary>The tag it is about, <c>name:value</c>.</summary>
    public string? Tag { get; private init; }

    /// <summary>The key in the summary.</summary>
    public string Metric => RequestName is not null ? $"{BaseMetric}{{name:{RequestName}}}" : Tag is not null ? $"{BaseMetric}{{{Tag}}}" : BaseMetric;

    public static ThresholdPlace Of(ThresholdResult threshold)
    {
        var text = threshold.Expression.Trim();
        return InFormOfK6(text)
            ?? (ThresholdExpression.TryParse(text, out var expression, out _)
                ? new ThresholdPlace(MetricOf(expression.Metric), text) { RequestName = expression.RequestName }
                : new ThresholdPlace(text, text));
    }

    /// <summary><c>http_req_duration{area:read}: p(95)&lt;500</c>. What the braces hold may hold braces and colons itself.</summary>
    private static ThresholdPlace? InFormOfK6(string text)
    {
        var end = text.AsSpan().IndexOfAnyExcept(MetricCharacters);
        if (end <= 0)
            return null;

        var (metric, rest, selector) = (text[..end], text[end..].TrimStart(), "");
        if (rest.StartsWith('{'))
        {
            var close = ClosingBrace(rest);
            if (close < 0)
                return null;
            selector = rest[1..close].Trim();
            rest = rest[(close + 1)..].TrimStart();
        }

        if (!rest.StartsWith(':'))
            return null;
        var place = new ThresholdPlace(metric, rest[1..].Trim());
        return selector.Length == 0 ? place
            : selector.StartsWith(NameTag, StringComparison.Ordinal) ? place with { RequestName = selector[NameTag.Length..] }
            : place with { Tag = selector };
    }

    private static int ClosingBrace(string text)
    {
        var depth = 0;
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0)
                return i;
        }

        return -1;
    }

    /// <summary>What k6 does not measure (cache hits, the target's own resources) gets a metric of its own.</summary>
    private static string MetricOf(string metric) => metric switch
    {
        "errors" => "http_req_failed",
        "rps" => "http_reqs",
        "dropped" => "dropped_iterations",
        "max" or "mean" => "http_req_duration",
        _ when metric.StartsWith('p') => "http_req_duration",
        _ => "headroom_" + metric.Replace('-', '_'),
    };
}
