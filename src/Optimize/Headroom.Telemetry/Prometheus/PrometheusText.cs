using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Headroom.Telemetry.Collection;

namespace Headroom.Telemetry.Prometheus;

/// <summary>
/// Writes metrics for a scraper: families sorted by name, series by label text. Numbers are written independently of the culture, in the shortest form that reads back as the same value.
/// <list type="bullet">
/// <item>Prometheus' text format 0.0.4, https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format</item>
/// <item>OpenMetrics 1.0, https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md: a counter's family is named without <c>_total</c>, units have a line, buckets may have an exemplar, and the
/// end is marked, so that a scrape that was cut off is known as one.</item>
/// </list>
/// Bounds of buckets are written alike in both (<c>le="1.0"</c>), as OpenMetrics has them and Prometheus 3 stores them: a series must not change its name with what the scraper accepts.
/// </summary>
internal sealed class PrometheusText(IBufferWriter<byte> output, ExpositionFormat format = ExpositionFormat.Text)
{
    const int ChunkBytes = 64 * 1024;

    // What UTF-8 needs at most for one UTF-16 unit.
    const int BytesPerUnit = 3;

    // The longest number.
    const int NumberBytes = 40;

    byte[] buffer = [];
    int used;

    // What the lines of one histogram's series have in common.
    byte[] shared = [];

    public void Write(IReadOnlyList<MetricFamily> families)
    {
        buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        used = 0;
        try
        {
            var names = families.Select(family => family.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var family in families)
            {
                Header(family, names);
                foreach (var member in family.Members)
                    Series(family.Name, member);
            }

            if (format == ExpositionFormat.OpenMetrics)
                Text("# EOF\n"u8);
            Flush();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = [];
        }
    }

    void Header(MetricFamily family, HashSet<string> names)
    {
        var name = family.Name;
        var type = family.Kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Histogram => "histogram",
            _ => "gauge",
        };
        if (format == ExpositionFormat.OpenMetrics && family.Kind == MetricKind.Counter)
        {
            var bare = name[..^"_total".Length];
            // Another metric has the name that this one's family would have: then it has no type, but it is there.
            if (names.Contains(bare))
                type = "unknown";
            else
                name = bare;
        }

        Comment("# HELP ", name, Escaped(family.Help));
        Comment("# TYPE ", name, type);
        if (format == ExpositionFormat.OpenMetrics && family.Unit.Length > 0 && name.EndsWith("_" + family.Unit, StringComparison.Ordinal))
            Comment("# UNIT ", name, family.Unit);
    }

    void Comment(string keyword, string name, string text)
    {
        Text(keyword);
        Text(name);
        Character(' ');
        Text(text);
        Character('\n');
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
                    Name(name, "", member.ExtraLabel, labels);
                    Value(series.Value);
                    Character('\n');
                }

                break;
            case HistogramMetric histogram:
                Histogram(name, member.ExtraLabel, histogram);
                break;
        }
    }

    void Sum(string name, string extra, string labels, StripedSum series)
    {
        Name(name, "", extra, labels);
        var fraction = series.Fraction;
        if (fraction == 0)
            Value(series.Whole);
        else
            Value(series.Whole + fraction);
        Character('\n');
    }

    /// <summary>The lines of one series differ in the bound and the count alone: what is before them is written once and copied.</summary>
    void Histogram(string name, string extra, HistogramMetric histogram)
    {
        var bounds = BoundTexts(histogram.Boundaries);
        var buckets = new long[bounds.Length];
        foreach (var (labels, series) in histogram.Rows())
        {
            Array.Clear(buckets);
            var sum = series.Read(buckets);
            var beginning = Shared([name, "_bucket{", extra, Comma(extra), labels, Comma(labels), "le=\""]);
            var count = 0L;
            for (var i = 0; i < buckets.Length; i++)
            {
                count += buckets[i];
                Bucket(beginning, bounds[i], count);
                if (format == ExpositionFormat.OpenMetrics && series.Exemplar(i) is { } exemplar)
                    Exemplar(exemplar);
                Character('\n');
            }

            Name(name, "_sum", extra, labels);
            Value(sum);
            Character('\n');
            Name(name, "_count", extra, labels);
            Value(count);
            Character('\n');
        }

        static string Comma(string before) => before.Length > 0 ? "," : "";
    }

    ReadOnlySpan<byte> Shared(ReadOnlySpan<string> parts)
    {
        var length = 0;
        foreach (var part in parts)
        {
            if (shared.Length - length < part.Length * BytesPerUnit)
                Array.Resize(ref shared, (length + part.Length) * BytesPerUnit);
            length += Encoding.UTF8.GetBytes(part, shared.AsSpan(length));
        }

        return shared.AsSpan(0, length);
    }

    // In one step, because a scrape is mostly these.
    void Bucket(ReadOnlySpan<byte> beginning, byte[] bound, long count)
    {
        Reserve(beginning.Length + bound.Length + NumberBytes);
        var line = buffer.AsSpan(used);
        beginning.CopyTo(line);
        line = line[beginning.Length..];
        bound.CopyTo(line);
        Utf8Formatter.TryFormat(count, line[bound.Length..], out var digits);
        used += beginning.Length + bound.Length + digits;
    }

    static byte[][] BoundTexts(double[] boundaries)
    {
        var texts = boundaries.Select(bound =>
        {
            var text = bound.ToString("R", CultureInfo.InvariantCulture);
            return Encoding.UTF8.GetBytes(text + (text.AsSpan().ContainsAny('.', 'E') ? "\"} " : ".0\"} "));
        });
        return [.. texts, "+Inf\"} "u8.ToArray()];
    }

    void Exemplar(Exemplar exemplar)
    {
        Text(" # {trace_id=\""u8);
        Text(exemplar.TraceId);
        Text("\",span_id=\""u8);
        Text(exemplar.SpanId);
        Text("\"} "u8);
        Value(exemplar.Value);
        Character(' ');
        Value(exemplar.At.ToUnixTimeMilliseconds() / 1_000.0);
    }

    void Name(string name, string suffix, string extra, string labels)
    {
        Text(name);
        Text(suffix);
        if (extra.Length + labels.Length > 0)
        {
            Character('{');
            Text(extra);
            if (extra.Length > 0 && labels.Length > 0)
                Character(',');
            Text(labels);
            Character('}');
        }

        Character(' ');
    }

    void Value(long value)
    {
        Reserve(NumberBytes);
        Utf8Formatter.TryFormat(value, buffer.AsSpan(used), out var length);
        used += length;
    }

    void Value(double value)
    {
        if (double.IsPositiveInfinity(value))
            Text("+Inf"u8);
        else if (double.IsNegativeInfinity(value))
            Text("-Inf"u8);
        else if (double.IsNaN(value))
            Text("NaN"u8);
        else
        {
            Reserve(NumberBytes);
            value.TryFormat(buffer.AsSpan(used), out var length, "R", CultureInfo.InvariantCulture);
            used += length;
        }
    }

    // Characters that are not valid UTF-16 become U+FFFD; the formats allow no other bytes than UTF-8.
    void Text(string text)
    {
        Reserve(text.Length * BytesPerUnit);
        used += Encoding.UTF8.GetBytes(text, buffer.AsSpan(used));
    }

    void Text(ReadOnlySpan<byte> text)
    {
        Reserve(text.Length);
        text.CopyTo(buffer.AsSpan(used));
        used += text.Length;
    }

    void Character(char ascii)
    {
        Reserve(1);
        buffer[used++] = (byte)ascii;
    }

    void Reserve(int bytes)
    {
        if (buffer.Length - used >= bytes)
            return;
        Flush();
        if (buffer.Length >= bytes)
            return;
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = ArrayPool<byte>.Shared.Rent(bytes);
    }

    void Flush()
    {
        output.Write(buffer.AsSpan(0, used));
        used = 0;
    }

    string Escaped(string help)
    {
        var escaped = help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return format == ExpositionFormat.OpenMetrics ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }
}
