using Headroom.Telemetry.Collection;

namespace Headroom.Telemetry.LivePage;

/// <summary>All that a live page needs of the metrics at one moment, as totals; two of them make a <see cref="LiveSample"/>.</summary>
internal sealed class LiveReading
{
    const string NoRoute = "(no route)";

    readonly Dictionary<(string Name, string Labels), double> values = [];

    LiveReading(long at) => At = at;

    /// <summary>Timestamp of the <see cref="TimeProvider"/>.</summary>
    public long At { get; }

    public LogLinearHistogram.Snapshot Requests { get; private set; } = LogLinearHistogram.Snapshot.Empty;

    public LogLinearHistogram.Snapshot Database { get; private set; } = LogLinearHistogram.Snapshot.Empty;

    public long ServerErrors { get; private set; }

    /// <summary>By method and route, over all statuses.</summary>
    public Dictionary<(string Method, string Route), EndpointTotals> Endpoints { get; } = [];

    public static LiveReading Of(IReadOnlyList<Metric> metrics, long at)
    {
        var reading = new LiveReading(at);
        foreach (var metric in metrics)
        {
            switch (metric)
            {
                case HistogramMetric { Fine: { } fine } histogram when histogram.Description.Name == HeadroomMeters.HttpServerRequestDuration:
                    reading.Requests = reading.Requests.With(fine.Read());
                    reading.ServerErrors += histogram.ServerErrors();
                    reading.ReadEndpoints(histogram);
                    break;
                case HistogramMetric { Fine: { } fine } histogram when histogram.Description.Name == HeadroomMeters.DatabaseOperationDuration:
                    reading.Database = reading.Database.With(fine.Read());
                    break;
                case SumMetric sum:
                    foreach (var row in sum.Rows())
                        reading.Add(sum, row.Labels, row.Series.Whole + row.Series.Fraction);
                    break;
                case ValueMetric value:
                    foreach (var row in value.Rows())
                        reading.Add(value, row.Labels, row.Series.Value);
                    break;
            }
        }

        return reading;
    }

    /// <summary>Over all series of the instrument, or over those with this label; null when there is none.</summary>
    public double? Sum(string instrument, string? label = null, string? labelValue = null)
    {
        double? sum = null;
        foreach (var ((name, labels), value) in values)
        {
            if (name == instrument && (label is null || LabelReader.Value(labels, label) == labelValue))
                sum = (sum ?? 0) + value;
        }

        return sum;
    }

    /// <summary>Sums by a label's value.</summary>
    public Dictionary<string, double> SumsBy(string instrument, string label)
    {
        var sums = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var ((name, labels), value) in values)
        {
            if (name == instrument && LabelReader.Value(labels, label) is { } key)
                sums[key] = sums.GetValueOrDefault(key) + value;
        }

        return sums;
    }

    // Several meters may have an instrument of the name; they count together. What is not a number (a pool without a bound may say infinity) has no place in JSON and says nothing here.
    void Add(Metric metric, string labels, double value)
    {
        if (!double.IsFinite(value))
            return;
        var key = (metric.Description.Name, labels);
        values[key] = values.GetValueOrDefault(key) + value;
    }

    void ReadEndpoints(HistogramMetric histogram)
    {
        foreach (var row in histogram.Rows())
        {
            var key = (LabelReader.Value(row.Labels, "http_request_method") ?? "", LabelReader.Value(row.Labels, "http_route") ?? NoRoute);
            var buckets = new long[histogram.Boundaries.Length + 1];
            var sum = row.Series.Read(buckets);
            var known = Endpoints.GetValueOrDefault(key) ?? new EndpointTotals(histogram.Boundaries);
            Endpoints[key] = known.With(buckets, sum, row.Series.IsServerError);
        }
    }
}

/// <summary>Requests of one endpoint since the start.</summary>
internal sealed record EndpointTotals(double[] Boundaries)
{
    public long[] Buckets { get; private init; } = new long[Boundaries.Length + 1];

    public double SumSeconds { get; private init; }

    public long Errors { get; private init; }

    public long Count => Buckets.Sum();

    public EndpointTotals With(long[] buckets, double sum, bool isServerError) => Buckets.Length != buckets.Length ? this : this with
    {
        Buckets = [.. Buckets.Zip(buckets, static (a, b) => a + b)],
        SumSeconds = SumSeconds + sum,
        Errors = Errors + (isServerError ? buckets.Sum() : 0),
    };

    public EndpointTotals Since(EndpointTotals? before) => before is null || before.Buckets.Length != Buckets.Length ? this : this with
    {
        Buckets = [.. Buckets.Zip(before.Buckets, static (a, b) => Math.Max(0, a - b))],
        SumSeconds = SumSeconds - before.SumSeconds,
        Errors = Errors - before.Errors,
    };

    /// <summary>The upper bound of the bucket that the quantile is in: between bounds nothing is known, and a guess there would be off by far for what is quick. Null beyond the last bound.</summary>
    public double? QuantileAtMostSeconds(double share)
    {
        var rank = share * Count;
        var seen = 0L;
        for (var i = 0; i < Boundaries.Length; i++)
        {
            seen += Buckets[i];
            if (seen > 0 && seen >= rank)
                return Boundaries[i];
        }

        return null;
    }
}
