using System.Globalization;
using System.Text;

namespace Headroom.Load.Target;

/// <summary>Samples of Prometheus' text format (prometheus.io, "Exposition formats", 0.0.4), and the selectors that find some of them.</summary>
internal sealed class PrometheusSamples
{
    private readonly List<(SeriesSelector Series, double Value)> _samples = [];

    /// <summary>Lines that are not samples are left out: what cannot be read is not there, and the figure that needs it says so.</summary>
    public static PrometheusSamples Parse(string text)
    {
        var samples = new PrometheusSamples();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var rest = line.Trim();
            if (rest.IsEmpty || rest[0] == '#' || !TryReadSeries(ref rest, out var series))
                continue;
            rest = rest.Trim();
            var end = rest.IndexOfAny(' ', '\t');
            if (TryReadValue(end < 0 ? rest : rest[..end], out var value))
                samples._samples.Add((series!, value));
        }

        return samples;
    }

    /// <summary>A whole text that is one selector, such as <c>hits_total{cache="auth"}</c>.</summary>
    public static bool TryParseSelector(string text, out SeriesSelector? selector)
    {
        var rest = text.AsSpan().Trim();
        return TryReadSeries(ref rest, out selector) && rest.Trim().IsEmpty;
    }

    /// <returns>The sum over all series that fit; null when there is none.</returns>
    public double? Sum(SeriesSelector selector)
    {
        double? sum = null;
        foreach (var (series, value) in _samples)
        {
            if (series.Name == selector.Name && selector.Labels.All(label => series.Labels.Contains(label)))
                sum = (sum ?? 0) + value;
        }

        return sum;
    }

    private static bool TryReadSeries(ref ReadOnlySpan<char> rest, out SeriesSelector? series)
    {
        series = null;
        if (TakeName(ref rest, colons: true) is not { } name)
            return false;
        var labels = new List<(string, string)>();
        rest = rest.TrimStart();
        if (!rest.IsEmpty && rest[0] == '{')
        {
            rest = rest[1..].TrimStart();
            while (rest.IsEmpty || rest[0] != '}')
            {
                if (!TryReadLabel(ref rest, out var label))
                    return false;
                labels.Add(label);
                rest = rest.TrimStart();
                if (!rest.IsEmpty && rest[0] == ',')
                    rest = rest[1..].TrimStart();
                else if (rest.IsEmpty || rest[0] != '}')
                    return false;
            }

            rest = rest[1..];
        }

        series = new SeriesSelector { Name = name, Labels = labels };
        return true;
    }

    private static bool TryReadLabel(ref ReadOnlySpan<char> rest, out (string Name, string Value) label)
    {
        label = default;
        if (TakeName(ref rest, colons: false) is not { } name)
            return false;
        rest = rest.TrimStart();
        if (rest.IsEmpty || rest[0] != '=')
            return false;
        rest = rest[1..].TrimStart();
        if (rest.IsEmpty || rest[0] != '"')
            return false;
        var value = new StringBuilder();
        for (var i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '"')
            {
                label = (name, value.ToString());
                rest = rest[(i + 1)..];
                return true;
            }

            if (rest[i] == '\\' && i + 1 < rest.Length)
                value.Append(rest[++i] == 'n' ? '\n' : rest[i]);
            else
                value.Append(rest[i]);
        }

        return false;
    }

    private static string? TakeName(ref ReadOnlySpan<char> rest, bool colons)
    {
        var length = 0;
        while (length < rest.Length && (char.IsAsciiLetterOrDigit(rest[length]) || rest[length] == '_' || (colons && rest[length] == ':')))
            length++;
        if (length == 0 || char.IsAsciiDigit(rest[0]))
            return null;
        var name = rest[..length].ToString();
        rest = rest[length..];
        return name;
    }

    private static bool TryReadValue(ReadOnlySpan<char> text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
}
