using System.Buffers.Text;
using System.Text;

namespace Headroom.Reports.Prometheus;

/// <summary>The part of a Pushgateway's path that names a group: <c>/job/nightly/branch@base64/ZmVhdC94</c> (the Pushgateway's README, "URL").</summary>
internal static class GroupingKey
{
    public static string Path(IEnumerable<(string Name, string Value)> labels) => string.Concat(labels.Select(label => Segment(label.Name, label.Value)));

    public static string? CheckLabel(string name) =>
        name.Length == 0 || !(char.IsAsciiLetter(name[0]) || name[0] == '_') || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
            ? $"'{name}' is not a label name; allowed: a letter or underscore, then letters, digits and underscores"
        : name == "job" ? "'job' is given by the job's own option"
        : name.StartsWith("__", StringComparison.Ordinal) ? $"'{name}' begins with two underscores, which Prometheus keeps for itself; choose another name"
        : null;

    /// <summary>A slash would end the segment even when escaped, an empty one would vanish, and dots would be resolved.</summary>
    private static string Segment(string name, string value)
    {
        if (value.Length > 0 && !value.Contains('/', StringComparison.Ordinal) && value is not ("." or ".."))
            return $"/{name}/{Uri.EscapeDataString(value)}";
        return $"/{name}@base64/{(value.Length == 0 ? "=" : Base64Url.EncodeToString(Encoding.UTF8.GetBytes(value)))}";
    }
}
