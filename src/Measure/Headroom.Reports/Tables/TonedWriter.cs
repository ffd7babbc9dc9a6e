using System.Text;

namespace Headroom.Reports.Tables;

/// <summary>Lines of text with ANSI colours, or without them; no line ends in spaces.</summary>
internal sealed class TonedWriter(TextWriter output, bool colour)
{
    private const string Reset = "\e[0m";
    private readonly StringBuilder _line = new();

    public void Write(string text, Tone tone = Tone.Plain)
    {
        var code = Code(tone);
        if (!colour || code is null || string.IsNullOrWhiteSpace(text))
            _line.Append(text);
        else
            _line.Append(code).Append(text).Append(Reset);
    }

    /// <summary>Ends the line, with a last text if there is one.</summary>
    public void Line(string text = "", Tone tone = Tone.Plain)
    {
        Write(text, tone);
        output.Write(_line.ToString().TrimEnd(' '));
        output.Write('\n');
        _line.Clear();
    }

    private static string? Code(Tone tone) => tone switch
    {
        Tone.Heading => "\e[1m",
        Tone.Quiet => "\e[2m",
        Tone.Good => "\e[32m",
        Tone.Bad => "\e[1;31m",
        Tone.Caution => "\e[33m",
        _ => null,
    };
}
