using System.Globalization;
using Headroom.Measurements.Statistics;

namespace Headroom.Measurements.Comparison;

/// <summary>What to know of a comparison before trusting it.</summary>
internal static class ComparisonFindings
{
    /// <param name="result">Without findings.</param>
    /// <param name="failsMore">How many requests failed more, if so.</param>
    /// <param name="pairsForAll">Pairs that could decide every metric.</param>
    public static IReadOnlyList<Finding> Of(ComparisonResult result, string? failsMore, int pairsForAll)
    {
        var findings = new List<Finding>();
        var threshold = string.Create(CultureInfo.InvariantCulture, $"{100 * result.Threshold:0.##} %");
        if (failsMore is not null)
        {
            findings.Add(new Finding
            {
                Code = "more-errors",
                Severity = FindingSeverity.Critical,
                Summary = $"{result.After} fails more requests than {result.Before}: {failsMore}.",
                Remedy = "Make it answer first; what failed requests cost says nothing about those that do not fail.",
                Docs = "docs/findings/more-errors.md",
            });
        }

        var noisy = result.Metrics.Where(metric => metric is { Advisory: false, Control.Noisy: true }).ToList();
        if (noisy.Count > 0 && result.Pairs >= SignedRank.PairsMin(result.Alpha))
        {
            findings.Add(new Finding
            {
                Code = "control-noisy",
                Summary = result.Gates
                    ? $"The control is noisier than {threshold} in {Named(noisy)}: there the session decides nothing."
                    : $"The control is noisier than {threshold} in every metric: this session does not gate.",
                Evidence = [.. noisy.Select(metric => $"{Name(metric)}: {result.Before} against itself {Percent(metric.Control!.Interval?.Lower ?? metric.Control.Change)} to {Percent(metric.Control.Interval?.Upper ?? metric.Control.Change)}")],
                Remedy = "Quiet the machine, lengthen the runs (--duration) or take more pairs (--pairs); or ask for a larger threshold.",
                Docs = "docs/findings/control-noisy.md",
            });
        }

        if (result.Pairs < SignedRank.PairsMin(result.Alpha))
            findings.Add(TooFewPairs($"{result.Pairs} {(result.Pairs == 1 ? "pair of runs is" : "pairs of runs are")} described and not judged: {SignedRank.PairsMin(result.Alpha)} are the fewest that can decide anything.", "Measure more pairs; 10 are the usual number."));
        else if (result.Metrics.Any(metric => metric.Advisory) && result.Pairs < pairsForAll)
            findings.Add(TooFewPairs($"{result.Pairs} pairs decide {result.Metrics.Count(metric => !metric.Advisory)} of {result.Metrics.Count} comparisons; the others are shown as advice.", $"Take --pairs {pairsForAll} to let all of them decide."));
        AddWhatWasNotSeen(result, findings);
        return findings;
    }

    private static void AddWhatWasNotSeen(ComparisonResult result, List<Finding> findings)
    {
        if (!result.Metrics.Any(metric => metric.Metric == ComparedMetric.CpuPerRequest))
        {
            findings.Add(new Finding
            {
                Code = "cpu-not-seen",
                Summary = "CPU per request, the least noisy figure, is not known: the target's process was not seen, or the runs were too short for its clock of 10 ms.",
                Remedy = "Run the target on this machine, for two seconds or more in each run.",
                Docs = "docs/findings/cpu-not-seen.md",
            });
        }

        if (!result.Metrics.Any(metric => metric.Metric == ComparedMetric.AllocatedPerRequest))
        {
            findings.Add(new Finding
            {
                Code = "allocations-not-seen",
                Severity = FindingSeverity.Info,
                Summary = "Allocated bytes per request are not known: the target has no metrics endpoint that counts them.",
                Remedy = "Expose the runtime's metrics as Prometheus text and name the path with --metrics.",
                Docs = "docs/findings/allocations-not-seen.md",
            });
        }
    }

    private static Finding TooFewPairs(string summary, string remedy) => new()
    {
        Code = "too-few-pairs",
        Severity = FindingSeverity.Info,
        Summary = summary,
        Remedy = remedy,
        Docs = "docs/findings/too-few-pairs.md",
    };

    private static string Named(List<MetricComparison> metrics) => string.Join(", ", metrics.Select(Name));

    private static string Name(MetricComparison metric) => metric.Endpoint is null ? metric.Metric.Name() : $"{metric.Metric.Name()} of {metric.Endpoint}";

    private static string Percent(double fraction) => string.Create(CultureInfo.InvariantCulture, $"{100 * fraction:+0.#;-0.#;0} %");
}
