using System.Globalization;
using System.Runtime.InteropServices;
using Headroom.Measurements.RunFiles;

namespace Headroom.Measurements.Thresholds;

internal enum LatencyAggregationKind
{
    Percentile,
    Min,
    Max,
    Mean,
}

/// <summary>How many durations become one figure.</summary>
/// <param name="Kind">Which figure.</param>
/// <param name="Percentile">0 to 100; of <see cref="LatencyAggregationKind.Percentile"/>.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LatencyAggregation(LatencyAggregationKind Kind, double Percentile = 0)
{
    public static readonly LatencyAggregation Min = new(LatencyAggregationKind.Min);
    public static readonly LatencyAggregation Max = new(LatencyAggregationKind.Max);
    public static readonly LatencyAggregation Mean = new(LatencyAggregationKind.Mean);

    public static LatencyAggregation At(double percentile) => new(LatencyAggregationKind.Percentile, percentile);

    /// <summary>The figure in milliseconds: from the summary where it is one of its own, else from the histogram; or why there is none.</summary>
    public ThresholdFigure Of(LatencySummary summary, string? histogram) => Kind switch
    {
        LatencyAggregationKind.Min => ThresholdFigure.Of(summary.Min),
        LatencyAggregationKind.Max => ThresholdFigure.Of(summary.Max),
        LatencyAggregationKind.Mean => ThresholdFigure.Of(summary.Mean),
        _ => AtPercentile(summary) is { } known ? ThresholdFigure.Of(known) : FromHistogram(summary, histogram),
    };

    public override string ToString() => Kind switch
    {
        LatencyAggregationKind.Percentile => "p" + Percentile.ToString(CultureInfo.InvariantCulture),
        var kind => kind.ToString().ToLowerInvariant(),
    };

    private double? AtPercentile(LatencySummary summary) => Percentile switch
    {
        0 => summary.Min,
        50 => summary.P50,
        75 => summary.P75,
        90 => summary.P90,
        95 => summary.P95,
        99 => summary.P99,
        99.9 => summary.P999,
        100 => summary.Max,
        _ => null,
    };

    private ThresholdFigure FromHistogram(LatencySummary summary, string? histogram)
    {
        if (histogram is null)
            return ThresholdFigure.None($"the run has no histogram to read {this} from; known without one: p50, p75, p90, p95, p99, p99.9");

        try
        {
            return ThresholdFigure.Of(EncodedHistogram.Decode(histogram, summary, "the run", "the histogram").ValueAtPercentile(Percentile) / 1e6);
        }
        catch (RunFileException e)
        {
            return ThresholdFigure.None($"{this} cannot be read: {e.Message}");
        }
    }
}
