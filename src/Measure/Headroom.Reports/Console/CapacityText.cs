using Headroom.Measurements;
using Headroom.Reports.Figures;
using Headroom.Reports.Tables;

namespace Headroom.Reports.Console;

/// <summary>The answer of a search for the capacity, then what it rests on: the curve, the steps, the law.</summary>
internal static class CapacityText
{
    private const int FactIndent = 18;

    public static void Write(TonedWriter writer, CapacityResult capacity, int width)
    {
        foreach (var (label, text, tone) in CapacityFacts.Of(capacity))
            Fact(writer, label, text, width, tone switch { CapacityFactTone.Good => Tone.Good, CapacityFactTone.Bad => Tone.Bad, CapacityFactTone.Headline => Tone.Heading, _ => Tone.Plain });
        if (capacity.Steps.Count > 1)
        {
            writer.Line();
            foreach (var line in LatencyPlot.Draw(capacity, width))
                writer.Line(line, Tone.Quiet);
        }

        WriteSteps(writer, capacity, width);
        writer.Line();
        writer.Line(CapacityFacts.Shown(capacity), Tone.Heading);
        writer.Line();
    }

    private static void WriteSteps(TonedWriter writer, CapacityResult capacity, int width)
    {
        var columns = CapacityColumn.KnownOf(capacity.Steps);
        var table = new TextTable([new("Rate"), new("", RightAligned: false), .. columns.Select(column => new Column(column.Label, Dispensable: column.Dispensable))]);
        foreach (var step in capacity.Steps.OrderBy(step => step.RatePerSecond))
        {
            var tone = step.Outcome switch { CapacityOutcome.Met => Tone.Good, CapacityOutcome.GeneratorBound => Tone.Caution, _ => Tone.Bad };
            table.Add([Figure.PerSecond(step.RatePerSecond), new Cell(CapacityFacts.Word(step.Outcome), tone), .. columns.Select(column => (Cell)(column.Text(step) ?? ""))]);
        }

        writer.Line();
        table.WriteTo(writer, width);
    }

    private static void Fact(TonedWriter writer, string label, string text, int width, Tone tone)
    {
        foreach (var line in VisibleText.Wrap(VisibleText.Of(text), width - FactIndent))
        {
            writer.Write($"  {label}".PadRight(FactIndent), Tone.Quiet);
            writer.Line(line, tone);
            label = "";
        }
    }
}
