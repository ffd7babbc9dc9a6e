namespace Headroom.Telemetry.Collection;

/// <summary>
/// Histograms. For those that the summary speaks of, a finer <see cref="LogLinearHistogram"/> over all series is kept beside the buckets, and the
/// measurements whose tag <c>http.response.status_code</c> is 500 or more are counted, also those in the overflow series.
/// </summary>
internal sealed class HistogramMetric : Metric, ISeriesFactory<HistogramSeries>
{
    const string StatusTag = "http.response.status_code";

    readonly SeriesTable<HistogramSeries> table;
    readonly BucketBounds bounds;
    readonly StripedSum? overflowedErrors;
    readonly ExemplarSampler? exemplars;

    public HistogramMetric(InstrumentDescription description, TableLimits limits, double[] boundaries, bool summarized, ExemplarSampler? exemplars = null)
        : base(description)
    {
        Boundaries = boundaries;
        bounds = new BucketBounds(boundaries);
        this.exemplars = exemplars;
        table = new SeriesTable<HistogramSeries>(this, limits, description.FixedTags);
        if (summarized)
        {
            Fine = new LogLinearHistogram();
            overflowedErrors = new StripedSum();
        }
    }

    public double[] Boundaries { get; }

    public LogLinearHistogram? Fine { get; }

    public override long Overflowed => table.Overflowed.Whole;

    public SeriesTable<HistogramSeries>.Row[] Rows() => table.Rows();

    /// <summary>Measurements whose status says that the server failed.</summary>
    public long ServerErrors()
    {
        var errors = overflowedErrors?.Whole ?? 0;
        Span<long> buckets = stackalloc long[Boundaries.Length + 1];
        foreach (var row in Rows())
        {
            if (!row.Series.IsServerError)
                continue;
            buckets.Clear();
            row.Series.Read(buckets);
            foreach (var count in buckets)
                errors += count;
        }

        return errors;
    }

    public override bool Record(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => Record((double)value, tags);

    public override bool Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (!double.IsFinite(value))
            return false;

        var series = table.Find(tags);
        series.Record(value);
        if (Fine is not null)
        {
            Fine.Record(value);
            if (series.IsOverflow && IsServerError(tags))
                overflowedErrors!.Add(1);
        }

        return true;
    }

    HistogramSeries ISeriesFactory<HistogramSeries>.Create(string labels, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        new(bounds, isOverflow: labels == LabelText.Overflow, isServerError: IsServerError(tags), exemplars);

    static bool IsServerError(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var (key, value) in tags)
        {
            if (key == StatusTag && value is int and >= 500)
                return true;
        }

        return false;
    }
}
