using Headroom.Measurements;
using Headroom.Reports.Tables;

namespace Headroom.Reports.Console;

/// <summary>Warnings, each with its evidence and what to do about it.</summary>
internal static class FindingText
{
    public static void Write(TonedWriter writer, IReadOnlyList<Finding> findings, int width)
    {
        foreach (var finding in findings)
        {
            writer.Line();
            var tone = finding.Severity switch { FindingSeverity.Critical => Tone.Bad, FindingSeverity.Warning => Tone.Caution, _ => Tone.Quiet };
            var word = finding.Severity switch { FindingSeverity.Critical => "critical", FindingSeverity.Warning => "warning", _ => "note" };
            Paragraph(writer, $"{word}: ", finding.Summary, width, tone);
            foreach (var fact in finding.Evidence)
                Paragraph(writer, "  - ", fact, width, Tone.Quiet);
            Paragraph(writer, "  what to do: ", finding.Remedy, width, Tone.Plain);
            Paragraph(writer, "  ", finding.Code, width, Tone.Quiet);
            // Whole, however narrow the terminal is: a path that is cut cannot be opened.
            if (finding.Docs is { } docs)
                writer.Line("  " + VisibleText.Of(docs), Tone.Quiet);
        }
    }

    /// <summary>The first line after its label, the others below it, indented as the label is.</summary>
    private static void Paragraph(TonedWriter writer, string label, string text, int width, Tone tone)
    {
        var indent = new string(' ', label.Length - label.TrimStart().Length + 2);
        var first = true;
        foreach (var line in VisibleText.Wrap(label.TrimStart() + VisibleText.Of(text), width - indent.Length))
        {
            writer.Line((first ? indent[..^2] : indent) + line, tone);
            first = false;
        }
    }
}
