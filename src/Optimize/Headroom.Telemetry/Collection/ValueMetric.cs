using Headroom.Telemetry.Prometheus;

namespace Headroom.Telemetry.Collection;

/// <summary>One value that is replaced.</summary>
internal sealed class ValueSeries
{
    /// <summary>The collection in which an observable instrument last reported it.</summary>
    public int Collection;

    double value;

    public double Value
    {
        get => Volatile.Read(ref value);
        set => Volatile.Write(ref this.value, value);
    }
}

/// <summary>
/// Gauges, and observable instruments of every kind, which report absolute values. A series that an observable instrument no longer reports is
/// forgotten, so that values of things that are gone neither linger nor use up the limit.
/// </summary>
internal sealed class ValueMetric : Metric, ISeriesFactory<ValueSeries>
{
    readonly SeriesTable<ValueSeries> table;
    readonly bool additive;
    int collection;

    public ValueMetric(InstrumentDescription description, TableLimits limits)
        : base(description)
    {
        additive = description.Kind != MetricKind.Gauge;
        table = new SeriesTable<ValueSeries>(this, limits, histogram: false, description.FixedTags);
    }

    public override long Overflowed => table.Overflowed.Whole;

    public SeriesTable<ValueSeries>.Row[] Rows() => table.Rows();

    /// <summary>Before the callbacks of observable instruments are run.</summary>
    public void BeginCollection() => collection++;

    /// <summary>After they have run.</summary>
    public void EndCollection()
    {
        foreach (var row in table.Rows())
        {
            if (row.Series.Collection == collection)
                continue;
            table.Remove(series => series.Collection != collection);
            return;
        }
    }

    public override bool Record(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => Record((double)value, tags);

    public override bool Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var series = table.Find(tags);
        if (!Description.Observable)
        {
            series.Value = value;
            return true;
        }

        // Reported more than once in one collection: by two instruments of one identity, or tags beyond the limit that all go to the overflow series.
        var again = series.Collection == collection;
        series.Value = again && additive ? series.Value + value : value;
        series.Collection = collection;
        return true;
    }

    ValueSeries ISeriesFactory<ValueSeries>.Create(string labels, ReadOnlySpan<KeyValuePair<string, object?>> tags) => new() { Collection = collection - 1 };
}
