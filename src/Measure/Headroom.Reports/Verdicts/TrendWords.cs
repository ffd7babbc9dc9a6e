using System.Globalization;
using Headroom.Measurements.Comparison;
using Headroom.Reports.Figures;

namespace Headroom.Reports.Verdicts;

/// <summary>A history in words.</summary>
internal static class TrendWords
{
    private const string Caution = "Advice, not a verdict: runs of different days have no pair beside them, so a change may be the machine's. headroom compare --run tells.";

    /// <summary>What no history says by itself, and which are too short to say anything.</summary>
    public static string Advice(IReadOnlyList<RunTrend> trends)
    {
        var brief = trends.Count(trend => trend.Points.Count < RunTrends.RunsMin);
        var which = trends.Count == 1 ? "this history has" : brief == trends.Count ? "all of these histories have" : $"{brief} of these {trends.Count} histories {(brief == 1 ? "has" : "have")}";
        return brief == 0 ? Caution : $"{Caution} A change takes {RunTrends.RunsMin} runs to be told, half of them on each side: {which} fewer.";
    }

    /// <summary>The plan's name; with its digest where another history's plan is called the same.</summary>
    public static string Title(RunTrend trend, IReadOnlyList<RunTrend> trends) =>
        trend.Digest is { } digest && trends.Any(other => other.Plan == trend.Plan && other.Digest != digest) ? $"{trend.Plan} (plan {digest[..Math.Min(12, digest.Length)]})" : trend.Plan;

    /// <summary>p50 +23.0 % (2.61 ms to 3.21 ms) with run-17, 3 Nov 2026, 10:12 UTC; 1 in 2,000 by chance.</summary>
    public static string Sentence(RunTrend trend, TrendSeries series, TrendChange change) => string.Create(
        CultureInfo.InvariantCulture,
        $"{VerdictWords.Label(series.Metric)} {VerdictWords.Change(change.Change)} ({VerdictWords.Value(series.Metric, change.Before)} to {VerdictWords.Value(series.Metric, change.After)}) with {trend.Points[change.Index].Name}, {Figure.Instant(trend.Points[change.Index].StartedAt)}; 1 in {Figure.Count(1 / change.PValue)} by chance");

    public static IEnumerable<string> Sentences(IReadOnlyList<RunTrend> trends) =>
        trends.SelectMany(trend => trend.Series.SelectMany(series => series.Changes.Select(change => Sentence(trend, series, change))));

    public static string Headline(IReadOnlyList<RunTrend> trends)
    {
        var changes = trends.SelectMany(trend => trend.Series.SelectMany(series => series.Changes)).ToList();
        if (changes.Count == 0)
            return "No change of level";
        var worse = changes.Count(change => change.Worse);
        return $"{changes.Count} {(changes.Count == 1 ? "change" : "changes")} of level, {worse} for the worse";
    }
}
