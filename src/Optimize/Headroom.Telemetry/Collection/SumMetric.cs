using Headroom.Telemetry.Prometheus;

namespace Headroom.Telemetry.Collection;

/// <summary>Counters and up-down counters that are added to.</summary>
internal sealed class SumMetric : Metric, ISeriesFactory<StripedSum>
{
    readonly SeriesTable<StripedSum> table;
    readonly bool monotonic;

    public SumMetric(InstrumentDescription description, TableLimits limits)
        : base(description)
    {
        monotonic = description.Kind == MetricKind.Counter;
        table = new SeriesTable<StripedSum>(this, limits, description.FixedTags);
    }

    public override long Overflowed => table.Overflowed.Whole;

    public SeriesTable<StripedSum>.Row[] Rows() => table.Rows();

    /// <summary>The sum of all series.</summary>
    public double Total()
    {
        var total = 0.0;
        foreach (var row in Rows())
            total += row.Series.Whole + row.Series.Fraction;
        return total;
    }

    public override bool Record(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (value < 0 && monotonic)
            return false;
        table.Find(tags).Add(value);
        return true;
    }

    public override bool Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!double.IsFinite(value) || (value < 0 && monotonic))
            return false;
        table.Find(tags).Add(value);
        return true;
    }

    StripedSum ISeriesFactory<StripedSum>.Create(string labels, ReadOnlySpan<KeyValuePair<string, object?>> tags) => new();
}
