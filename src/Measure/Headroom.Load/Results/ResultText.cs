using System.Globalization;
using System.Text;
using Headroom.Measurements;

namespace Headroom.Load.Results;

/// <summary>A result in a few lines, as a script prints it.</summary>
internal static class ResultText
{
    private static readonly string[] Columns = ["request", "requests", "per second", "p50", "p95", "p99", "errors"];

    public static string Of(LoadResult result)
    {
        var text = new StringBuilder();
        text.Append(result.RunFile.Plan.Name).Append(": ").AppendLine(Whole(result));
        TextColumns.Write(text, [Columns, .. result.PerRequest.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => Row(entry.Key, entry.Value))], leftAligned: 1);
        if (result.Thresholds.Count > 0)
            TextColumns.Write(text, ThresholdRows.Of(result.RunFile, result.Thresholds), leftAligned: int.MaxValue);
        return text.ToString().TrimEnd();
    }

    /// <summary>All requests in a sentence.</summary>
    public static string Whole(LoadResult result)
    {
        var run = result.RunFile;
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Requests:N0} requests in {run.DurationSeconds:0.0##} s ({result.Throughput:0.0}/s), p50 {Ms(run.Summary.LatencyMs.P50)}, p99 {Ms(run.Summary.LatencyMs.P99)}, {result.Errors:N0} errors");
        return result.Errors == 0 ? text : $"{text} ({string.Join(", ", result.ErrorsByKind.OrderByDescending(kind => kind.Value).Select(kind => string.Create(CultureInfo.InvariantCulture, $"{kind.Key} {kind.Value:N0}")))})";
    }

    public static string Ms(double ms) => string.Create(CultureInfo.InvariantCulture, $"{(ms >= 100 ? Math.Round(ms) : ms >= 10 ? Math.Round(ms, 1) : Math.Round(ms, 2)):0.##} ms");

    private static string[] Row(string name, RequestFigures figures) =>
    [
        name,
        figures.Requests.ToString("N0", CultureInfo.InvariantCulture),
        figures.Throughput.ToString("0.0", CultureInfo.InvariantCulture),
        Ms(figures.Summary.LatencyMs.P50),
        Ms(figures.Summary.LatencyMs.P95),
        Ms(figures.Summary.LatencyMs.P99),
        figures.Errors.ToString("N0", CultureInfo.InvariantCulture),
    ];
}
