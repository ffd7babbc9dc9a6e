using Headroom.Reports.Tables;

namespace Headroom.Reports.JUnit;

/// <summary>Names as XML can hold them: it has no way to write most control characters, not even escaped (XML 1.0, section 2.2), so they are spelt out.</summary>
internal static class XmlSafeText
{
    /// <summary>On one line. Halves of a surrogate pair and the two noncharacters that XML forbids become U+FFFD.</summary>
    public static string Of(string text) => string.Concat(VisibleText.Of(text).EnumerateRunes()).Replace('\uFFFE', '\uFFFD').Replace('\uFFFF', '\uFFFD');

    /// <summary>The same, line by line.</summary>
    public static string OfLines(string text) => string.Join('\n', text.Split('\n').Select(Of));
}
