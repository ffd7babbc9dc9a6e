using Headroom.Measurements;
using Headroom.Measurements.Comparison;
using Headroom.Reports.Console;
using Headroom.Reports.Tables;

namespace Headroom.Reports;

/// <summary>Run files as text for a terminal or a log: fixed-width tables, with ANSI colours if asked for.</summary>
public static class ConsoleReport
{
    /// <summary>Narrower than this a table says nothing; a smaller width counts as this.</summary>
    public const int NarrowestWidth = 40;

    /// <summary>What was measured, each target met or missed, figures per name and per phase, resources, and warnings with what to do.</summary>
    /// <param name="output">Where to; lines end in a line feed.</param>
    /// <param name="run">The run.</param>
    /// <param name="width">Cells in a line. Columns that do not fit are left out, the least important first.</param>
    /// <param name="colour">Whether to write ANSI colours. Nothing is told by colour alone.</param>
    public static void WriteRun(TextWriter output, RunFile run, int width, bool colour)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(run);
        new RunText(new TonedWriter(output, colour), run, Math.Max(width, NarrowestWidth)).Write();
    }

    /// <summary>The grade of a run: each figure, the limits it is held against, and the worst of the grades.</summary>
    /// <param name="output">Where to; lines end in a line feed.</param>
    /// <param name="grade">The grade.</param>
    /// <param name="width">Cells in a line.</param>
    /// <param name="colour">Whether to write ANSI colours. Nothing is told by colour alone.</param>
    public static void WriteGrade(TextWriter output, RunGrade grade, int width, bool colour)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(grade);
        GradeText.Write(new TonedWriter(output, colour), grade, Math.Max(width, NarrowestWidth));
    }

    /// <summary>Two runs side by side: for every endpoint p50, p95, p99, requests per second, bytes and server CPU per request, before, after, and the gain.</summary>
    /// <param name="output">Where to; lines end in a line feed.</param>
    /// <param name="before">What the other is measured against.</param>
    /// <param name="after">The run that this is about.</param>
    /// <param name="width">Cells in a line. Columns that do not fit are left out, the least important first.</param>
    /// <param name="colour">Whether to write ANSI colours. Nothing is told by colour alone.</param>
    public static void WriteComparison(TextWriter output, LabeledRun before, LabeledRun after, int width, bool colour) =>
        WriteComparison(output, [before, after], width, colour);

    /// <summary>The same of two or more runs: the last is the one that this is about, compared with the first, and in one more line with each of those between.</summary>
    /// <param name="output">Where to; lines end in a line feed.</param>
    /// <param name="runs">What the last is measured against, then that.</param>
    /// <param name="width">Cells in a line. Columns that do not fit are left out, the least important first.</param>
    /// <param name="colour">Whether to write ANSI colours. Nothing is told by colour alone.</param>
    /// <exception cref="ArgumentException">There are fewer than two runs.</exception>
    public static void WriteComparison(TextWriter output, IReadOnlyList<LabeledRun> runs, int width, bool colour)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(runs);
        if (runs.Count < 2 || runs.Any(run => run is null))
            throw new ArgumentException($"A comparison needs two runs or more, not {runs.Count(run => run is not null)}.", nameof(runs));
        new ComparisonText(new TonedWriter(output, colour), runs, Math.Max(width, NarrowestWidth)).Write();
    }

    /// <summary>What a comparison of repeated runs came to: the answer, each metric with its interval and verdict, and findings.</summary>
    /// <param name="output">Where to; lines end in a line feed.</param>
    /// <param name="result">The comparison.</param>
    /// <param name="width">Cells in a line. Columns that do not fit are left out, the least important first.</param>
    /// <param name="colour">Whether to write ANSI colours. Nothing is told by colour alone.</param>
    public static void WriteVerdict(TextWriter output, ComparisonResult result, int width, bool colour)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(result);
        new VerdictText(new TonedWriter(output, colour), result, Math.Max(width, NarrowestWidth)).Write();
    }

    /// <summary>What switches are worth: the answer in words, a table a metric, findings.</summary>
    /// <param name="output">Where to; lines end in a line feed.</param>
    /// <param name="result">The ablation.</param>
    /// <param name="width">Cells in a line. Columns that do not fit are left out, the least important first.</param>
    /// <param name="colour">Whether to write ANSI colours. Nothing is told by colour alone.</param>
    public static void WriteAblation(TextWriter output, AblationResult result, int width, bool colour)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(result);
        new WorthText(new TonedWriter(output, colour), result, Math.Max(width, NarrowestWidth)).Write();
    }

    /// <summary>Histories of runs: for each metric a line of bars, and where it changed its level.</summary>
    /// <param name="output">Where to; lines end in a line feed.</param>
    /// <param name="trends">The histories.</param>
    /// <param name="width">Cells in a line. Of longer histories the latest runs are drawn.</param>
    /// <param name="colour">Whether to write ANSI colours. Nothing is told by colour alone.</param>
    public static void WriteTrend(TextWriter output, IReadOnlyList<RunTrend> trends, int width, bool colour)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(trends);
        new TrendText(new TonedWriter(output, colour), trends, Math.Max(width, NarrowestWidth)).Write();
    }
}
