using Headroom.Reports.Tables;

namespace Headroom.Reports.Tests.Tables;

public sealed class VisibleTextTests
{
    [Theory]
    [InlineData("GET /api", "GET /api")]
    [InlineData("a\nb", "a\\u{A}b")]
    [InlineData("\u001b[31m", "\\u{1B}[31m")]
    [InlineData("\u202Eabc", "\\u{202E}abc")]
    [InlineData("\u2028", "\\u{2028}")]
    [InlineData("日本 🚀", "日本 🚀")]
    [InlineData("👩\u200D👧", "👩\u200D👧")]
    public void Of_AnyText_HasNothingThatATerminalActsOn(string text, string expected) => Assert.Equal(expected, VisibleText.Of(text));

    [Theory]
    [InlineData("", 0)]
    [InlineData("abc", 3)]
    [InlineData("日本", 4)]
    [InlineData("🚀", 2)]
    [InlineData("e\u0301", 1)]
    public void Width_AnyText_CountsCells(string text, int cells) => Assert.Equal(cells, VisibleText.Width(text));

    [Theory]
    [InlineData("abcdef", 6, "abcdef")]
    [InlineData("abcdef", 5, "abcd…")]
    [InlineData("日本語", 5, "日本…")]
    [InlineData("日本語", 4, "日…")]
    public void Truncate_TooLong_EndsInAnEllipsisWithinTheCells(string text, int cells, string expected)
    {
        Assert.Equal(expected, VisibleText.Truncate(text, cells));
        Assert.True(VisibleText.Width(expected) <= cells);
    }

    [Fact]
    public void Wrap_LongText_BreaksAtSpaces() => Assert.Equal(["one two", "three", "four"], VisibleText.Wrap("one two three four", 7));
}
