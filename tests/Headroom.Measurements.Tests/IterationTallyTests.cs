namespace Headroom.Measurements.Tests;

public sealed class IterationTallyTests
{
    [Fact]
    public void Summarize_CountedIterations_HasRateAndPercentiles()
    {
        var summary = Tally(1_000_000, 2_000_000, 3_000_000).Summarize(2);

        Assert.Equal((4, 2.0, 1, 2, 3, 5), (summary.Count, summary.PerSecond, summary.CutShort, summary.RequestsSkipped, summary.Interrupted, summary.Dropped));
        Assert.Equal((1.0, 3.0), (summary.DurationMs.Min, summary.DurationMs.Max));
        Assert.Equal(3, LatencyHistogram.Decode(summary.DurationHistogram!).Count);
    }

    [Fact]
    public void Summarize_NoTime_HasNoRate() => Assert.Equal(0, Tally(1_000_000).Summarize(0).PerSecond);

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Summarize_ImpossibleDuration_IsRefused(double durationSeconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new IterationTally().Summarize(durationSeconds));

    [Fact]
    public void Add_TwoTallies_AddsEveryCount()
    {
        var sum = Tally(1_000_000, 2_000_000);

        sum.Add(Tally(9_000_000));

        var summary = sum.Summarize(1);
        Assert.Equal((5, 2, 4, 6, 10), (summary.Count, summary.CutShort, summary.RequestsSkipped, summary.Interrupted, summary.Dropped));
        Assert.Equal((1.0, 9.0), (summary.DurationMs.Min, summary.DurationMs.Max));
    }

    [Fact]
    public void Reset_UsedTally_IsLikeNew()
    {
        var tally = Tally(1_000_000);

        tally.Reset();

        Assert.Equal(new IterationTally().Summarize(1), tally.Summarize(1));
    }

    /// <summary>One iteration more than durations was cut short.</summary>
    private static IterationTally Tally(params long[] durationsNs)
    {
        var tally = new IterationTally { Count = durationsNs.Length + 1, CutShort = 1, RequestsSkipped = 2, Interrupted = 3, Dropped = 5 };
        foreach (var durationNs in durationsNs)
            tally.Duration.Record(durationNs);
        return tally;
    }
}
