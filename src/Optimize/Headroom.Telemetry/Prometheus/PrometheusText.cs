using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Headroom.Telemetry.Collection;

namespace Headroom.Telemetry.Prometheus;

/// <summary>
/// Writes metrics in Prometheus' text format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format): families sorted by name, series by label text.
/// Numbers are written independently of the culture, in the shortest form that reads back as the same value.
/// </summary>
internal sealed class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    readonly IBufferWriter<byte> output;
    readonly byte[] scratch = new byte[40];

    public PrometheusText(IBufferWriter<byte> output) => this.output = output;

    public void Write(IEnumerable<MetricFamily> families)
    {
        foreach (var family in families)
        {
            Header(family);
            foreach (var member in family.Members)
                Series(family.Name, member);
        }
    }

    void Header(MetricFamily family)
    {
        Text("# HELP ");
        Text(family.Name);
        Text(" ");
        Text(Escaped(family.Help));
        Text("\n# TYPE ");
        Text(family.Name);
        Text(family.Kind switch
        {
            MetricKind.Counter => " counter\n",
            MetricKind.Histogram => " histogram\n",
            _ => " gauge\n",
        });
    }

    void Series(string name, MetricFamily.Member member)
    {
        switch (member.Metric)
        {
            case SumMetric sum:
                foreach (var (labels, series) in sum.Rows())
                    Sum(name, member.ExtraLabel, labels, series);
                break;
            case ValueMetric value:
                foreach (var (labels, series) in value.Rows())
                {
                    Name(name, "", member.ExtraLabel, labels, null);
                    Number(series.Value);
                }

                break;
            case HistogramMetric histogram:
                Histogram(name, member.ExtraLabel, histogram);
                break;
        }
    }

    void Sum(string name, string extra, string labels, StripedSum series)
    {
        Name(name, "", extra, labels, null);
        var fraction = series.Fraction;
        if (fraction == 0)
            Number(series.Whole);
        else
            Number(series.Whole + fraction);
    }

    void Histogram(string name, string extra, HistogramMetric histogram)
    {
        var bounds = histogram.Boundaries;
        var buckets = new long[bounds.Length + 1];
        foreach (var (labels, series) in histogram.Rows())
        {
            Array.Clear(buckets);
            var sum = series.Read(buckets);
            var count = 0L;
            for (var i = 0; i < buckets.Length; i++)
            {
                count += buckets[i];
                Name(name, "_bucket", extra, labels, i < bounds.Length ? bounds[i] : double.PositiveInfinity);
                Number(count);
            }

            Name(name, "_sum", extra, labels, null);
            Number(sum);
            Name(name, "_count", extra, labels, null);
            Number(count);
        }
    }

    void Name(string name, string suffix, string extra, string labels, double? bound)
    {
        Text(name);
        Text(suffix);
        if (extra.Length + labels.Length > 0 || bound is not null)
        {
            Text("{");
            Text(extra);
            if (extra.Length > 0 && labels.Length > 0)
                Text(",");
            Text(labels);
            if (bound is { } le)
            {
                Text(extra.Length + labels.Length > 0 ? ",le=\"" : "le=\"");
                Value(le);
                Text("\"");
            }

            Text("}");
        }

        Text(" ");
    }

    void Number(long value)
    {
        Utf8Formatter.TryFormat(value, scratch, out var length);
        output.Write(scratch.AsSpan(0, length));
        Text("\n");
    }

    void Number(double value)
    {
        Value(value);
        Text("\n");
    }

    void Value(double value)
    {
        if (double.IsPositiveInfinity(value))
            Text("+Inf");
        else if (double.IsNegativeInfinity(value))
            Text("-Inf");
        else if (double.IsNaN(value))
            Text("NaN");
        else
        {
            value.TryFormat(scratch, out var length, "R", CultureInfo.InvariantCulture);
            output.Write(scratch.AsSpan(0, length));
        }
    }

    // Characters that are not valid UTF-16 become U+FFFD; the format allows no other bytes than UTF-8.
    void Text(string text) => Encoding.UTF8.GetBytes(text, output);

    static string Escaped(string help) =>
        help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
