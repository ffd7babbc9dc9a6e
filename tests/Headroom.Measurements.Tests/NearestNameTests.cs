

namespace Headroom.Measurements.Tests;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("P95", "p95", 0)]
    public void EditDistance_TwoNames_IsLevenshteins(string left, string right, int expected) =>
        Assert.Equal(expected, NearestName.EditDistance(left, right));

    [Theory]
    [InlineData("rs", "; did you mean 'rss'?")]
    [InlineData("zz", "")]
    [InlineData("", "")]
    public void Suggest_Name_IsNearOrNothing(string found, string expected) =>
        Assert.Equal(expected, NearestName.Hint(found, ["rss", "hit-rate"]));
}
