using Headroom.Measurements.Comparison;
using Headroom.Reports.Tables;
using Headroom.Reports.Verdicts;

namespace Headroom.Reports.Console;

/// <summary>A comparison of repeated runs: the answer, a row a metric, findings.</summary>
internal sealed class VerdictText(TonedWriter writer, ComparisonResult result, int width)
{
    public void Write()
    {
        writer.Line();
        writer.Write(VisibleText.Of(result.After), Tone.Heading);
        writer.Write($" compared with {VisibleText.Of(result.Before)}: ");
        writer.Line(VisibleText.Of(VerdictWords.Headline(result)), ToneOf(result));
        foreach (var line in VisibleText.Wrap(VisibleText.Of(VerdictWords.Basis(result)), width))
            writer.Line(line, Tone.Quiet);
        WriteTable(result.Metrics.Where(metric => !metric.Advisory).ToList(), "Decides");
        WriteTable(result.Metrics.Where(metric => metric.Advisory).ToList(), result.Metrics.Any(metric => !metric.Advisory) ? "Advice only" : "Described");
        FindingText.Write(writer, result.Findings, width);
    }

    private void WriteTable(List<MetricComparison> metrics, string heading)
    {
        if (metrics.Count == 0)
            return;
        var table = new TextTable(
        [
            new(heading, RightAligned: false, Shrinks: true), new(VisibleText.Of(result.Before), Dispensable: 3), new(VisibleText.Of(result.After), Dispensable: 4), new("change"),
            new("interval"), new("verdict", RightAligned: false), new("could see", Dispensable: 2), new("to tell", RightAligned: false, Dispensable: 1),
        ]);
        foreach (var metric in metrics)
        {
            table.Add(
            [
                VisibleText.Of(VerdictWords.Label(metric)),
                VerdictWords.Value(metric.Metric, metric.BeforeMedian),
                VerdictWords.Value(metric.Metric, metric.AfterMedian),
                VerdictWords.Change(metric.Change),
                VerdictWords.Interval(metric.Interval),
                new Cell(VerdictWords.Word(metric.Verdict), ToneOf(metric.Verdict)),
                VerdictWords.Visible(metric),
                VerdictWords.More(metric, result.Threshold),
            ]);
        }

        writer.Line();
        table.WriteTo(writer, width);
    }

    private static Tone ToneOf(ComparisonResult result) =>
        result.Worse ? Tone.Bad : !result.Gates ? Tone.Caution : result.Metrics.Any(metric => metric is { Advisory: false, Verdict: Verdict.Better }) ? Tone.Good : Tone.Plain;

    private static Tone ToneOf(Verdict verdict) => verdict switch { Verdict.Worse => Tone.Bad, Verdict.Better => Tone.Good, Verdict.Same => Tone.Plain, _ => Tone.Quiet };
}
