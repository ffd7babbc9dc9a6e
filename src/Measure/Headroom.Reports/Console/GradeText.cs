using Headroom.Measurements;
using Headroom.Reports.Figures;
using Headroom.Reports.Tables;

namespace Headroom.Reports.Console;

/// <summary>A run's grade as a table: a row a figure, its three limits beside it.</summary>
internal static class GradeText
{
    private const string None = "not graded";

    public static void Write(TonedWriter writer, RunGrade grade, int width)
    {
        writer.Line();
        writer.Write("Grade  ", Tone.Heading);
        writer.Line(Name(grade.Overall), ToneOf(grade.Overall));
        var table = new TextTable(
            [new("", RightAligned: false), new("", RightAligned: false), new("observed"), new("acceptable to", Dispensable: 3), new("warning to", Dispensable: 2), new("critical to", Dispensable: 1)]);
        foreach (var figure in grade.Figures)
        {
            var (acceptable, warning, critical) = figure.Limits;
            table.Add(
                new Cell(Name(figure.Grade), ToneOf(figure.Grade)),
                figure.Name,
                figure.Value is { } value ? $"{Figure.Number(value)} {figure.Unit}" : Figure.Unknown,
                $"{Figure.Number(acceptable)} {figure.Unit}",
                $"{Figure.Number(warning)} {figure.Unit}",
                $"{Figure.Number(critical)} {figure.Unit}");
        }

        table.WriteTo(writer, width);
        foreach (var figure in grade.Figures.Where(figure => figure.Reason is not null))
        {
            foreach (var line in VisibleText.Wrap($"{figure.Name}: {VisibleText.Of(figure.Reason!)}", width - 2))
                writer.Line("  " + line, Tone.Quiet);
        }
    }

    private static string Name(Grade? grade) => grade?.ToString().ToLowerInvariant() ?? None;

    private static Tone ToneOf(Grade? grade) => grade switch
    {
        null => Tone.Quiet,
        Grade.Acceptable => Tone.Good,
        Grade.Warning => Tone.Caution,
        _ => Tone.Bad,
    };
}
