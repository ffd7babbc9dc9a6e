namespace Headroom.Measurements.Tests;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("250ms", 0.25)]
    [InlineData("10s", 10)]
    [InlineData("1m30s", 90)]
    [InlineData("1.5h", 5400)]
    [InlineData("2d", 172800)]
    [InlineData("0", 0)]
    [InlineData(" 3s ", 3)]
    public void TryParseDuration_NumbersWithUnits_AreAdded(string text, double seconds)
    {
        Assert.True(Quantity.TryParseDuration(text, out var duration));
        Assert.Equal(seconds, duration.TotalSeconds, 9);
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1,5s")]
    [InlineData("1 s")]
    [InlineData("1..2s")]
    [InlineData("10sec")]
    [InlineData("999999999d")]
    public void TryParseDuration_AnythingElse_IsRefused(string text) => Assert.False(Quantity.TryParseDuration(text, out _));

    [Theory]
    [InlineData("1000/s", 1000)]
    [InlineData("1000", 1000)]
    [InlineData("90/m", 1.5)]
    [InlineData("3600/h", 1)]
    [InlineData("0.5/s", 0.5)]
    public void TryParseRate_NumberPerUnit_IsPerSecond(string text, double perSecond)
    {
        Assert.True(Quantity.TryParseRate(text, out var rate));
        Assert.Equal(perSecond, rate, 9);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1/s")]
    [InlineData("fast")]
    [InlineData("1/day")]
    [InlineData("1/s/s")]
    [InlineData("1,000/s")]
    public void TryParseRate_AnythingElse_IsRefused(string text) => Assert.False(Quantity.TryParseRate(text, out _));
}
