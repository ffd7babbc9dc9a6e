using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Headroom.Measurements;
using Headroom.Reports.Summaries;

namespace Headroom.Reports;

/// <summary>
/// A run in the JSON that k6 writes for <c>--summary-export</c> (its legacy summary), so that scripts and dashboards made for k6 read it. docs/outputs.md says which
/// metrics are there, and where a figure means something else than k6's.
/// </summary>
public static class SummaryExport
{
    // A file of its own, never part of a page: what people and diffs read matters more than escaping for HTML. k6 indents by 4.
    private static readonly JsonWriterOptions Json = new() { Indented = true, IndentSize = 4, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the summary; on any failure a file that was there before stays as it was.</summary>
    /// <exception cref="IOException">The disk is full, the folder does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission to write there.</exception>
    public static void Write(string path, RunFile run)
    {
        var json = Render(run);
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(json)));
    }

    /// <summary>The summary as text.</summary>
    public static string Render(RunFile run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Json))
        {
            json.WriteStartObject();
            json.WritePropertyName("root_group");
            CheckGroup.Write(json, run.Checks);
            json.WriteStartObject("metrics");
            foreach (var metric in SummaryMetrics.Of(run))
                Write(json, metric);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    private static void Write(Utf8JsonWriter json, SummaryMetric metric)
    {
        json.WriteStartObject(metric.Name);
        foreach (var (name, value) in metric.Values)
            json.WriteNumber(name, double.IsFinite(value) ? value : 0);
        if (metric.Missed.Count > 0)
        {
            json.WriteStartObject("thresholds");
            foreach (var (source, missed) in metric.Missed)
                json.WriteBoolean(source, missed);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
