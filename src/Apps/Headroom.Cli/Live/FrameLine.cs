using System.Text;
using Headroom.Reports.Tables;

namespace Headroom.Cli.Live;

/// <summary>How a part of a line looks. Nothing is told by it alone.</summary>
internal enum Look
{
    Plain,
    Bold,
    Quiet,
    Good,
    Bad,
}

/// <summary>What the terminal can show.</summary>
/// <param name="Colour">Whether to write ANSI colours.</param>
/// <param name="Unicode">Whether block characters come out as such.</param>
internal sealed record LiveStyle(bool Colour, bool Unicode);

/// <summary>A line of the frame, with how many cells it takes.</summary>
internal sealed class FrameLine(LiveStyle style)
{
    private readonly StringBuilder _text = new();

    public int Cells { get; private set; }

    public FrameLine Add(string text, Look look = Look.Plain)
    {
        var code = style.Colour && text.Length > 0 ? Code(look) : null;
        if (code is null)
            _text.Append(text);
        else
            _text.Append(code).Append(text).Append("\e[0m");
        Cells += VisibleText.Width(text);
        return this;
    }

    public override string ToString() => _text.ToString();

    private static string? Code(Look look) => look switch
    {
        Look.Bold => "\e[1m",
        Look.Quiet => "\e[2m",
        Look.Good => "\e[32m",
        Look.Bad => "\e[1;31m",
        _ => null,
    };
}
