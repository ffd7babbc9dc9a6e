using System.Collections.Concurrent;
using System.Text;

namespace Headroom.Telemetry.Prometheus;

/// <summary>
/// Names of metrics and labels after OpenTelemetry's rules for Prometheus
/// (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/), with one addition: a gauge whose name ends in a
/// suffix that Prometheus reserves (<c>_count</c>, <c>_sum</c>, <c>_bucket</c>, <c>_total</c>) gets <c>_current</c> behind it, so that
/// <c>dotnet.thread_pool.thread.count</c> neither looks like a part of a histogram nor fails <c>promtool check metrics</c>.
/// </summary>
internal static class PrometheusNames
{
    const int CachedLabelsMost = 1_000;

    static readonly ConcurrentDictionary<string, string> Labels = new(StringComparer.Ordinal);

    static int cachedLabels;

    static readonly string[] ReservedSuffixes = ["_count", "_sum", "_bucket", "_total"];

    // What the exposition itself writes, and what Prometheus understands as part of a histogram or summary.
    static readonly string[] ReservedLabels = ["le", "quantile", "otel_scope_name", "otel_scope_number"];

    // UCUM codes as the OpenTelemetry collector translates them.
    static readonly Dictionary<string, string> Units = new(StringComparer.Ordinal)
    {
        ["d"] = "days", ["h"] = "hours", ["min"] = "minutes", ["s"] = "seconds", ["ms"] = "milliseconds", ["us"] = "microseconds", ["ns"] = "nanoseconds",
        ["By"] = "bytes", ["KiBy"] = "kibibytes", ["MiBy"] = "mebibytes", ["GiBy"] = "gibibytes", ["TiBy"] = "tebibytes",
        ["KBy"] = "kilobytes", ["kBy"] = "kilobytes", ["MBy"] = "megabytes", ["GBy"] = "gigabytes", ["TBy"] = "terabytes",
        ["m"] = "meters", ["V"] = "volts", ["A"] = "amperes", ["J"] = "joules", ["W"] = "watts", ["g"] = "grams",
        ["Cel"] = "celsius", ["Hz"] = "hertz", ["%"] = "percent",
    };

    static readonly Dictionary<string, string> PerUnits = new(StringComparer.Ordinal)
    {
        ["s"] = "second", ["m"] = "minute", ["min"] = "minute", ["h"] = "hour", ["d"] = "day", ["w"] = "week", ["mo"] = "month", ["y"] = "year",
    };

    public static string Metric(string instrument, string? unit, MetricKind kind)
    {
        var name = Sanitize(instrument);
        var suffix = Unit(unit, kind);
        if (suffix.Length > 0)
            name = WithSuffix(name, suffix, beforeTotal: kind == MetricKind.Counter);
        if (kind == MetricKind.Counter)
            return name.EndsWith("_total", StringComparison.Ordinal) ? name : name + "_total";
        if (kind != MetricKind.Histogram && ReservedSuffixes.Any(reserved => name.EndsWith(reserved, StringComparison.Ordinal)))
            return name + "_current";
        return name;
    }

    /// <summary>The label's name; the few that an application uses are remembered, so the common case allocates nothing.</summary>
    public static string Label(string key)
    {
        if (Labels.TryGetValue(key, out var known))
            return known;

        var name = Sanitize(key);
        // Names with two leading underscores belong to Prometheus.
        if (key.StartsWith("__", StringComparison.Ordinal))
            name = "key" + name;
        if (ReservedLabels.Contains(name, StringComparer.Ordinal))
            name = "exported_" + name;
        // Counted beside the dictionary, whose own count takes all of its locks.
        if (Volatile.Read(ref cachedLabels) < CachedLabelsMost && Labels.TryAdd(key, name))
            Interlocked.Increment(ref cachedLabels);
        return name;
    }

    /// <summary>The unit in words, <c>seconds</c> or <c>bytes_per_second</c>; empty when there is none.</summary>
    public static string Unit(string? unit, MetricKind kind)
    {
        var plain = WithoutAnnotations(unit ?? "");
        if (plain.Length == 0)
            return "";
        if (plain == "1")
            return kind == MetricKind.Gauge ? "ratio" : "";

        var slash = plain.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
            return Word(Units, plain);

        var of = plain[..slash];
        var per = plain[(slash + 1)..];
        var perWord = Word(PerUnits, per);
        if (perWord.Length == 0)
            return Word(Units, of);
        return of is "" or "1" ? "per_" + perWord : Word(Units, of) + "_per_" + perWord;
    }

    static string Word(Dictionary<string, string> words, string code) =>
        words.TryGetValue(code, out var word) ? word : Sanitize(code).Trim('_');

    // "{request}" and the like say what is counted; they are no unit.
    static string WithoutAnnotations(string unit)
    {
        if (!unit.Contains('{', StringComparison.Ordinal))
            return unit.Trim();

        var text = new StringBuilder(unit.Length);
        var depth = 0;
        foreach (var c in unit)
        {
            if (c == '{')
                depth++;
            else if (c == '}' && depth > 0)
                depth--;
            else if (depth == 0)
                text.Append(c);
        }

        return text.ToString().Trim();
    }

    static string WithSuffix(string name, string suffix, bool beforeTotal)
    {
        const string total = "_total";
        var body = beforeTotal && name.EndsWith(total, StringComparison.Ordinal) ? name[..^total.Length] : name;
        var tail = name[body.Length..];
        return body == suffix || body.EndsWith("_" + suffix, StringComparison.Ordinal) ? name : body + "_" + suffix + tail;
    }

    /// <summary>Letters, digits and single underscores, not starting with a digit.</summary>
    static string Sanitize(string text)
    {
        var name = new StringBuilder(text.Length + 1);
        foreach (var c in text)
        {
            if (char.IsAsciiLetterOrDigit(c))
                name.Append(c);
            else if (name.Length == 0 || name[^1] != '_')
                name.Append('_');
        }

        if (name.Length == 0 || char.IsAsciiDigit(name[0]))
            name.Insert(0, '_');
        return name.ToString();
    }
}
