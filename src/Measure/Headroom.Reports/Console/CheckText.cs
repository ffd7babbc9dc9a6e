using Headroom.Measurements;
using Headroom.Reports.Figures;
using Headroom.Reports.Tables;

namespace Headroom.Reports.Console;

/// <summary>The plan's checks and extractions; nothing when it has none.</summary>
internal static class CheckText
{
    public static void Write(TonedWriter writer, RunFile run, int width)
    {
        if (run.Checks.Count > 0)
            WriteChecks(writer, run.Checks, width);
        if (run.FailedExtractions.Count > 0)
            WriteExtractions(writer, run.FailedExtractions, width);
    }

    private static void WriteChecks(TonedWriter writer, IReadOnlyList<CheckSummary> checks, int width)
    {
        var table = new TextTable(
            [new("", RightAligned: false, Dispensable: 1), new("Check", RightAligned: false, Shrinks: true), new("Request", RightAligned: false, Shrinks: true), new("passed", Dispensable: 3), new("failed"), new("rate", Dispensable: 2)]);
        foreach (var check in checks)
        {
            var (word, tone) = check switch { { Fails: > 0 } => ("FAIL", Tone.Bad), { Passes: > 0 } => ("pass", Tone.Good), _ => ("none", Tone.Quiet) };
            var rate = IterationFigures.Rate(check) is { } share ? Figure.Percent(share) : Figure.Unknown;
            table.Add(
                new Cell(word, tone), VisibleText.Of(check.Name), VisibleText.Of(check.Request), Figure.Count(check.Passes),
                new Cell(Figure.Count(check.Fails), check.Fails > 0 ? Tone.Bad : Tone.Plain), new Cell(rate, check.Fails > 0 ? Tone.Bad : Tone.Plain));
        }

        writer.Line();
        table.WriteTo(writer, width);
    }

    private static void WriteExtractions(TonedWriter writer, IReadOnlyList<FailedExtraction> failed, int width)
    {
        var table = new TextTable([new("Found nothing", RightAligned: false, Shrinks: true), new("Request", RightAligned: false, Shrinks: true), new("times")]);
        foreach (var extraction in failed)
            table.Add(new Cell(VisibleText.Of(extraction.Variable), Tone.Caution), VisibleText.Of(extraction.Request), Figure.Count(extraction.Count));
        writer.Line();
        table.WriteTo(writer, width);
    }
}
