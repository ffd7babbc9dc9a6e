using System.Globalization;
using System.Text;
using Headroom.Measurements;
using Headroom.Measurements.Comparison;
using Headroom.Reports.Console;
using Headroom.Reports.Figures;
using Headroom.Reports.Verdicts;

namespace Headroom.Reports;

/// <summary>The report as GitHub-flavoured Markdown, for a pull request or a wiki.</summary>
public static class MarkdownReport
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private static readonly IReadOnlyList<Metric> PerName =
        [Metric.Requests, Metric.Throughput, Metric.P50, Metric.P95, Metric.P99, Metric.Max, Metric.Errors, Metric.BytesPerRequest, Metric.CacheHitRate, Metric.CpuPerRequest];

    /// <summary>Writes the report; on any failure a file that was there before stays as it was.</summary>
    /// <exception cref="IOException">The disk is full, the folder does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission to write there.</exception>
    /// <exception cref="ArgumentException">There is no run.</exception>
    public static void Write(string path, ReportInput input)
    {
        var markdown = Render(input);
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(markdown)));
    }

    /// <summary>The report as text: of one run its figures, of several the last compared with the first.</summary>
    /// <exception cref="ArgumentException">There is no run.</exception>
    public static string Render(ReportInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Runs.Count == 0)
            throw new ArgumentException("A report needs at least one run.", nameof(input));

        var text = new StringBuilder();
        text.Append("# ").Append(Escape(input.Title)).Append("\n\n");
        if (input.Comparison is { } comparison)
            AppendVerdict(text, comparison);
        if (input.Ablation is { } ablation)
            AppendWorth(text, ablation);
        if (input.Trends is { } trends)
            AppendTrends(text, trends);
        if (input.Runs.Count == 1)
            AppendRun(text, input.Runs[0].Run);
        else
            AppendComparison(text, input.Runs);
        return text.ToString();
    }

    private static void AppendRun(StringBuilder text, RunFile run)
    {
        if (run.Capacity is { } capacity)
            AppendCapacity(text, capacity);
        AppendVerdict(text, run, null);
        AppendTable(text, "", [("all requests", run.Summary)]);
        AppendTable(text, "Endpoint", run.RequestsByName.Select(named => (named.Key, named.Value)).ToList());
        if (run.Phases.Count > 1)
            AppendTable(text, "Phase", run.Phases.Select(phase => (phase.Name, phase.Summary)).ToList());
        AppendIterations(text, run);
        AppendChecks(text, run);
        AppendTarget(text, run);
        AppendCounts(text, "Status", run.Statuses);
        AppendCounts(text, "Error", run.ErrorsByKind);
        AppendFindings(text, run.Warnings);
    }

    private static void AppendComparison(StringBuilder text, IReadOnlyList<LabeledRun> runs)
    {
        var (before, after) = (runs[0], runs[^1]);
        text.Append(Invariant, $"**{Escape(after.Label)}** compared with **{Escape(before.Label)}**: before → after, and how many times better.\n\n");
        var pairs = EndpointPair.Of(before.Run, after.Run);
        var metrics = EndpointPair.KnownMetrics(pairs);
        Header(text, ["Endpoint", .. metrics.Select(metric => metric.Label)]);
        foreach (var pair in pairs)
            Row(text, [Escape(pair.Name), .. metrics.Select(metric => ComparedCell(metric, pair.Before, pair.After))]);
        text.Append('\n');
        foreach (var (label, run) in runs)
            AppendVerdict(text, run, label);
        AppendFindings(text, runs.SelectMany(run => run.LabeledWarnings()).ToList());
    }

    private static void AppendVerdict(StringBuilder text, ComparisonResult result)
    {
        text.Append(Invariant, $"**{Escape(VerdictWords.Headline(result))}**\n\n{Escape(VerdictWords.Basis(result))}.\n\n");
        foreach (var advisory in new[] { false, true })
        {
            var metrics = result.Metrics.Where(metric => metric.Advisory == advisory).ToList();
            if (metrics.Count == 0)
                continue;
            Header(text, [advisory ? "Advice only" : "Decides", Escape(result.Before), Escape(result.After), "Change", "Interval", "Verdict", "Could see", "To tell"]);
            foreach (var metric in metrics)
            {
                Row(text,
                [
                    Escape(VerdictWords.Label(metric)), VerdictWords.Value(metric.Metric, metric.BeforeMedian), VerdictWords.Value(metric.Metric, metric.AfterMedian), VerdictWords.Change(metric.Change),
                    VerdictWords.Interval(metric.Interval), $"{Marker(metric.Verdict)}{VerdictWords.Word(metric.Verdict)}", VerdictWords.Visible(metric), VerdictWords.More(metric, result.Threshold),
                ]);
            }

            text.Append('\n');
        }

        AppendFindings(text, result.Findings);
        text.Append(result.Findings.Count > 0 ? "\n" : "");
    }

    private static void AppendTrends(StringBuilder text, IReadOnlyList<RunTrend> trends)
    {
        text.Append(Invariant, $"**{TrendWords.Headline(trends)}.** {TrendWords.Advice(trends)}\n\n");
        foreach (var sentence in TrendWords.Sentences(trends))
            text.Append(Invariant, $"- {Escape(sentence)}\n");
        text.Append('\n');
        foreach (var trend in trends)
        {
            Header(text, [Escape(TrendWords.Title(trend, trends)), .. trend.Series.Select(series => VerdictWords.Label(series.Metric))]);
            foreach (var (i, point) in trend.Points.Index())
                Row(text, [$"{Escape(point.Name)}, {Figure.Instant(point.StartedAt)}", .. trend.Series.Select(series => series.Values[i] is { } value ? VerdictWords.Value(series.Metric, value) : Figure.Unknown)]);
            text.Append('\n');
        }
    }

    private static void AppendCapacity(StringBuilder text, CapacityResult capacity)
    {
        foreach (var (label, fact, tone) in CapacityFacts.Of(capacity))
            text.Append(Invariant, $"- {label}: {(tone == CapacityFactTone.Headline ? $"**{Escape(fact)}**" : Escape(fact))}\n");
        text.Append('\n');
        var columns = CapacityColumn.KnownOf(capacity.Steps);
        Header(text, ["Rate", "", .. columns.Select(column => column.Label)]);
        foreach (var step in capacity.Steps.OrderBy(step => step.RatePerSecond))
        {
            var marker = step.Outcome switch { CapacityOutcome.Met => "✅ ", CapacityOutcome.GeneratorBound => "❔ ", _ => "❌ " };
            Row(text, [Figure.PerSecond(step.RatePerSecond), $"{marker}{CapacityFacts.Word(step.Outcome)}", .. columns.Select(column => Escape(column.Text(step) ?? Figure.Unknown))]);
        }

        text.Append(Invariant, $"\n## {CapacityFacts.Shown(capacity)}\n\n");
    }

    private static void AppendWorth(StringBuilder text, AblationResult result)
    {
        foreach (var sentence in WorthWords.Summary(result))
            text.Append(Invariant, $"- {Escape(sentence)}\n");
        text.Append(Invariant, $"\n{Escape(WorthWords.Basis(result))}.\n\n");
        foreach (var metric in WorthWords.Metrics(result))
        {
            Header(text, [VerdictWords.Label(metric), "Alone on plain", "Interval", "", "On top of the others", "Interval", ""]);
            foreach (var worth in result.Switches)
                Row(text, [Escape(worth.Name), .. WorthCells(WorthWords.Of(worth.Alone, metric)), .. WorthCells(WorthWords.Of(worth.Last, metric))]);
            text.Append('\n');
        }

        AppendFindings(text, result.Findings);
        text.Append(result.Findings.Count > 0 ? "\n" : "");
    }

    private static string[] WorthCells(MetricComparison? metric) => metric is null ? [Figure.Unknown, "", ""]
        : [VerdictWords.Change(metric.Change), VerdictWords.Interval(metric.Interval), $"{Marker(metric.Verdict)}{VerdictWords.Word(metric.Verdict)}"];

    private static string Marker(Verdict verdict) => verdict switch { Verdict.Worse => "❌ ", Verdict.Better => "✅ ", _ => "" };

    private static string ComparedCell(Metric metric, RequestSummary? before, RequestSummary? after)
    {
        var gain = metric.GainOf(before, after);
        var ratio = gain.Ratio is { } times ? $" (**{Figure.Times(times)}**)" : "";
        return $"{metric.Text(before)} → {metric.Text(after)}{ratio}".Replace("<", "&lt;", StringComparison.Ordinal);
    }

    private static void AppendVerdict(StringBuilder text, RunFile run, string? label)
    {
        text.Append(label is null ? "" : $"**{Escape(label)}**: ");
        if (RunDescription.Targets(run) is { } targets)
            text.Append(Invariant, $"**{targets}.** ");
        text.Append(Invariant, $"{Escape(run.Plan.Name)} against {Escape(run.Plan.Target)}, {Escape(RunDescription.Of(run))}.\n\n");
        if (RunDescription.EndedEarly(run) is { } endedEarly)
            text.Append(Invariant, $"> **{endedEarly[..endedEarly.IndexOf(':', StringComparison.Ordinal)]}:**{Escape(endedEarly[(endedEarly.IndexOf(':', StringComparison.Ordinal) + 1)..])}\n\n");
        if (run.Thresholds.Count == 0)
            return;

        Header(text, ["Target", "Observed", "Result"]);
        foreach (var target in run.Thresholds)
        {
            var reason = target.Reason is { } why ? $" ({Escape(why)})" : "";
            Row(text, [Escape(target.Expression), Escape(RunDescription.Observed(target)), Outcome(target) + reason]);
        }

        text.Append('\n');
    }

    private static string Outcome(ThresholdResult target) => target.Passed ? "✅ pass" : target.Undecided ? "❔ undecided" : "❌ **fail**";

    private static void AppendTable(StringBuilder text, string heading, List<(string Name, RequestSummary Summary)> rows)
    {
        if (rows.Count == 0)
            return;

        var metrics = PerName.Where(metric => rows.Any(row => metric.Of(row.Summary) is not null)).ToList();
        Header(text, [heading, .. metrics.Select(metric => metric.Label)]);
        foreach (var (name, summary) in rows)
            Row(text, [Escape(name), .. metrics.Select(metric => Escape(metric.Text(summary)))]);
        text.Append('\n');
    }

    private static void AppendIterations(StringBuilder text, RunFile run)
    {
        if (IterationFigures.WorthShowing(run) is { } iterations)
        {
            var unfinished = IterationFigures.Unfinished(iterations) is { } some ? $" ({some})" : "";
            text.Append(Invariant, $"{Figure.Count(iterations.Count)} iterations, {Figure.PerSecond(iterations.PerSecond)}{unfinished}");
            text.Append(iterations.Count > iterations.CutShort ? $"; duration {Percentiles(iterations.DurationMs)}.\n\n" : ".\n\n");
        }

        if (run.Summary is { TimeToFirstEventMs: { } firstEvent } summary)
            text.Append(Invariant, $"{Figure.Count(summary.Events)} server-sent events; time to the first {Percentiles(firstEvent)}.\n\n");
    }

    private static string Percentiles(LatencySummary latency) =>
        $"p50 {Figure.Milliseconds(latency.P50)}, p95 {Figure.Milliseconds(latency.P95)}, p99 {Figure.Milliseconds(latency.P99)}";

    private static void AppendChecks(StringBuilder text, RunFile run)
    {
        if (run.Checks.Count > 0)
        {
            Header(text, ["Check", "Request", "Passed", "Failed", "Rate"]);
            foreach (var check in run.Checks)
            {
                var failed = check.Fails > 0 ? $"❌ **{Figure.Count(check.Fails)}**" : "0";
                Row(text, [Escape(check.Name), Escape(check.Request), Figure.Count(check.Passes), failed, IterationFigures.Rate(check) is { } rate ? Escape(Figure.Percent(rate)) : Figure.Unknown]);
            }

            text.Append('\n');
        }

        if (run.FailedExtractions.Count == 0)
            return;

        Header(text, ["Extraction that found nothing", "Request", "Times"]);
        foreach (var failed in run.FailedExtractions)
            Row(text, [Escape(failed.Variable), Escape(failed.Request), Figure.Count(failed.Count)]);
        text.Append('\n');
    }

    private static void AppendTarget(StringBuilder text, RunFile run)
    {
        if (run.Target is not { } target)
            return;

        Header(text, ["Target process", "start", "peak", "end"]);
        GaugeRow(text, "memory (RSS)", target.RssBytes, Figure.Bytes);
        if (target.OpenHandles is { } handles)
            GaugeRow(text, "open handles", handles, Figure.Count);
        if (target.Threads is { } threads)
            GaugeRow(text, "threads", threads, Figure.Count);
        text.Append(Invariant, $"\nCPU {Figure.Seconds(target.CpuSeconds)}, {Figure.Microseconds(target.CpuMicrosecondsPerRequest)} per request; memory growth {Figure.Bytes(target.RssGrowthBytesPerHour)} per hour.\n\n");
    }

    private static void GaugeRow(StringBuilder text, string name, Gauge gauge, Func<double, string> format) =>
        Row(text, [name, format(gauge.Start), format(gauge.Peak), format(gauge.End)]);

    private static void AppendCounts(StringBuilder text, string heading, IReadOnlyDictionary<string, long> counts)
    {
        if (counts.Count == 0)
            return;

        Header(text, [heading, "count"]);
        foreach (var (key, count) in counts.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            Row(text, [Escape(key), Figure.Count(count)]);
        text.Append('\n');
    }

    private static void AppendFindings(StringBuilder text, IReadOnlyList<Finding> findings)
    {
        foreach (var finding in findings)
        {
            text.Append(Invariant, $"- **{Escape(finding.Summary)}** What to do: {Escape(finding.Remedy)} ({Escape(finding.Code)})\n");
            foreach (var fact in finding.Evidence)
                text.Append(Invariant, $"  - {Escape(fact)}\n");
        }
    }

    /// <summary>The first column is text, the others are figures.</summary>
    private static void Header(StringBuilder text, IReadOnlyList<string> headings)
    {
        Row(text, headings);
        text.Append("| --- |").Append(string.Concat(Enumerable.Repeat(" ---: |", headings.Count - 1))).Append('\n');
    }

    private static void Row(StringBuilder text, IReadOnlyList<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    /// <summary>Text that stays text: no cell, emphasis, link, code, HTML or mention can begin in a name.</summary>
    private static string Escape(string value)
    {
        var escaped = new StringBuilder(value.Length + 8);
        foreach (var c in value)
        {
            _ = c switch
            {
                '\\' or '|' or '`' or '*' or '_' or '[' or ']' or '~' or '$' or '#' => escaped.Append('\\').Append(c),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '&' => escaped.Append("&amp;"),
                '@' => escaped.Append("&#64;"),
                _ when char.IsControl(c) || c is '\u2028' or '\u2029' => escaped.Append(' '),
                _ => escaped.Append(c),
            };
        }

        return escaped.ToString();
    }
}
