using Headroom.Load.Wire;

namespace Headroom.Load.Tests.Wire;

public sealed class WakeModerationTests
{
    [Theory]
    [InlineData(800_000, 64, 2, 25_000)]
    [InlineData(130_000_000, 10_000, 3, 50_000)]
    [InlineData(320_000, 64, 0, 10_000)]
    public void RestNs_ManyUnderWayInSmallBatches_IsAShareOfTheServiceTime(long serviceNs, int underWay, int lastBatch, long expected) =>
        Assert.Equal(expected, WakeModeration.RestNs(serviceNs, underWay, lastBatch));

    [Theory]
    [InlineData(0, 64, 1)]
    [InlineData(300_000, 64, 1)]
    [InlineData(800_000, 31, 1)]
    [InlineData(50_000_000, 64, 1)]
    [InlineData(800_000, 64, 8)]
    [InlineData(-1, 64, 1)]
    public void RestNs_QuickOrFewOrBehind_IsNone(long serviceNs, int underWay, int lastBatch) =>
        Assert.Equal(0, WakeModeration.RestNs(serviceNs, underWay, lastBatch));

    [Fact]
    public void RestNs_WhateverIsUnderWay_IsAtMostAThirtySecondOfTheServiceTime()
    {
        for (var serviceNs = 1L; serviceNs < 20_000_000_000; serviceNs = (serviceNs * 3) + 7)
        {
            for (var underWay = 0; underWay < 100_000; underWay = (underWay * 2) + 1)
                Assert.InRange(WakeModeration.RestNs(serviceNs, underWay, 0), 0, Math.Min(serviceNs / 32, 50_000));
        }
    }
}
