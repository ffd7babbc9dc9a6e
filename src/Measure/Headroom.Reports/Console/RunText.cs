using Headroom.Measurements;
using Headroom.Reports.Figures;
using Headroom.Reports.Tables;

namespace Headroom.Reports.Console;

/// <summary>One run, from the top: what was tested, the figures, the targets, names, phases, resources, errors, warnings.</summary>
internal sealed class RunText(TonedWriter writer, RunFile run, int width)
{
    private static readonly IReadOnlyList<Metric> PerName =
        [Metric.Requests, Metric.Throughput, Metric.P50, Metric.P95, Metric.P99, Metric.Errors, Metric.BytesPerRequest, Metric.CacheHitRate, Metric.CpuPerRequest];

    // Which of the columns above go first when the terminal is narrow.
    private static readonly IReadOnlyList<int> DispensableOrder = [4, 0, 1, 0, 0, 2, 5, 6, 7];

    public void Write()
    {
        WriteHead();
        WriteFigures();
        WriteTargets();
        WriteTable("Endpoint", run.RequestsByName.Select(named => (named.Key, named.Value)).ToList());
        if (run.Phases.Count > 1)
            WriteTable("Phase", run.Phases.Select(phase => (phase.Name, phase.Summary)).ToList());
        WriteCounts();
        FindingText.Write(writer, run.Warnings, width);
    }

    private void WriteHead()
    {
        writer.Line();
        writer.Write(VisibleText.Of(run.Plan.Name), Tone.Heading);
        writer.Line("  " + VisibleText.Of(run.Plan.Target));
        foreach (var line in VisibleText.Wrap(RunDescription.Of(run), width))
            writer.Line(line, Tone.Quiet);
        if (run.Interrupted)
            writer.Line($"Interrupted: stopped before its planned end; the figures cover {Figure.Seconds(run.DurationSeconds)}.", Tone.Caution);
        writer.Line();
    }

    private void WriteFigures()
    {
        var summary = run.Summary;
        var figures = new TextTable([new("", RightAligned: false), new("", RightAligned: false, Shrinks: true)]);
        figures.Add("requests", $"{Figure.Count(summary.Requests)}  {Figure.PerSecond(summary.RequestsPerSecond)}");
        if (summary.Requests > 0)
            figures.Add("latency", Latency(summary.LatencyMs));
        figures.Add("errors", $"{Figure.Count(summary.Errors)}  {Metric.Errors.Text(summary)}");
        figures.Add("cache hits", summary.CacheHitRate is { } rate ? $"{Figure.Percent(rate)}  {Figure.Count(summary.CacheHits)} hits, {Figure.Count(summary.CacheMisses)} misses" : "no response told its cache outcome");
        figures.Add("received", $"{Figure.Bytes(summary.BytesReceived)}  bodies {Figure.Bytes(summary.BodyBytes)}, decoded {Figure.Bytes(summary.DecodedBodyBytes)}");
        if (summary.Dropped > 0)
            figures.Add("dropped", $"{Figure.Count(summary.Dropped)}  due and never started");
        AddTarget(figures);
        figures.Add("generator", $"CPU {Figure.Seconds(run.Generator.CpuSeconds)}, {Figure.Microseconds(run.Generator.CpuMicrosecondsPerRequest)}/request, lag p99 {Figure.Milliseconds(run.Generator.LagMs.P99)}");
        figures.WriteTo(writer, width);
    }

    private static string Latency(LatencySummary latency) =>
        $"p50 {Figure.Milliseconds(latency.P50)}  p95 {Figure.Milliseconds(latency.P95)}  p99 {Figure.Milliseconds(latency.P99)}  max {Figure.Milliseconds(latency.Max)}";

    private void AddTarget(TextTable figures)
    {
        if (run.Target is not { } target)
        {
            figures.Add("target", "its process could not be seen; name it with --pid");
            return;
        }

        var cores = run.DurationSeconds > 0 ? $", {Figure.Number(target.CpuSeconds / run.DurationSeconds)} cores busy" : "";
        figures.Add("target CPU", $"{Figure.Seconds(target.CpuSeconds)}{cores}, {Figure.Microseconds(target.CpuMicrosecondsPerRequest)}/request");
        figures.Add("target RSS", $"{GaugeText(target.RssBytes, Figure.Bytes)}, growth {Figure.Bytes(target.RssGrowthBytesPerHour)}/h");
        if (target.OpenHandles is { } handles)
            figures.Add("open handles", GaugeText(handles, Figure.Count));
    }

    private static string GaugeText(Gauge gauge, Func<double, string> format) => $"start {format(gauge.Start)}, peak {format(gauge.Peak)}, end {format(gauge.End)}";

    private void WriteTargets()
    {
        if (run.Thresholds.Count == 0)
            return;

        writer.Line();
        writer.Line("Targets", Tone.Heading);
        var table = new TextTable([new("", RightAligned: false), new("", RightAligned: false), new("", RightAligned: true), new("", RightAligned: false, Shrinks: true)]);
        foreach (var target in run.Thresholds)
        {
            table.Add(
                target.Passed ? new Cell("pass", Tone.Good) : new Cell("FAIL", Tone.Bad),
                VisibleText.Of(target.Expression),
                RunDescription.Observed(target),
                VisibleText.Of(target.Reason ?? ""));
        }

        table.WriteTo(writer, width);
    }

    private void WriteTable(string heading, List<(string Name, RequestSummary Summary)> rows)
    {
        if (rows.Count == 0)
            return;

        var known = PerName.Select((metric, i) => (metric, dispensable: DispensableOrder[i])).Where(column => rows.Any(row => column.metric.Of(row.Summary) is not null)).ToList();
        var table = new TextTable([new(heading, RightAligned: false, Shrinks: true), .. known.Select(column => new Column(column.metric.Label, Dispensable: column.dispensable))]);
        foreach (var (name, summary) in rows)
            table.Add([VisibleText.Of(name), .. known.Select(column => new Cell(column.metric.Text(summary), column.metric == Metric.Errors && summary.Errors > 0 ? Tone.Bad : Tone.Plain))]);
        writer.Line();
        table.WriteTo(writer, width);
    }

    private void WriteCounts()
    {
        if (run.Statuses.Count == 0 && run.ErrorsByKind.Count == 0)
            return;

        writer.Line();
        var table = new TextTable([new("", RightAligned: false), new("", RightAligned: false, Shrinks: true)]);
        if (run.Statuses.Count > 0)
            table.Add("statuses", Counts(run.Statuses));
        if (run.ErrorsByKind.Count > 0)
            table.Add("errors by kind", new Cell(Counts(run.ErrorsByKind), Tone.Bad));
        table.WriteTo(writer, width);
    }

    private static string Counts(IReadOnlyDictionary<string, long> counts) =>
        string.Join("  ", counts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{VisibleText.Of(count.Key)}: {Figure.Count(count.Value)}"));
}
