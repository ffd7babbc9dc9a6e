namespace ReferenceApi.HealthData;

/// <summary>Readings of one metric, newest first, with a summary of all that the filter takes, not only of those returned.</summary>
internal sealed record MetricData(string Metric, string Unit, MetricSummary Summary, IReadOnlyList<MetricReading> Points, string? Next);

internal sealed record MetricSummary
{
    public long Count { get; init; }

    /// <summary>Null without readings, as are the next two.</summary>
    public double? Min { get; init; }

    public double? Max { get; init; }

    public double? Mean { get; init; }
}

internal sealed record MetricReading
{
    public long Id { get; init; }

    public DateTimeOffset RecordedAt { get; init; }

    public double Value { get; init; }

    public string Source { get; init; } = "";
}

internal sealed record ExportedPoint
{
    public long Id { get; init; }

    public string Metric { get; init; } = "";

    public string Source { get; init; } = "";

    public DateTimeOffset RecordedAt { get; init; }

    public double Value { get; init; }
}

/// <summary>A point that a client sends in.</summary>
internal sealed record NewPoint(string Metric, string Source, DateTimeOffset RecordedAt, double Value);

internal sealed record Ingested(int Accepted);
