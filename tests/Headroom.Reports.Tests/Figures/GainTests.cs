using Headroom.Reports.Figures;

namespace Headroom.Reports.Tests.Figures;

public sealed class GainTests
{
    [Theory]
    [InlineData(100.0, 10.0, Better.Lower, 10.0, GainDirection.Better)]
    [InlineData(10.0, 100.0, Better.Lower, 0.1, GainDirection.Worse)]
    [InlineData(100.0, 200.0, Better.Higher, 2.0, GainDirection.Better)]
    [InlineData(100.0, 98.0, Better.Higher, 0.98, GainDirection.Same)]
    [InlineData(5.0, 5.0, Better.Lower, 1.0, GainDirection.Same)]
    [InlineData(0.0, 0.0, Better.Lower, null, GainDirection.Same)]
    [InlineData(3.0, 0.0, Better.Lower, null, GainDirection.Better)]
    [InlineData(0.0, 3.0, Better.Lower, null, GainDirection.Worse)]
    [InlineData(null, 3.0, Better.Lower, null, GainDirection.Unknown)]
    [InlineData(3.0, null, Better.Higher, null, GainDirection.Unknown)]
    internal void Of_TwoFigures_SaysWhichWayAndHowFar(double? before, double? after, Better better, double? ratio, GainDirection direction)
    {
        Assert.Equal(new Gain(ratio, direction), Gain.Of(before, after, better));
    }
}
