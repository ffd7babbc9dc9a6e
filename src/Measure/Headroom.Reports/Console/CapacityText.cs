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
        var shown = capacity.Highest is { } highest ? $"At {Figure.PerSecond(highest.RatePerSecond)}, the highest rate that met the objectives" : "At the lowest rate that was tried";
        writer.Line(shown, Tone.Heading);
        writer.Line();
    }

    private static void WriteSteps(TonedWriter writer, CapacityResult capacity, int width)
    {
        var table = new TextTable(
        [
            new("Rate"), new("", RightAligned: false), new("p50", Dispensable: 3), new("p99"), new("errors"), new("throughput", Dispensable: 2), new("under way", Dispensable: 1),
            new("CPU", Dispensable: 4), new("memory", Dispensable: 6), new("threads", Dispensable: 5), new("connections", Dispensable: 7),
        ]);
        foreach (var step in capacity.Steps.OrderBy(step => step.RatePerSecond))
        {
            var tone = step.Outcome switch { CapacityOutcome.Met => Tone.Good, CapacityOutcome.GeneratorBound => Tone.Caution, _ => Tone.Bad };
            table.Add(
                Figure.PerSecond(step.RatePerSecond),
                new Cell(CapacityFacts.Word(step.Outcome), tone),
                Figure.Milliseconds(step.LatencyMs.P50),
                Figure.Milliseconds(step.LatencyMs.P99),
                Figure.Percent(step.ErrorRate),
                Figure.PerSecond(step.ThroughputPerSecond),
                Figure.Number(step.Concurrency),
                step.TargetCpuCores is { } cores ? Figure.Number(cores) : "",
                step.TargetRssBytes is { } rss ? Figure.Bytes(rss) : "",
                step.TargetThreads is { } threads ? Figure.Count(threads) : "",
                step.TargetConnections is { } connections ? Figure.Count(connections) : "");
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
