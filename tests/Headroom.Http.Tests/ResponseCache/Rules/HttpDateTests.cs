using Headroom.Http.ResponseCache.Rules;

namespace Headroom.Http.Tests.ResponseCache.Rules;

public sealed class HttpDateTests
{
    static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sunday, 06-Nov-94 08:49:37 GMT")]
    [InlineData("Sun Nov  6 08:49:37 1994")]
    [InlineData("SUN, 06 nov 1994 08:49:37 gmt")]
    public void TryParse_EachFormOfRfc9110Section5_6_7_IsRead(string text)
    {
        Assert.True(HttpDate.TryParse(text, Now, out var date));
        Assert.Equal(new DateTimeOffset(1994, 11, 6, 8, 49, 37, TimeSpan.Zero), date);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("Thu, 18 Aug 2050 02:01:18 UTC")]
    [InlineData("Thu, 18 Aug 2050 02:01:18 AEST")]
    [InlineData("Thu, 18 Aug 50 02:01:18 GMT")]
    [InlineData("Thu 18 Aug 2050 02:01:18 GMT")]
    [InlineData("Thu, 18  Aug  2050 02:01:18 GMT")]
    [InlineData("Thu, 18-Aug-2050 02:01:18 GMT")]
    [InlineData("Thu, 18 Aug 2050 02.01.18 GMT")]
    [InlineData("Thu, 18 Aug 2050 2:01:18 GMT")]
    [InlineData("Thu, 31 Feb 2050 02:01:18 GMT")]
    [InlineData("Thu, 18 Aug 2050 24:01:18 GMT")]
    [InlineData("Xxx, 18 Aug 2050 02:01:18 GMT")]
    [InlineData("Thu, 18 Aug 2050 02:01:18 GMT, Thu, 18 Aug 2050 02:01:18 GMT")]
    public void TryParse_AnythingElse_IsNotRead(string? text) => Assert.False(HttpDate.TryParse(text, Now, out _));

    [Theory]
    [InlineData("Thursday, 18-Aug-50 02:01:18 GMT", 2050)]
    [InlineData("Thursday, 18-Aug-99 02:01:18 GMT", 1999)]
    public void TryParse_TwoDigitsOfAYear_AreAtMostFiftyYearsAhead(string text, int year)
    {
        Assert.True(HttpDate.TryParse(text, Now, out var date));
        Assert.Equal(year, date.Year);
    }

    [Fact]
    public void Format_ADate_IsReadAgain()
    {
        Assert.True(HttpDate.TryParse(HttpDate.Format(Now), Now, out var date));
        Assert.Equal(Now, date);
    }
}
