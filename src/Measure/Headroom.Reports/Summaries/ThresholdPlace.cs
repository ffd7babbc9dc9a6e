using System.Buffers;
using Headroom.Measurements;

namespace Headroom.Reports.Summaries;

/// <summary>Under which metric of the summary a threshold stands.</summary>
/// <param name="BaseMetric">Without the part that it is about: <c>http_req_duration</c>.</param>
/// <param name="Source">What it says of the metric, as it was written.</param>
internal sealed record ThresholdPlace(string BaseMetric, string Source)
{
    private static readonly SearchValues<char> MetricCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    /// <summary>The part of the run that it is about: a key such as <c>name</c>, <c>scenario</c>, <c>check</c>, <c>request</c> or a tag's name, and its value. Null for all of it.</summary>
    public (string Key, string Value)? Selector { get; private init; }

    /// <summary>The key in the summary.</summary>
    public string Metric => Selector is { } part ? $"{BaseMetric}{{{part.Key}:{part.Value}}}" : BaseMetric;

    public static ThresholdPlace Of(ThresholdResult threshold)
    {
        var text = threshold.Expression.Trim();
        return InFormOfK6(text)
            ?? (ThresholdExpression.TryParse(text, out var expression, out _)
                ? new ThresholdPlace(MetricOf(expression.Metric), text) { Selector = SelectorOf(expression) }
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
        var colon = selector.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? place : place with { Selector = (selector[..colon].Trim(), Unquoted(selector[(colon + 1)..].Trim())) };
    }

    private static string Unquoted(string value) => value.Length >= 2 && value[0] is '"' or '\'' && value[^1] == value[0] ? value[1..^1] : value;

    /// <summary>What our own notation has in braces is a request's name; of checks those that are made of its responses.</summary>
    private static (string, string)? SelectorOf(ThresholdExpression expression) =>
        expression.RequestName is { } name ? (expression.Metric == "checks" ? "request" : "name", name) : null;

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
        "checks" => "checks",
        "max" or "mean" => "http_req_duration",
        _ when metric.StartsWith('p') => "http_req_duration",
        _ => "headroom_" + metric.Replace('-', '_'),
    };
}
