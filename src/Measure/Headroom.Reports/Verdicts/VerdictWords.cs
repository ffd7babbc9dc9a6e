using System.Globalization;
using Headroom.Measurements.Comparison;
using Headroom.Reports.Figures;

namespace Headroom.Reports.Verdicts;

/// <summary>A comparison in words and figures, the same on the console, in Markdown and on the page.</summary>
internal static class VerdictWords
{
    public static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Worse => "worse",
        Verdict.Better => "better",
        Verdict.Same => "same",
        _ => "cannot tell",
    };

    public static string Label(ComparedMetric metric) => metric switch
    {
        ComparedMetric.CpuPerRequest => "CPU/request",
        ComparedMetric.AllocatedPerRequest => "allocated/request",
        ComparedMetric.Throughput => "requests/s",
        ComparedMetric.P50 => "p50",
        _ => "p99",
    };

    public static string Label(MetricComparison metric) => metric.Endpoint is null ? Label(metric.Metric) : $"{metric.Endpoint} {Label(metric.Metric)}";

    public static string Value(ComparedMetric metric, double value) => metric switch
    {
        ComparedMetric.CpuPerRequest => Figure.Microseconds(value),
        ComparedMetric.AllocatedPerRequest => Figure.Bytes(value),
        ComparedMetric.Throughput => Figure.Number(value),
        _ => Figure.Milliseconds(value),
    };

    /// <summary>+9.8 %, −0.4 %, +210 %; beyond a doubling or a halving that reads badly, and 8.2× is written beside it where there is room.</summary>
    public static string Change(double fraction)
    {
        var percent = 100 * fraction;
        var size = Math.Abs(percent);
        var text = size switch
        {
            < 0.05 => "0.0",
            < 99.5 => size.ToString("0.0", CultureInfo.InvariantCulture),
            _ => size.ToString("#,##0", CultureInfo.InvariantCulture),
        };
        return $"{(text == "0.0" ? "±" : percent > 0 ? "+" : "−")}{text} %";
    }

    public static string Interval(ChangeInterval? interval) => interval is null ? Figure.Unknown : $"{Change(interval.Lower)} … {Change(interval.Upper)}";

    public static string Percent(double fraction) => (100 * fraction).ToString("0.##", CultureInfo.InvariantCulture) + " %";

    /// <summary>The smallest change for the worse that would have been seen, as a change of the metric itself.</summary>
    public static string Visible(MetricComparison metric) => metric.SmallestVisible is not { } cost ? Figure.Unknown
        : Change(metric.Metric == ComparedMetric.Throughput ? (1 / (1 + cost)) - 1 : cost);

    /// <summary>What else would let a verdict fall; empty when one has.</summary>
    public static string More(MetricComparison metric, double threshold) => metric switch
    {
        { Verdict: not Verdict.CannotTell } => "",
        { Control.Noisy: true } => "control too noisy",
        { PairsToTell: { } pairs } when pairs > metric.Pairs => $"{Figure.Count(pairs - metric.Pairs)} more {(pairs - metric.Pairs == 1 ? "pair" : "pairs")}",
        { PairsToTell: not null } => "",
        { Control.AfterChange: { } besideControl } when IsBeyond(metric.Change, threshold) && !IsBeyond(besideControl, threshold) => "another session",
        _ => "longer runs",
    };

    /// <summary>As factors: −9.1 % is as far from nothing as +10 %.</summary>
    private static bool IsBeyond(double change, double threshold) => Math.Abs(Math.Log(1 + change)) > Math.Log(1 + threshold);

    /// <summary>The answer in one sentence.</summary>
    public static string Headline(ComparisonResult result)
    {
        var deciding = result.Metrics.Where(metric => !metric.Advisory).ToList();
        if (result.Findings.Any(finding => finding.Code == "more-errors"))
            return $"worse: {result.After} fails more requests";
        if (Listed(deciding, Verdict.Worse) is { } worse && result.Worse)
            return $"worse: {worse}";
        if (deciding.Count == 0)
            return $"described, not judged: {result.Pairs} {(result.Pairs == 1 ? "pair" : "pairs")} of runs";
        if (!result.Gates)
            return "no verdict: the control is noisier than the threshold";
        if (Listed(deciding, Verdict.Better) is { } better)
            return $"better: {better}";
        return deciding.TrueForAll(metric => metric.Verdict == Verdict.Same)
            ? $"same: nothing changed by {Percent(result.Threshold)} or more"
            : Listed(deciding, Verdict.Same, changes: false) is { } same ? $"same in {same}; cannot tell in the rest" : "cannot tell";
    }

    /// <summary>What the figures rest on.</summary>
    public static string Basis(ComparisonResult result) =>
        $"{result.Pairs} {(result.Pairs == 1 ? "pair" : "pairs")} of runs, {(result.HasControl ? $"{result.Before} against itself as control" : "no control")}; changes below {Percent(result.Threshold)} do not matter";

    private static string? Listed(IEnumerable<MetricComparison> metrics, Verdict verdict, bool changes = true)
    {
        var listed = metrics.Where(metric => metric.Verdict == verdict).Take(3).Select(metric => changes ? $"{Label(metric)} {Change(metric.Change)}" : Label(metric)).ToArray();
        return listed.Length == 0 ? null : string.Join(", ", listed);
    }
}
