using Headroom.Measurements;
using Headroom.Reports.Figures;
using Headroom.Reports.Tables;

namespace Headroom.Reports.Console;

/// <summary>One run, from the top: what was tested, the figures, the targets, names, phases, resources, errors, warnings.</summary>
internal sealed class RunText(TonedWriter writer, RunFile run, int width)
{
    private static readonly IReadOnlyList<Metric> PerName =
        [Metric.Requests, Metric.Throughput, Metric.P50, Metric.P95, Metric.P99, Metric.Errors, Metric.BytesPerRequest, Metric.CacheHitRate, Metric.CpuPerRequest];

    private const int FactIndent = 18;

    /// <summary>In shorter runs the slope of the generator's memory tells of its start.</summary>
    private const double GrowthSecondsMin = 60;

    // Which of the columns above go first when the terminal is narrow.
    private static readonly IReadOnlyList<int> DispensableOrder = [4, 1, 3, 0, 0, 2, 5, 6, 7];

    public void Write()
    {
        WriteHead();
        if (run.Capacity is { } capacity)
            CapacityText.Write(writer, capacity, width);
        WriteFigures();
        WriteTargets();
        WriteTargetMetrics();
        CheckText.Write(writer, run, width);
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
        if (RunDescription.EndedEarly(run) is { } endedEarly)
        {
            foreach (var line in VisibleText.Wrap(VisibleText.Of(endedEarly), width))
                writer.Line(line, run.AbortedBy is null ? Tone.Caution : Tone.Bad);
        }

        writer.Line();
    }

    private void WriteFigures()
    {
        var summary = run.Summary;
        Fact("requests", $"{Figure.Count(summary.Requests)}, {Figure.PerSecond(summary.RequestsPerSecond)}");
        if (summary.Requests > 0)
        {
            Fact("latency", Metric.HasLatency(summary.LatencyMs) ? Latency(summary.LatencyMs) : "not known: every request broke off");
            Fact("errors", $"{Figure.Count(summary.Errors)}, {Metric.Errors.Text(summary)}", summary.Errors > 0 ? Tone.Bad : Tone.Plain);
        }

        Fact("cache hits", summary.CacheHitRate is { } rate
            ? $"{Figure.Percent(rate)}, {Figure.Count(summary.CacheHits)} hits, {Figure.Count(summary.CacheMisses)} misses"
            : "no response told its cache outcome");
        Fact("received", run.Origin is not null ? Figure.Bytes(summary.BytesReceived) : $"{Figure.Bytes(summary.BytesReceived)}, bodies {Figure.Bytes(summary.BodyBytes)}, decoded {Figure.Bytes(summary.DecodedBodyBytes)}");
        if (summary.Dropped > 0)
            Fact("dropped", $"{Figure.Count(summary.Dropped)} due and never started", Tone.Caution);
        WriteIterations();
        WriteTarget();
        if (run.Origin is null)
            WriteGenerator(run.Generator);
        else
            Fact("measured by", $"{VisibleText.Of(run.Origin.Tool)}; latency counts from when requests were {VisibleText.Of(run.Origin.LatencyFrom)}");
    }

    private void WriteIterations()
    {
        if (IterationFigures.WorthShowing(run) is { } iterations)
        {
            Fact("iterations", $"{Figure.Count(iterations.Count)}, {Figure.PerSecond(iterations.PerSecond)}");
            if (iterations.Count > iterations.CutShort)
                Fact("duration", Latency(iterations.DurationMs));
            if (IterationFigures.Unfinished(iterations) is { } unfinished)
                Fact("unfinished", unfinished, iterations.CutShort + iterations.Dropped > 0 ? Tone.Caution : Tone.Plain);
        }

        if (run.Summary is { TimeToFirstEventMs: { } firstEvent } summary)
            Fact("events", $"{Figure.Count(summary.Events)}, first after {Latency(firstEvent)}");
    }

    /// <summary>A line of its label and what there is to say, and more lines below it where the terminal is narrow.</summary>
    private void Fact(string label, string text, Tone tone = Tone.Plain)
    {
        foreach (var line in VisibleText.Wrap(text, width - FactIndent))
        {
            writer.Write($"  {label}".PadRight(FactIndent), Tone.Quiet);
            writer.Line(line, tone);
            label = "";
        }
    }

    private static string Latency(LatencySummary latency) =>
        $"p50 {Figure.Milliseconds(latency.P50)}, p95 {Figure.Milliseconds(latency.P95)}, p99 {Figure.Milliseconds(latency.P99)}, max {Figure.Milliseconds(latency.Max)}";

    private void WriteTarget()
    {
        if (run.Target is not { } target)
        {
            Fact("target", "its process could not be seen; name it with --pid");
            return;
        }

        var cores = run.DurationSeconds > 0 ? $", {Figure.Number(target.CpuSeconds / run.DurationSeconds)} cores busy" : "";
        Fact("target CPU", $"{Figure.Seconds(target.CpuSeconds)}{cores}, {Figure.Microseconds(target.CpuMicrosecondsPerRequest)}/request");
        var growth = run.DurationSeconds >= GrowthSecondsMin ? $", growth {Figure.Bytes(target.RssGrowthBytesPerHour)}/h" : "";
        Fact("target RSS", GaugeText(target.RssBytes, Figure.Bytes) + growth);
        if (target.OpenHandles is { } handles)
            Fact("open handles", GaugeText(handles, Figure.Count));
    }

    private void WriteGenerator(GeneratorUsage generator)
    {
        Fact("generator", $"CPU {Figure.Seconds(generator.CpuSeconds)}, {Figure.Microseconds(generator.CpuMicrosecondsPerRequest)}/request, lag p99 {Figure.Milliseconds(generator.LagMs.P99)}");
        if (run.DurationSeconds >= GrowthSecondsMin && generator.RssGrowthBytesPerHour is { } growth)
            Fact("its RSS", $"peak {Figure.Bytes(generator.PeakRssBytes)}, growth {Figure.Bytes(growth)}/h");
    }

    private static string GaugeText(Gauge gauge, Func<double, string> format) => $"start {format(gauge.Start)}, peak {format(gauge.Peak)}, end {format(gauge.End)}";

    private void WriteTargets()
    {
        if (run.Thresholds.Count == 0)
            return;

        writer.Line();
        writer.Line("Targets", Tone.Heading);
        var table = new TextTable([new("", RightAligned: false), new("", RightAligned: false, Shrinks: true), new("")]);
        foreach (var target in run.Thresholds)
            table.Add(Verdict(target), VisibleText.Of(target.Expression), VisibleText.Of(RunDescription.Observed(target)));
        table.WriteTo(writer, width);
        foreach (var target in run.Thresholds.Where(target => target.Reason is not null))
        {
            foreach (var line in VisibleText.Wrap($"{VisibleText.Of(target.Expression)}: {VisibleText.Of(target.Reason!)}", width - 2))
                writer.Line("  " + line, Tone.Quiet);
        }
    }

    /// <summary>Counted by the target itself, so they stand apart from what was measured.</summary>
    private void WriteTargetMetrics()
    {
        if (run.TargetMetrics.Count == 0)
            return;

        writer.Line();
        writer.Line("Metrics of the target", Tone.Heading);
        foreach (var metric in run.TargetMetrics)
        {
            var text = metric.Value is not { } value ? metric.Reason ?? Figure.Unknown
                : metric.Over is { } over ? $"{Figure.Percent(value)}, {Figure.Count(metric.Increase ?? 0)} of {Figure.Count(over)}"
                : Figure.Number(value);
            foreach (var line in VisibleText.Wrap($"{VisibleText.Of(metric.Name)}: {VisibleText.Of(text)}", width - 2))
                writer.Line("  " + line);
        }
    }

    private static Cell Verdict(ThresholdResult target) =>
        target.Passed ? new Cell("pass", Tone.Good) : target.Undecided ? new Cell("undecided", Tone.Caution) : new Cell("FAIL", Tone.Bad);

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
        if (run.Statuses.Count > 0)
            Fact("statuses", Counts(run.Statuses));
        if (run.ErrorsByKind.Count > 0)
            Fact("errors by kind", Counts(run.ErrorsByKind), Tone.Bad);
    }

    private static string Counts(IReadOnlyDictionary<string, long> counts) =>
        string.Join(", ", counts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{VisibleText.Of(count.Key)} {Figure.Count(count.Value)}"));
}
