namespace ReferenceApi.Insight;

/// <summary>What the assistants did, at a glance.</summary>
internal sealed record Overview(TokenTotals Tokens, RunStatistics Runs, IReadOnlyList<ExpertStatistics> Experts, ReportStatistics Reports);

internal sealed record TokenTotals(long Input, long Output, long Total, IReadOnlyList<ModelTokens> ByModel);

internal sealed record ModelTokens
{
    public string Model { get; init; } = "";

    public long Runs { get; init; }

    public long Input { get; init; }

    public long Output { get; init; }
}

internal sealed record RunStatistics(
    long Total, long Succeeded, long Failed, long Cancelled, double SuccessRate, RunDurations DurationMs, IReadOnlyList<RunsOfDay> PerDay);

internal sealed record RunDurations(double Mean, long P50, long P95, long Max);

internal sealed record RunsOfDay(DateOnly Day, long Runs, long Failed);

internal sealed record ExpertStatistics
{
    public long Id { get; init; }

    public string Name { get; init; } = "";

    public string Domain { get; init; } = "";

    public string Model { get; init; } = "";

    public long Runs { get; init; }

    public long Succeeded { get; init; }

    public long Tokens { get; init; }

    public double MeanDurationMs { get; init; }
}

internal sealed record ReportStatistics(long Total, IReadOnlyDictionary<string, long> ByKind, IReadOnlyList<Report> Latest);

internal sealed record Report
{
    public long Id { get; init; }

    public string Kind { get; init; } = "";

    public string Title { get; init; } = "";

    public string Summary { get; init; } = "";

    public string Expert { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }
}
