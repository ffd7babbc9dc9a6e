using System.Globalization;
using Headroom.Telemetry.Prometheus;

namespace Headroom.Telemetry.Collection;

/// <summary>
/// Turns the tags of a measurement into the text of a Prometheus label set, <c>method="GET",route="/items"</c>: names sanitised, sorted and unique,
/// values escaped. Two sets of tags that a scraper could not tell apart give the same text, so the text is the series' identity.
/// <para>One builder per thread, reused, so that measurements which run into the series limit do not make garbage.</para>
/// </summary>
internal sealed class LabelText
{
    /// <summary>Label of the series that takes what exceeds the limit, as in OpenTelemetry's SDK.</summary>
    public const string Overflow = "otel_metric_overflow=\"true\"";

    [ThreadStatic]
    static LabelText? current;

    readonly List<Label> labels = [];
    char[] text = new char[512];
    int length;

    public static LabelText Current => current ??= new LabelText();

    /// <returns>The text, valid until the next call on this thread.</returns>
    public ReadOnlySpan<char> Build(
        ReadOnlySpan<KeyValuePair<string, object?>> fixedTags,
        ReadOnlySpan<KeyValuePair<string, object?>> tags,
        int maxValueLength)
    {
        labels.Clear();
        Collect(fixedTags, maxValueLength);
        Collect(tags, maxValueLength);
        labels.Sort(Label.ByNameThenKey);
        length = 0;
        for (var i = 0; i < labels.Count;)
            i = AppendOne(i);
        labels.Clear();
        return text.AsSpan(0, length);
    }

    public static string Escape(string value) => value
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal);

    void Collect(ReadOnlySpan<KeyValuePair<string, object?>> tags, int maxValueLength)
    {
        foreach (var (key, value) in tags)
        {
            if (key is null)
                continue;

            var name = PrometheusNames.Label(key);
            var written = Cut(Write(value), maxValueLength);
            var known = labels.FindIndex(label => label.Key == key);
            if (known >= 0)
                labels[known] = new Label(name, key, written);
            else
                labels.Add(new Label(name, key, written));
        }
    }

    // Keys that become one name ("a.b", "a_b") are joined by ";" in the keys' order, as OpenTelemetry's rules have it.
    // A label without a value is no label to Prometheus.
    int AppendOne(int first)
    {
        var next = first + 1;
        while (next < labels.Count && labels[next].Name == labels[first].Name)
            next++;

        var any = false;
        for (var i = first; i < next; i++)
        {
            if (labels[i].Value.Length == 0)
                continue;
            if (any)
                Append(";");
            else
            {
                if (length > 0)
                    Append(",");
                Append(labels[first].Name);
                Append("=\"");
            }

            any = true;
            AppendEscaped(labels[i].Value);
        }

        if (any)
            Append("\"");
        return next;
    }

    void AppendEscaped(string value)
    {
        foreach (var c in value)
        {
            switch (c)
            {
                case '\\':
                    Append("\\\\");
                    break;
                case '"':
                    Append("\\\"");
                    break;
                case '\n':
                    Append("\\n");
                    break;
                default:
                    Append([c]);
                    break;
            }
        }
    }

    void Append(ReadOnlySpan<char> part)
    {
        if (length + part.Length > text.Length)
            Array.Resize(ref text, Math.Max(text.Length * 2, length + part.Length));
        part.CopyTo(text.AsSpan(length));
        length += part.Length;
    }

    static string Write(object? value) => value switch
    {
        null => "",
        string text => text,
        bool flag => flag ? "true" : "false",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    static string Cut(string value, int most)
    {
        if (value.Length <= most)
            return value;
        return value[..(char.IsHighSurrogate(value[most - 1]) ? most - 1 : most)];
    }

    readonly record struct Label(string Name, string Key, string Value)
    {
        public static readonly Comparison<Label> ByNameThenKey = (a, b) =>
        {
            var byName = string.CompareOrdinal(a.Name, b.Name);
            return byName != 0 ? byName : string.CompareOrdinal(a.Key, b.Key);
        };
    }
}
