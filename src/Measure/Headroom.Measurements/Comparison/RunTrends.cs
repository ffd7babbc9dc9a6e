using Headroom.Measurements.Statistics;

namespace Headroom.Measurements.Comparison;

/// <summary>
/// The history of runs: for every plan and machine, each metric over time, and where it changed its level for good (<see cref="ChangePoints"/> on its logarithms). Advisory: runs of different days
/// have no pair beside them, so a change may be the machine's.
/// </summary>
public static class RunTrends
{
    /// <summary>Of shorter histories no split is rarer than chance allows (1 of 100 shuffled ones): a change takes so many runs to be told, half of them on each side.</summary>
    public const int RunsMin = 10;

    private static readonly ComparedMetric[] Metrics = [ComparedMetric.CpuPerRequest, ComparedMetric.AllocatedPerRequest, ComparedMetric.P50, ComparedMetric.Throughput, ComparedMetric.P99];

    /// <summary>Histories of the runs, those with the most runs first.</summary>
    /// <param name="runs">What each is called, and the run; in any order.</param>
    /// <param name="seed">Of the permutations.</param>
    /// <param name="threshold">Changes below it are not told: a fraction, at least 0.</param>
    public static IReadOnlyList<RunTrend> Of(IReadOnlyList<(string Name, RunFile Run)> runs, int seed, double threshold = ComparisonOptions.DefaultThreshold)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentOutOfRangeException.ThrowIfNegative(threshold);
        return
        [
            .. runs.GroupBy(named => RunComparability.Key(named.Run), StringComparer.Ordinal)
                .Select(group => Trend([.. group.OrderBy(named => named.Run.StartedAt).ThenBy(named => named.Name, StringComparer.Ordinal)], seed, threshold))
                .OrderByDescending(trend => trend.Points.Count).ThenBy(trend => trend.Plan, StringComparer.Ordinal),
        ];
    }

    private static RunTrend Trend(IReadOnlyList<(string Name, RunFile Run)> runs, int seed, double threshold)
    {
        var last = runs[^1].Run;
        return new RunTrend
        {
            Plan = last.Plan.Name,
            Digest = last.Plan.Digest,
            Machine = $"{last.Environment.Processor ?? last.Environment.Architecture}, {last.Environment.ProcessorCount} processors, {last.Environment.OperatingSystem}",
            Points = [.. runs.Select(named => new TrendPoint(named.Name, named.Run.StartedAt))],
            Series = [.. Metrics.Select(metric => Series(metric, runs, seed, threshold)).OfType<TrendSeries>()],
        };
    }

    /// <summary>Null where no run has the figure.</summary>
    private static TrendSeries? Series(ComparedMetric metric, IReadOnlyList<(string Name, RunFile Run)> runs, int seed, double threshold)
    {
        var values = runs.Select(named => metric.Of(named.Run, endpoint: null)).ToArray();
        var known = Enumerable.Range(0, values.Length).Where(i => values[i] is not null).ToArray();
        if (known.Length == 0)
            return null;
        var found = ChangePoints.Find([.. known.Select(i => Math.Log(values[i]!.Value))], seed);

        // A level goes from one change to the next, and has the median of its runs.
        int[] starts = [0, .. found.Select(change => change.Index), known.Length];
        var levels = starts.Zip(starts.Skip(1), (from, to) => Median.Of(known[from..to].Select(i => values[i]!.Value))).ToArray();
        var changes = found.Select((change, i) => new TrendChange
        {
            Index = known[change.Index],
            Before = levels[i],
            After = levels[i + 1],
            Change = (levels[i + 1] / levels[i]) - 1,
            PValue = change.PValue,
            Worse = metric.CostSign() * (levels[i + 1] - levels[i]) > 0,
        });
        return new TrendSeries { Metric = metric, Values = values, Changes = [.. changes.Where(change => Math.Abs(Math.Log(1 + change.Change)) >= Math.Log(1 + threshold))] };
    }
}

/// <summary>The runs of one plan on one machine, oldest first.</summary>
public sealed record RunTrend
{
    public required string Plan { get; init; }

    public string? Digest { get; init; }

    public required string Machine { get; init; }

    public required IReadOnlyList<TrendPoint> Points { get; init; }

    public required IReadOnlyList<TrendSeries> Series { get; init; }
}

/// <summary>A run of a history.</summary>
public sealed record TrendPoint(string Name, DateTimeOffset StartedAt);

/// <summary>One metric over the runs.</summary>
public sealed record TrendSeries
{
    public required ComparedMetric Metric { get; init; }

    /// <summary>Of each run, in the metric's unit; null where it does not have the figure.</summary>
    public required IReadOnlyList<double?> Values { get; init; }

    /// <summary>In the order of time.</summary>
    public required IReadOnlyList<TrendChange> Changes { get; init; }
}

/// <summary>A change of level.</summary>
public sealed record TrendChange
{
    /// <summary>The first run of the new level, counted from 0.</summary>
    public required int Index { get; init; }

    /// <summary>Median of the level before.</summary>
    public required double Before { get; init; }

    /// <summary>Median of the level that begins.</summary>
    public required double After { get; init; }

    /// <summary>After over before, less 1.</summary>
    public required double Change { get; init; }

    /// <summary>Share of shuffled histories with a split as good.</summary>
    public required double PValue { get; init; }

    public required bool Worse { get; init; }
}
