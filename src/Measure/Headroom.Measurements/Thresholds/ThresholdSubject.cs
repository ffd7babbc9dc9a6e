namespace Headroom.Measurements.Thresholds;

/// <summary>What a run showed of a metric, in the base unit; or why it shows nothing.</summary>
internal readonly record struct ThresholdFigure(double? Value, string? Missing)
{
    public static ThresholdFigure Of(double value) => new(value, null);

    public static ThresholdFigure None(string reason) => new(null, reason);
}

/// <summary>The figure that a threshold compares, whichever notation named it.</summary>
/// <param name="Metric">The metric's name.</param>
/// <param name="Units">The units that its value may have.</param>
/// <param name="Read">Reads it from a run.</param>
internal sealed record ThresholdSubject(string Metric, ThresholdUnits Units, Func<RunFile, ThresholdFigure> Read)
{
    /// <summary>The part of the requests that it is about; null for all.</summary>
    public ThresholdSelector? Selector { get; init; }

    /// <summary>Of the latency of requests: which figure of it, because the generator's own lag is read the same way. Null of everything else.</summary>
    public LatencyAggregation? Latency { get; init; }

    /// <summary>The aggregation as k6 writes it, <c>p(95)</c> or <c>rate</c>; null in Headroom's notation.</summary>
    public string? K6Aggregation { get; init; }
}
