using System.Globalization;
using Headroom.Measurements;

namespace Headroom.Load.Results;

/// <summary>Thresholds as rows of a table: metric, what was wanted, what was seen, the verdict, and where to look.</summary>
internal static class ThresholdRows
{
    private static readonly string[] Headings = ["threshold", "wanted", "seen", "", "where"];
    private static readonly char[] Comparisons = ['<', '>', '=', '!'];

    public static IReadOnlyList<string[]> Of(RunFile run, IReadOnlyList<ThresholdResult> thresholds) =>
        [Headings, .. thresholds.Select(threshold => Row(run, threshold))];

    private static string[] Row(RunFile run, ThresholdResult threshold)
    {
        var (metric, wanted) = Split(threshold.Expression);
        return
        [
            metric,
            wanted,
            threshold.ObservedText ?? "nothing",
            threshold.Passed ? "met" : threshold.Undecided ? "undecided" : "missed",
            threshold.Passed ? "" : threshold.Reason ?? Where(run, threshold),
        ];
    }

    /// <summary>A name in braces may hold the signs of a comparison: the last one begins what is wanted.</summary>
    private static (string Metric, string Wanted) Split(string expression)
    {
        var from = expression.LastIndexOf('}') + 1;
        var at = expression.IndexOfAny(Comparisons, from);
        return at <= 0 ? (expression, "") : (expression[..at].TrimEnd(), expression[at..]);
    }

    /// <summary>The request names or checks that a missed threshold is about, the worst first.</summary>
    private static string Where(RunFile run, ThresholdResult threshold)
    {
        if (!ThresholdExpression.TryParse(threshold.Expression, out var expression, out _))
            return "";
        if (expression.Metric == "checks")
            return FailedChecks(run, expression.RequestName);
        if (!expression.IsOfAllRequests)
            return expression.RequestName ?? "";
        var worst = run.RequestsByName.Count > 1 ? Worst(run, threshold.Expression, expression) : null;
        return worst is null ? "all requests" : $"most in {worst}";
    }

    private static string FailedChecks(RunFile run, string? request) => string.Join(", ", run.Checks
        .Where(check => check.Fails > 0 && (request is null || check.Request == request))
        .OrderByDescending(check => check.Fails)
        .Take(3)
        .Select(check => string.Create(CultureInfo.InvariantCulture, $"{check.Request}: '{check.Name}' failed {check.Fails:N0} of {check.Passes + check.Fails:N0}")));

    /// <summary>The same threshold of each name. Only figures that every request has on its own have a worst: not the memory of the target, nor a sum.</summary>
    private static string? Worst(RunFile run, string text, ThresholdExpression expression)
    {
        if (!expression.IsLatency && expression.Metric is not ("errors" or "http_req_failed"))
            return null;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (metric, rest) = colon < 0 ? Split(text) : (text[..colon], text[colon..]);
        var (worst, observed) = ((string?)null, expression.IsUpperBound ? double.MinValue : double.MaxValue);
        foreach (var name in run.RequestsByName.Keys.Order(StringComparer.Ordinal))
        {
            var selector = colon < 0 ? $"{{{name}}}" : $"{{name:{name}}}";
            if (!ThresholdExpression.TryParse($"{metric.TrimEnd()}{selector}{rest}", out var own, out _)
                || own.Evaluate(run) is not { Observed: { } value, ObservedText: var seen }
                || (expression.IsUpperBound ? value <= observed : value >= observed))
                continue;
            (worst, observed) = ($"{name}: {seen}", value);
        }

        return worst;
    }
}
