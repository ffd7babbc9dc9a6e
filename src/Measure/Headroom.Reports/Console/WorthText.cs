using Headroom.Measurements.Comparison;
using Headroom.Reports.Tables;
using Headroom.Reports.Verdicts;

namespace Headroom.Reports.Console;

/// <summary>What switches are worth: the answer, a table a metric, findings.</summary>
internal sealed class WorthText(TonedWriter writer, AblationResult result, int width)
{
    /// <summary>Cells of the bars that are drawn of the first metric.</summary>
    private const int BarCells = 24;

    public void Write()
    {
        writer.Line();
        foreach (var sentence in WorthWords.Summary(result))
        {
            foreach (var line in VisibleText.Wrap(VisibleText.Of(sentence), width))
                writer.Line(line, sentence == WorthWords.Summary(result)[0] ? Tone.Heading : Tone.Plain);
        }

        foreach (var line in VisibleText.Wrap(WorthWords.Basis(result), width))
            writer.Line(line, Tone.Quiet);
        foreach (var metric in WorthWords.Metrics(result))
            WriteTable(metric);
        FindingText.Write(writer, result.Findings, width);
    }

    private void WriteTable(ComparedMetric metric)
    {
        var draws = metric == result.OrderedBy;
        var most = result.Switches.SelectMany(worth => new[] { WorthWords.Of(worth.Alone, metric), WorthWords.Of(worth.Last, metric) }).OfType<MetricComparison>().Max(found => (double?)Size(found)) ?? 1;
        var table = new TextTable(
        [
            new(VerdictWords.Label(metric), RightAligned: false, Shrinks: true), new("alone on plain"), new("interval", Dispensable: 2), new("", RightAligned: false),
            new("on top of the others"), new("interval", Dispensable: 2), new("", RightAligned: false), new(draws ? "alone" : "", RightAligned: false, Dispensable: 3),
        ]);
        foreach (var worth in result.Switches)
        {
            var (alone, last) = (WorthWords.Of(worth.Alone, metric), WorthWords.Of(worth.Last, metric));
            table.Add([VisibleText.Of(worth.Name), .. Cells(alone), .. Cells(last), draws && alone is not null ? Bar(alone, most) : ""]);
        }

        writer.Line();
        table.WriteTo(writer, width);
    }

    private static Cell[] Cells(MetricComparison? metric) => metric is null ? ["", "", ""] :
    [
        new Cell(VerdictWords.Change(metric.Change), ToneOf(metric.Verdict)),
        VerdictWords.Interval(metric.Interval),
        new Cell(metric.Verdict == Verdict.CannotTell ? "?" : VerdictWords.Word(metric.Verdict), ToneOf(metric.Verdict)),
    ];

    /// <summary>As long as the logarithm of the factor; gains filled, costs hollow.</summary>
    private static string Bar(MetricComparison metric, double most)
    {
        var cells = most > 0 ? (int)Math.Round(BarCells * Size(metric) / most) : 0;
        return new string(metric.Change * metric.Metric switch { ComparedMetric.Throughput => -1, _ => 1 } < 0 ? '█' : '░', cells);
    }

    private static double Size(MetricComparison metric) => Math.Abs(Math.Log(Math.Max(1e-9, 1 + metric.Change)));

    private static Tone ToneOf(Verdict verdict) => verdict switch { Verdict.Worse => Tone.Bad, Verdict.Better => Tone.Good, Verdict.Same => Tone.Plain, _ => Tone.Quiet };
}
