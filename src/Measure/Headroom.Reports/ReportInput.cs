using Headroom.Measurements;
using Headroom.Measurements.Comparison;

namespace Headroom.Reports;

/// <summary>What a report is made of.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Runs">One run, or two and more to compare: the first is what the others are measured against, the last is the one that the report is about.</param>
public sealed record ReportInput(string Title, IReadOnlyList<LabeledRun> Runs)
{
    /// <summary>When the report was made; the end of the last run unless set.</summary>
    public DateTimeOffset? GeneratedAt { get; init; }

    /// <summary>What a comparison of repeated runs came to; the runs are then those of each side, merged.</summary>
    public ComparisonResult? Comparison { get; init; }

    /// <summary>What switches are worth; the runs are then those of all off and all on, merged.</summary>
    public AblationResult? Ablation { get; init; }

    /// <summary>Histories of runs; the run is then the latest of them.</summary>
    public IReadOnlyList<RunTrend>? Trends { get; init; }
}

/// <summary>A run and what to call it beside others: <c>plain</c>, <c>tuned</c>.</summary>
public sealed record LabeledRun(string Label, RunFile Run)
{
    /// <summary>The run's warnings, each saying whose it is.</summary>
    internal IEnumerable<Finding> LabeledWarnings() => Run.Warnings.Select(finding => finding with { Summary = $"{Label}: {finding.Summary}" });
}
