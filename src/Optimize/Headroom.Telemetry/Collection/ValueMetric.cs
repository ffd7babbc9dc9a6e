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
    bool madeRoom;

    public ValueMetric(InstrumentDescription description, TableLimits limits)
        : base(description)
    {
        additive = description.Kind != MetricKind.Gauge;
        table = new SeriesTable<ValueSeries>(this, limits, description.FixedTags);
    }

    public override long Overflowed => table.Overflowed.Whole;

    public SeriesTable<ValueSeries>.Row[] Rows() => table.Rows();

    /// <summary>Before the callbacks of observable instruments are run.</summary>
    public void BeginCollection()
    {
        collection++;
        madeRoom = false;
    }

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
        var series = Description.Observable ? FindWithRoom(tags) : table.Find(tags);
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

    // What this collection has not reported yet may be gone; if it is not, it comes back with its value. So before anything overflows, it makes room, once.
    ValueSeries FindWithRoom(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!madeRoom && table.IsFull)
        {
            madeRoom = true;
            table.Remove(series => series.Collection != collection);
        }

        return table.Find(tags);
    }

    ValueSeries ISeriesFactory<ValueSeries>.Create(string labels, ReadOnlySpan<KeyValuePair<string, object?>> tags) => new() { Collection = collection - 1 };
}
