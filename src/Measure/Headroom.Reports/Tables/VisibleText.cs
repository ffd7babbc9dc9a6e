using System.Globalization;
using System.Text;

namespace Headroom.Reports.Tables;

/// <summary>
/// Names as a terminal can show them. They come from plans and responses, so escape sequences and direction overrides in them are
/// written out instead of being obeyed, and columns are aligned by what a terminal shows, not by UTF-16 length.
/// </summary>
internal static class VisibleText
{
    private const char Ellipsis = '…';

    /// <summary>The text on one line with nothing in it that a terminal acts on.</summary>
    public static string Of(string text)
    {
        if (!text.EnumerateRunes().Any(IsActive))
            return text;

        var visible = new StringBuilder(text.Length + 8);
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsActive(rune))
                visible.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X}}}");
            else
                visible.Append(rune.ToString());
        }

        return visible.ToString();
    }

    /// <summary>Terminal cells: 2 for East Asian and emoji, 0 for marks that join the letter before them.</summary>
    public static int Width(string text) => text.EnumerateRunes().Sum(Width);

    /// <summary>The text in at most so many cells; what is cut off is told by an ellipsis.</summary>
    public static string Truncate(string text, int cells)
    {
        if (Width(text) <= cells)
            return text;

        var kept = new StringBuilder();
        var used = 1;
        foreach (var rune in text.EnumerateRunes())
        {
            used += Width(rune);
            if (used > cells)
                break;
            kept.Append(rune.ToString());
        }

        return kept.Append(Ellipsis).ToString();
    }

    public static string Pad(string text, int cells, bool right)
    {
        var fill = new string(' ', Math.Max(0, cells - Width(text)));
        return right ? fill + text : text + fill;
    }

    /// <summary>Lines of at most so many cells, broken at spaces; a longer word is cut.</summary>
    public static IEnumerable<string> Wrap(string text, int cells)
    {
        var line = new StringBuilder();
        var used = 0;
        foreach (var whole in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var word = Truncate(whole, cells);
            var width = Width(word);
            if (used > 0 && used + 1 + width > cells)
            {
                yield return line.ToString();
                line.Clear();
                used = 0;
            }

            if (used > 0)
            {
                line.Append(' ');
                used++;
            }

            line.Append(word);
            used += width;
        }

        if (used > 0)
            yield return line.ToString();
    }

    private static bool IsActive(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        && !JoinsLetters(rune);

    /// <summary>Zero-width joiners are format characters that scripts and emoji need.</summary>
    private static bool JoinsLetters(Rune rune) => rune.Value is 0x200C or 0x200D;

    private static int Width(Rune rune)
    {
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format)
            return 0;

        // The wide blocks of Unicode's EastAsianWidth: Hangul, CJK, full-width forms, emoji.
        return rune.Value is >= 0x1100 and <= 0x115F or >= 0x2E80 and <= 0xA4CF or >= 0xAC00 and <= 0xD7A3 or >= 0xF900 and <= 0xFAFF
            or >= 0xFE30 and <= 0xFE6F or >= 0xFF00 and <= 0xFF60 or >= 0xFFE0 and <= 0xFFE6 or >= 0x1F300 and <= 0x1FAFF or >= 0x20000 and <= 0x3FFFD
            ? 2
            : 1;
    }
}
