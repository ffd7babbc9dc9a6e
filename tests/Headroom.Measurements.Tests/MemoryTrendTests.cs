namespace Headroom.Measurements.Tests;

public sealed class MemoryTrendTests(ITestOutputHelper output)
{
    private const double MBPerHour = 1e6 / 3600;

    [Fact]
    public void Of_StraightLine_IsItsSlopeWithoutMargin()
    {
        var trend = MemoryTrend.Of([.. Enumerable.Range(0, 100).Select(i => ((double)i, 1e8 + (i * 50 * MBPerHour)))]);

        Assert.Equal(50e6, trend!.BytesPerHour, 1);
        Assert.InRange(trend.MarginBytesPerHour!.Value, 0, 1);
    }

    [Fact]
    public void Of_FewSamples_HasNoMarginAndOfTwoNoSlope()
    {
        Assert.Null(MemoryTrend.Of([(0, 1), (1, 2)]));
        Assert.Null(MemoryTrend.Of([(1, 1), (1, 2), (1, 3)]));
        var trend = MemoryTrend.Of([.. Enumerable.Range(0, 49).Select(i => ((double)i, (double)(i % 3)))]);
        Assert.NotNull(trend);
        Assert.Null(trend.MarginBytesPerHour);
        Assert.Null(trend.TimeToTell(1, TimeSpan.FromMinutes(1)));
    }

    /// <summary>That 95 % of the intervals hold the true slope is what the margin claims; with neighbours that are nearly the same, a margin that took them as independent would hold it in less than half.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Of_NoiseWithMemory_HoldsTheTrueSlopeInItsInterval(double correlation)
    {
        var random = new Random(Seed.Printed(output));

        var held = ShareThatHoldTheSlope(600, seconds: 1, noise => (correlation * noise) + Gaussian(random));

        Assert.InRange(held, 0.88, 1);
    }

    /// <summary>Memory that stays where it came to: a margin of autocorrelation alone holds the true slope of such in 74 % of 1,200 samples.</summary>
    /// <param name="steps">The share of the seconds in which memory takes a step.</param>
    [Theory]
    [InlineData(1)]
    [InlineData(0.01)]
    public void Of_NoiseThatKeepsItsSteps_HoldsTheTrueSlopeInItsInterval(double steps)
    {
        var random = new Random(Seed.Printed(output));

        var held = ShareThatHoldTheSlope(1200, seconds: 2, place => place + (random.NextDouble() < steps ? Gaussian(random) : 0));

        Assert.InRange(held, 0.86, 1);
    }

    /// <summary>An hour at 50 requests a second, as one was: a megabyte of growth in small steps, and one of half a megabyte down. Counted by autocorrelation it was three samples, and ± 10 MB/h.</summary>
    [Fact]
    public void Of_AnHourWithFewSmallSteps_IsKnownToAFewMegabytesAnHour()
    {
        var samples = Enumerable.Range(0, 3600).Select(i => ((double)i, 146e6 + (30e3 * (Math.Min(i, 2300) / 60)) + (i < 960 ? 0 : 270e3) - (i < 2300 ? 0 : 450e3)));

        var trend = MemoryTrend.Of([.. samples])!;

        Assert.InRange(trend.BytesPerHour, 0, 2e6);
        Assert.InRange(trend.MarginBytesPerHour!.Value, 0.5e6, 4e6);
    }

    [Fact]
    public void Of_OneStepInTheMiddle_LeavesOpenWhetherItWasATrend()
    {
        var trend = MemoryTrend.Of([.. Enumerable.Range(0, 600).Select(i => ((double)i, i < 300 ? 100e6 : 110e6))])!;

        Assert.InRange(trend.BytesPerHour, 80e6, 100e6);
        Assert.True(trend.MarginBytesPerHour > trend.BytesPerHour);
    }

    [Fact]
    public void TimeToTell_NoisyRun_IsWhatALongerRunThenNeeds()
    {
        var random = new Random(7);
        List<(double, double)> Noise(int seconds) => [.. Enumerable.Range(0, seconds).Select(i => ((double)i, Gaussian(random) * 1e6))];
        var minute = MemoryTrend.Of(Noise(60))!;

        var needed = minute.TimeToTell(10e6, TimeSpan.FromSeconds(60))!.Value;
        var longer = MemoryTrend.Of(Noise((int)needed.TotalSeconds))!;

        Assert.True(needed > TimeSpan.FromSeconds(60));
        Assert.InRange(longer.MarginBytesPerHour!.Value, 5e6, 20e6);
        Assert.Equal(TimeSpan.FromHours(1), longer.TimeToTell(1e12, TimeSpan.FromHours(1)));
    }

    /// <summary>Of 300 runs that grow by 20 MB/h, with noise of which each sample's is made of the one before.</summary>
    private static double ShareThatHoldTheSlope(int count, int seconds, Func<double, double> next)
    {
        const int Runs = 300;
        var held = 0;
        for (var run = 0; run < Runs; run++)
        {
            var noise = 0.0;
            var samples = new List<(double, double)>();
            for (var i = 0; i < count; i++)
            {
                noise = next(noise);
                samples.Add((seconds * i, (20 * MBPerHour * seconds * i) + (noise * 1e6)));
            }

            var trend = MemoryTrend.Of(samples)!;
            held += Math.Abs(trend.BytesPerHour - 20e6) <= trend.MarginBytesPerHour ? 1 : 0;
        }

        return held / (double)Runs;
    }

    private static double Gaussian(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
