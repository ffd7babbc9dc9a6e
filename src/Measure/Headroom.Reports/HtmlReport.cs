using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Headroom.Measurements;
using Headroom.Measurements.Comparison;
using Headroom.Reports.Figures;
using Headroom.Reports.Verdicts;

namespace Headroom.Reports;

/// <summary>
/// The report as one HTML file that needs nothing beside it and no network: the page built from web/, with the runs as JSON in its data
/// slot. The page draws itself from them.
/// </summary>
public static class HtmlReport
{
    private const string SlotStart = """<script type="application/json" id="report-data">""";
    private const string SlotEnd = "</script>";
    private static readonly Lazy<(string Head, string Tail)> Page = new(ReadPage);

    // Escapes '<', '>' and '&' wherever they stand, so that no name can end the slot's element; letters of all scripts stay readable.
    private static readonly JsonWriterOptions SlotJson = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    /// <summary>Writes the report; on any failure a file that was there before stays as it was.</summary>
    /// <exception cref="IOException">The disk is full, the folder does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission to write there.</exception>
    /// <exception cref="ArgumentException">There is no run.</exception>
    public static void Write(string path, ReportInput input)
    {
        var html = Render(input);
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(html)));
    }

    /// <summary>The whole page as text.</summary>
    /// <exception cref="ArgumentException">There is no run.</exception>
    public static string Render(ReportInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Runs.Count == 0)
            throw new ArgumentException("A report needs at least one run.", nameof(input));

        var (head, tail) = Page.Value;
        return string.Concat(head, Data(input), tail);
    }

    private static string Data(ReportInput input)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, SlotJson))
        {
            json.WriteStartObject();
            json.WriteString("title", input.Title);
            json.WriteString("generatedAt", input.GeneratedAt ?? EndOf(input.Runs[^1].Run));
            json.WriteStartArray("runs");
            foreach (var (label, run) in input.Runs)
            {
                json.WriteStartObject();
                json.WriteString("label", label);
                json.WritePropertyName("run");
                WriteParsed(json, RunFileJson.ToUtf8Bytes(WhatThePageShows(run)));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (input.Runs is [{ Run.Capacity: { } capacity }])
                WriteCapacity(json, capacity);
            if (input.Comparison is { } comparison)
                WriteComparison(json, comparison);
            if (input.Ablation is { } ablation)
                WriteAblation(json, ablation);
            if (input.Trends is { } trends)
                WriteTrends(json, trends);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The steps are the run's; beside them the sentences that the other reports have, and the latencies that the objectives allow.</summary>
    private static void WriteCapacity(Utf8JsonWriter json, CapacityResult capacity)
    {
        json.WriteStartObject("capacity");
        json.WriteStartArray("facts");
        foreach (var (label, text, tone) in CapacityFacts.Of(capacity))
        {
            json.WriteStartObject();
            json.WriteString("label", label);
            json.WriteString("text", text);
            json.WriteString("tone", JsonNamingPolicy.CamelCase.ConvertName(tone.ToString()));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("shown", CapacityFacts.Shown(capacity));
        json.WriteStartArray("limits");
        foreach (var expression in capacity.Objectives.Select(text => ThresholdExpression.TryParse(text, out var parsed, out _) ? parsed : null).OfType<ThresholdExpression>().Where(parsed => parsed is { IsLatency: true, IsUpperBound: true }))
        {
            json.WriteStartObject();
            json.WriteString("objective", expression.Text);
            json.WriteNumber("ms", expression.Limit);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>With the sentences that the other reports have, so that the page does not word them a second time.</summary>
    private static void WriteComparison(Utf8JsonWriter json, ComparisonResult comparison)
    {
        json.WriteStartObject("comparison");
        json.WriteString("headline", VerdictWords.Headline(comparison));
        json.WriteString("basis", VerdictWords.Basis(comparison));
        json.WritePropertyName("result");
        WriteParsed(json, SessionFileJson.ToUtf8Bytes(comparison));
        json.WriteEndObject();
    }

    private static void WriteAblation(Utf8JsonWriter json, AblationResult ablation)
    {
        json.WriteStartObject("ablation");
        json.WriteStartArray("summary");
        foreach (var sentence in WorthWords.Summary(ablation))
            json.WriteStringValue(sentence);
        json.WriteEndArray();
        json.WriteString("basis", WorthWords.Basis(ablation));
        json.WriteStartArray("metrics");
        foreach (var metric in WorthWords.Metrics(ablation))
            json.WriteStringValue(JsonNamingPolicy.CamelCase.ConvertName(metric.ToString()));
        json.WriteEndArray();
        json.WritePropertyName("result");
        WriteParsed(json, SessionFileJson.ToUtf8Bytes(ablation));
        json.WriteEndObject();
    }

    private static void WriteTrends(Utf8JsonWriter json, IReadOnlyList<RunTrend> trends)
    {
        json.WriteStartObject("trend");
        json.WriteString("headline", TrendWords.Headline(trends));
        json.WriteString("caution", TrendWords.Advice(trends));
        json.WriteStartArray("sentences");
        foreach (var sentence in TrendWords.Sentences(trends))
            json.WriteStringValue(sentence);
        json.WriteEndArray();
        json.WriteStartArray("trends");
        foreach (var trend in trends)
            WriteParsed(json, SessionFileJson.ToUtf8Bytes(trend));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Written anew, with the slot's escapes.</summary>
    private static void WriteParsed(Utf8JsonWriter json, byte[] utf8)
    {
        using var document = JsonDocument.Parse(utf8);
        document.RootElement.WriteTo(json);
    }

    private static DateTimeOffset EndOf(RunFile run) => run.StartedAt + TimeSpan.FromSeconds(run.DurationSeconds);

    /// <summary>The histogram of every second and of every phase is most of a long run's file and is drawn nowhere; tags are shown nowhere.</summary>
    private static RunFile WhatThePageShows(RunFile run) => run with
    {
        Summary = run.Summary with { TimeToFirstEventHistogram = null },
        Series = [.. run.Series.Select(point => point with { LatencyHistogram = null })],
        Phases = [.. run.Phases.Select(phase => phase with { Summary = phase.Summary with { LatencyHistogram = null, ServiceTimeHistogram = null, TimeToFirstEventHistogram = null } })],
        RequestsByName = run.RequestsByName.ToDictionary(named => named.Key, named => named.Value with { ServiceTimeHistogram = null, TimeToFirstEventHistogram = null }, StringComparer.Ordinal),
        RequestsByTag = new Dictionary<string, RequestSummary>(),
        Iterations = run.Iterations is { } iterations ? iterations with { DurationHistogram = null } : null,
    };

    private static (string Head, string Tail) ReadPage()
    {
        using var resource = typeof(HtmlReport).Assembly.GetManifestResourceStream("Headroom.Reports.report.html")
            ?? throw new InvalidOperationException("The report page is not in this assembly; Web.targets embeds it.");
        using var reader = new StreamReader(resource, Encoding.UTF8);
        var page = reader.ReadToEnd();

        var start = page.IndexOf(SlotStart, StringComparison.Ordinal);
        if (start < 0)
            throw new InvalidOperationException("The report page has no data slot.");
        start += SlotStart.Length;
        var end = page.IndexOf(SlotEnd, start, StringComparison.Ordinal);
        return (page[..start], page[end..]);
    }
}
