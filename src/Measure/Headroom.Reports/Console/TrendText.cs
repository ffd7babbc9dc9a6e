using Headroom.Measurements.Comparison;
using Headroom.Reports.Figures;
using Headroom.Reports.Tables;
using Headroom.Reports.Verdicts;

namespace Headroom.Reports.Console;

/// <summary>Histories of runs: for each metric a line of bars, and what changed where.</summary>
internal sealed class TrendText(TonedWriter writer, IReadOnlyList<RunTrend> trends, int width)
{
    private const string Bars = "▁▂▃▄▅▆▇█";
    private const int LabelCells = 18;

    public void Write()
    {
        foreach (var trend in trends)
        {
            writer.Line();
            writer.Write(VisibleText.Of(TrendWords.Title(trend, trends)), Tone.Heading);
            writer.Line($"  {Figure.Count(trend.Points.Count)} {(trend.Points.Count == 1 ? "run" : "runs")}, {Figure.Instant(trend.Points[0].StartedAt)} to {Figure.Instant(trend.Points[^1].StartedAt)}", Tone.Quiet);
            foreach (var line in VisibleText.Wrap(VisibleText.Of(trend.Machine), width))
                writer.Line(line, Tone.Quiet);
            if (trend.Points.Count > Cells)
                writer.Line($"drawn: the latest {Figure.Count(Cells)} runs", Tone.Quiet);
            writer.Line();
            foreach (var series in trend.Series)
                WriteSeries(trend, series);
        }

        writer.Line();
        foreach (var line in VisibleText.Wrap(TrendWords.Advice(trends), width))
            writer.Line(line, Tone.Quiet);
    }

    /// <summary>A run takes one: the latest, as many as fit.</summary>
    private int Cells => Math.Max(10, width - LabelCells - 4);

    private void WriteSeries(RunTrend trend, TrendSeries series)
    {
        var first = Math.Max(0, series.Values.Count - Cells);
        writer.Write("  " + VisibleText.Pad(VerdictWords.Label(series.Metric), LabelCells, right: false));
        writer.Line(Plot(series.Values.Skip(first).ToArray()));
        if (series.Changes.Any(change => change.Index >= first))
        {
            var marks = new char[series.Values.Count - first];
            Array.Fill(marks, ' ');
            foreach (var change in series.Changes.Where(change => change.Index >= first))
                marks[change.Index - first] = '^';
            writer.Line(new string(' ', LabelCells + 2) + new string(marks), Tone.Caution);
        }

        foreach (var change in series.Changes)
        {
            foreach (var line in VisibleText.Wrap(VisibleText.Of(TrendWords.Sentence(trend, series, change)), width - 4))
                writer.Line("    " + line, change.Worse ? Tone.Bad : Tone.Good);
        }
    }

    /// <summary>Logarithmic, from the smallest to the largest; a run without the figure is a gap.</summary>
    private static string Plot(double?[] values)
    {
        var known = values.OfType<double>().ToArray();
        if (known.Length == 0)
            return "";
        var (low, high) = (Math.Log(known.Min()), Math.Log(known.Max()));

        // Less than 10 % between the ends is drawn flat, so that noise is not drawn as drama.
        var span = Math.Max(high - low, 0.1);
        return string.Concat(values.Select(value => value is { } number ? Bars[(int)Math.Round((Bars.Length - 1) * (Math.Log(number) - low) / span)] : ' '));
    }
}
