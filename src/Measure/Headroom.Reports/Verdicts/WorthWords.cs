using System.Globalization;
using Headroom.Measurements.Comparison;
using Headroom.Reports.Figures;

namespace Headroom.Reports.Verdicts;

/// <summary>What switches are worth, in words: the same on the console, in Markdown and on the page.</summary>
internal static class WorthWords
{
    /// <summary>The answer in a few sentences: what all together gain, what is worth most, what costs, what shows nothing.</summary>
    public static IReadOnlyList<string> Summary(AblationResult result)
    {
        var label = VerdictWords.Label(result.OrderedBy);
        var sentences = new List<string>();
        if (Of(result.All, result.OrderedBy) is { } all)
            sentences.Add($"All {result.Switches.Count} switches together: {label} {Times(all)}, from {VerdictWords.Value(all.Metric, all.BeforeMedian)} to {VerdictWords.Value(all.Metric, all.AfterMedian)}.");
        foreach (var worth in result.Switches.Where(worth => Counts(worth, result.OrderedBy, Verdict.Better)).Take(3))
            sentences.Add($"{worth.Name}: {Both(worth, result.OrderedBy)}.");
        if (Names(result, Verdict.Worse) is { Length: > 0 } costs)
            sentences.Add($"Costs more {label} than it saves: {costs}.");
        if (Nothing(result) is { Length: > 0 } nothing)
            sentences.Add($"No effect of {VerdictWords.Percent(result.Threshold)} or more, alone or with the others: {nothing}.");
        return sentences;
    }

    /// <summary>3.21× less, 1.08× more.</summary>
    public static string Times(MetricComparison metric) => metric.Change switch
    {
        <= -1 => "all gone",
        < 0 => $"{Figure.Times(1 / (1 + metric.Change))} less",
        _ => $"{Figure.Times(1 + metric.Change)} more",
    };

    public static MetricComparison? Of(IEnumerable<MetricComparison> metrics, ComparedMetric metric) => metrics.FirstOrDefault(found => found.Metric == metric);

    /// <summary>The metrics that any switch has.</summary>
    public static IReadOnlyList<ComparedMetric> Metrics(AblationResult result) =>
        [.. Enum.GetValues<ComparedMetric>().OrderBy(metric => metric == result.OrderedBy ? -1 : (int)metric).Where(metric => result.Switches.Any(worth => Of(worth.Alone, metric) is not null))];

    public static string Basis(AblationResult result) => string.Create(
        CultureInfo.InvariantCulture, $"{result.Blocks} blocks, each with one run of every variant in random order; a change is what turning the switch on changes");

    private static string Both(SwitchWorth worth, ComparedMetric metric)
    {
        var (alone, last) = (Of(worth.Alone, metric), Of(worth.Last, metric));
        return $"{(alone is null ? "not known" : VerdictWords.Change(alone.Change))} alone, {(last is null ? "not known" : VerdictWords.Change(last.Change))} on top of the others";
    }

    private static bool Counts(SwitchWorth worth, ComparedMetric metric, Verdict verdict) => Of(worth.Alone, metric)?.Verdict == verdict || Of(worth.Last, metric)?.Verdict == verdict;

    private static string Names(AblationResult result, Verdict verdict) =>
        string.Join(", ", result.Switches.Where(worth => Counts(worth, result.OrderedBy, verdict) && !Counts(worth, result.OrderedBy, Verdict.Better)).Select(worth => worth.Name));

    private static string Nothing(AblationResult result) =>
        string.Join(", ", result.Switches.Where(worth => Of(worth.Alone, result.OrderedBy)?.Verdict == Verdict.Same && Of(worth.Last, result.OrderedBy)?.Verdict == Verdict.Same).Select(worth => worth.Name));
}
