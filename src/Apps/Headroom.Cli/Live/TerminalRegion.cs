using System.Globalization;
using System.Text;

namespace Headroom.Cli.Live;

/// <summary>
/// Lines at the cursor of a terminal that are drawn over again (ECMA-48: CUU, EL, ED). The cursor is left under them, visible, and the screen is not switched, so a
/// process that is killed leaves a terminal that needs no repair. Each drawing is one write.
/// </summary>
internal sealed class TerminalRegion(TextWriter output)
{
    private IReadOnlyList<FrameLine> _lines = [];
    private (string Frame, int Width) _drawn;

    /// <param name="lines">What to show instead of what is shown.</param>
    /// <param name="width">Cells of the terminal now.</param>
    public void Draw(IReadOnlyList<FrameLine> lines, int width)
    {
        var frame = string.Concat(lines.Select(line => $"{line}\e[K\r\n")) + "\e[J";
        if ((frame, width) == _drawn)
            return;
        Write(BackToTop(width) + frame);
        (_lines, _drawn) = (lines, (frame, width));
    }

    /// <summary>Takes the lines away, as if they had never been there.</summary>
    public void Clear(int width)
    {
        if (_lines.Count == 0)
            return;
        Write(BackToTop(width) + "\e[J");
        (_lines, _drawn) = ([], default);
    }

    /// <summary>A terminal that became narrower has wrapped the lines that no longer fit.</summary>
    private string BackToTop(int width)
    {
        var rows = _lines.Sum(line => Math.Max(1, (line.Cells + width - 1) / width));
        return rows == 0 ? "\r" : string.Create(CultureInfo.InvariantCulture, $"\r\e[{rows}A");
    }

    private void Write(string text)
    {
        output.Write(text);
        output.Flush();
    }
}
