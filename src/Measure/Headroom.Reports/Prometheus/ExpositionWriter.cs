using System.Globalization;
using System.Text;
using Headroom.Measurements;

namespace Headroom.Reports.Prometheus;

/// <summary>Writes the text format 0.0.4. All samples of a name stand together under one HELP and TYPE, as the format demands.</summary>
internal sealed class ExpositionWriter
{
    private readonly StringBuilder _text = new();
    private string _current = "";

    public void Gauge(string name, string help, IReadOnlyList<(string Name, string Value)> labels, double value)
    {
        Begin(name, help, "gauge");
        Sample(name, labels, value);
    }

    /// <param name="name">Name of the family, in seconds.</param>
    /// <param name="help">One sentence.</param>
    /// <param name="labels">Labels besides <c>quantile</c>.</param>
    /// <param name="latency">In milliseconds.</param>
    /// <param name="count">How many requests it is of; with none there are no quantiles.</param>
    public void Summary(string name, string help, IReadOnlyList<(string Name, string Value)> labels, LatencySummary latency, long count)
    {
        Begin(name, help, "summary");
        foreach (var (quantile, milliseconds) in Quantiles(latency))
            Sample(name, [.. labels, ("quantile", quantile)], count == 0 ? double.NaN : Seconds(milliseconds));
        Sample(name + "_sum", labels, Seconds(latency.Mean * count));
        Sample(name + "_count", labels, count);
    }

    /// <summary>Divided as decimals, so that 0.015 ms is 1.5E-05 and not the binary neighbour of it.</summary>
    public static double Seconds(double milliseconds) => (double)((decimal)milliseconds / 1000m);

    private static IEnumerable<(string Quantile, double Milliseconds)> Quantiles(LatencySummary latency) =>
        [("0.5", latency.P50), ("0.75", latency.P75), ("0.9", latency.P90), ("0.95", latency.P95), ("0.99", latency.P99), ("0.999", latency.P999), ("1", latency.Max)];

    public override string ToString() => _text.ToString();

    private void Begin(string name, string help, string type)
    {
        if (_current == name)
            return;
        _current = name;
        _text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {EscapeHelp(help)}\n# TYPE {name} {type}\n");
    }

    private void Sample(string name, IReadOnlyList<(string Name, string Value)> labels, double value)
    {
        _text.Append(name);
        if (labels.Count > 0)
            _text.Append('{').AppendJoin(',', labels.Select(label => $"{label.Name}=\"{EscapeLabel(label.Value)}\"")).Append('}');
        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string EscapeHelp(string help) => help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string EscapeLabel(string value) => EscapeHelp(value).Replace("\"", "\\\"", StringComparison.Ordinal);
}
