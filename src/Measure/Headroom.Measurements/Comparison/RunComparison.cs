using System.Globalization;
using Headroom.Measurements.Statistics;

namespace Headroom.Measurements.Comparison;

/// <summary>
/// Judges pairs of runs: paired log-ratios per metric → Hodges–Lehmann effect with its exact signed-rank interval → Holm over the metrics that so many pairs can decide → the control →
/// one verdict a metric. docs/compare.md tells what each step is for, docs/decisions/comparison.md why.
/// </summary>
public static class RunComparison
{
    /// <summary>The smallest change that can be asked for: below it the clock of the CPU accounting decides.</summary>
    public const double ThresholdMin = 0.001;

    public const double ThresholdMax = 10;

    /// <summary>A share of failed requests below this is told and fails nothing by itself.</summary>
    private const double ErrorRateMin = 0.01;

    private sealed record Subject(ComparedMetric Metric, string? Endpoint);

    /// <summary>Compares the sides of at least one pair.</summary>
    /// <exception cref="ArgumentException">There is no pair, more than <see cref="SignedRank.PairsMax"/>, or an option is out of its bounds.</exception>
    /// <exception cref="ComparisonException">The runs are of different plans or machines.</exception>
    public static ComparisonResult Compare(IReadOnlyList<RunPair> pairs, ComparisonOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        options ??= new ComparisonOptions();
        if (pairs.Count is 0 or > SignedRank.PairsMax)
            throw new ArgumentException($"There are {pairs.Count} pairs; 1 to {SignedRank.PairsMax} can be compared.", nameof(pairs));
        if (!(options.Threshold is >= ThresholdMin and <= ThresholdMax))
            throw new ArgumentException($"The threshold is {options.Threshold}; it is from {ThresholdMin} to {ThresholdMax}.", nameof(options));
        if (!(options.Alpha is > 0 and <= 0.5))
            throw new ArgumentException($"Alpha is {options.Alpha}; it is above 0 and at most 0.5.", nameof(options));
        RunComparability.Require([.. pairs.SelectMany(pair => new[] { pair.Before, pair.After })]);

        // 1. What there is to compare, in groups by noise; and which groups so many pairs can decide.
        var groups = Groups(pairs).Select(group => group.Select(subject => MetricPairs.Of(subject.Metric, subject.Endpoint, pairs)).OfType<MetricPairs>().ToList()).Where(group => group.Count > 0).ToList();
        //    A figure that some pairs or the control of one lack (CPU below the clock's tick) decides nothing, and keeps no other from it.
        var hasControl = pairs.All(pair => pair.Control is not null);
        var complete = groups.ConvertAll(group => group.FindAll(measured => measured.Costs.Length == pairs.Count && (measured.Control is not null || !hasControl))).FindAll(group => group.Count > 0);
        var sizes = complete.ConvertAll(group => group.Count);
        var decided = ComparisonFamily.GroupsDecided(sizes, pairs.Count, options.Alpha);
        var family = complete.Take(decided).SelectMany(group => group).Where(measured => !HasTooFewRequests(measured, pairs)).ToList();

        // 2. Each test by itself, then all together.
        var adjusted = HolmCorrection.Adjust([.. family.Select(measured => measured.PValue)]);
        var pairsForAll = ComparisonFamily.PairsForAll(sizes, options.Alpha);
        var metrics = groups.SelectMany(group => group)
            .Select(measured => measured.Judge(family.IndexOf(measured) is >= 0 and var i ? adjusted[i] : null, family.Count, pairsForAll, options)).ToList();

        // 3. The whole.
        var gates = metrics.Exists(metric => MayDecide(metric));
        var failsMore = FailsMore(pairs);
        var result = new ComparisonResult
        {
            Before = options.Before,
            After = options.After,
            Pairs = pairs.Count,
            Threshold = options.Threshold,
            Alpha = options.Alpha,
            HasControl = hasControl,
            Metrics = [.. metrics.OrderBy(metric => metric.Advisory)],
            Gates = gates,
            Worse = failsMore is not null || (gates && metrics.Exists(metric => MayDecide(metric) && metric.Verdict == Verdict.Worse)),
        };
        return result with { Findings = ComparisonFindings.Of(result, failsMore, pairsForAll) };
    }

    internal static bool MayDecide(MetricComparison metric) => !metric.Advisory && metric.Interval is not null && metric.Control is not { Noisy: true };

    /// <summary>The least noisy first. Endpoints of a run with one name would say everything twice.</summary>
    private static IEnumerable<IReadOnlyList<Subject>> Groups(IReadOnlyList<RunPair> pairs)
    {
        var endpoints = pairs[0].Before.RequestsByName.Keys.Where(name => pairs.All(pair => pair.After.RequestsByName.ContainsKey(name))).ToList();
        if (endpoints.Count < 2)
            endpoints.Clear();
        yield return [new(ComparedMetric.CpuPerRequest, null)];
        yield return [new(ComparedMetric.AllocatedPerRequest, null)];
        yield return [new(ComparedMetric.P50, null)];
        yield return [new(ComparedMetric.Throughput, null)];
        yield return endpoints.ConvertAll(name => new Subject(ComparedMetric.CpuPerRequest, name));
        yield return endpoints.ConvertAll(name => new Subject(ComparedMetric.P50, name));
        yield return [new(ComparedMetric.P99, null)];
        yield return endpoints.ConvertAll(name => new Subject(ComparedMetric.P99, name));
    }

    private static bool HasTooFewRequests(MetricPairs subject, IReadOnlyList<RunPair> pairs) =>
        subject.Metric == ComparedMetric.P99 && pairs.Any(pair => Requests(pair.Before, subject) < LatencySummary.RequestsForP99 || Requests(pair.After, subject) < LatencySummary.RequestsForP99);

    private static long Requests(RunFile run, MetricPairs subject) => (subject.Endpoint is null ? run.Summary : run.RequestsByName[subject.Endpoint]).Requests;

    /// <summary>What a quick error does to latency must not read as a gain. Null when the second side fails no more than the first.</summary>
    private static string? FailsMore(IReadOnlyList<RunPair> pairs)
    {
        var (before, after) = (ErrorRate(pairs.Select(pair => pair.Before)), ErrorRate(pairs.Select(pair => pair.After)));
        return after >= ErrorRateMin && after > 2 * before
            ? string.Create(CultureInfo.InvariantCulture, $"{100 * after:0.##} % of the requests failed, {100 * before:0.##} % before")
            : null;
    }

    private static double ErrorRate(IEnumerable<RunFile> runs)
    {
        var (requests, errors) = runs.Aggregate((Requests: 0L, Errors: 0L), (sum, run) => (sum.Requests + run.Summary.Requests, sum.Errors + run.Summary.Errors));
        return requests > 0 ? (double)errors / requests : 0;
    }
}
