using Headroom.Measurements;

namespace Headroom.Load;

/// <summary>Times of requests. All are zero when none has one.</summary>
public sealed class LatencyFigures
{
    private readonly LatencySummary _summary;
    private readonly string? _encoded;
    private LatencyHistogram? _histogram;

    internal LatencyFigures(LatencySummary summary, string? encoded)
    {
        _summary = summary;
        _encoded = encoded;
    }

    public TimeSpan Min => Time(_summary.Min);

    /// <summary>Half of the requests took at most this.</summary>
    public TimeSpan P50 => Time(_summary.P50);

    public TimeSpan P75 => Time(_summary.P75);

    public TimeSpan P90 => Time(_summary.P90);

    public TimeSpan P95 => Time(_summary.P95);

    public TimeSpan P99 => Time(_summary.P99);

    /// <summary>99.9 %.</summary>
    public TimeSpan P999 => Time(_summary.P999);

    public TimeSpan Max => Time(_summary.Max);

    public TimeSpan Mean => Time(_summary.Mean);

    /// <summary>Any other percentile, with 3 significant digits, from the run's histogram.</summary>
    /// <param name="percentile">0 to 100.</param>
    /// <exception cref="InvalidOperationException">The run file has no histogram of these times.</exception>
    public TimeSpan Percentile(double percentile)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(percentile);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percentile, 100);
        _histogram ??= LatencyHistogram.Decode(_encoded ?? throw new InvalidOperationException("The run file has no histogram of these times; P50 to P999 are there."));
        // The encoded histogram knows the extremes only as buckets; the summary has them exactly, and its percentiles stay within them.
        return Time(Math.Clamp(_histogram.ValueAtPercentile(percentile) / 1e6, _summary.Min, _summary.Max));
    }

    private static TimeSpan Time(double ms) => TimeSpan.FromMilliseconds(ms);
}
