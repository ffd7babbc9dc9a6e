using Headroom.Measurements.Statistics;
using Headroom.Testing;

namespace Headroom.Measurements.Tests.Statistics;

public sealed class PairedPowerTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.8, 0.841621)]
    [InlineData(0.975, 1.959964)]
    [InlineData(0.995, 2.575829)]
    [InlineData(0.025, -1.959964)]
    public void Quantile_PublishedShares_HaveThePublishedQuantiles(double share, double z)
    {
        Assert.Equal(z, NormalDistribution.Quantile(share), 5);
        Assert.Equal(share, NormalDistribution.AtMost(z), 6);
    }

    /// <summary>What it promises, tried: with the true change that it names, so many of the sessions find it.</summary>
    [Theory]
    [InlineData(6)]
    [InlineData(10)]
    [InlineData(20)]
    [InlineData(30)]
    public void DetectableShift_ThatTrueChange_IsFoundInFourOfFiveSessions(int pairs)
    {
        const int Sessions = 3000;
        const double Threshold = 0.02, Deviation = 0.05;
        var random = new Random(Seed.Printed(output));
        var typical = Enumerable.Range(0, Sessions)
            .Select(_ => PairedPower.DetectableShift(SignedRank.Estimate(NormalNoise.Many(random, pairs, 0, Deviation)).Interval!, Threshold)).Order().ToArray()[Sessions / 2];

        var found = Enumerable.Range(0, Sessions).Count(_ =>
            SignedRank.Estimate(NormalNoise.Many(random, pairs, typical, Deviation)) is { Value: > Threshold, Interval.Lower: > 0 });

        output.WriteLine($"{pairs} pairs: {typical:0.0000} is found in {100.0 * found / Sessions:0.0} %");
        // With the seed it varies by a hundredth and more.
        Assert.InRange((double)found / Sessions, 0.7, 0.93);
    }

    /// <summary>As many pairs as it asks for let most sessions say that nothing changed, where nothing did.</summary>
    [Fact]
    public void PairsToTell_SoManyPairs_DecideMostSessions()
    {
        const double Threshold = 0.05, Deviation = 0.1;
        var random = new Random(Seed.Printed(output));
        var asked = Enumerable.Range(0, 999)
            .Select(_ => PairedPower.PairsToTell(SignedRank.Estimate(NormalNoise.Many(random, 10, 0, Deviation)), Threshold, 6) ?? PairedPower.PairsToTellMax).Order().ToArray()[499];
        var decided = Enumerable.Range(0, 999).Count(_ =>
            SignedRank.Estimate(NormalNoise.Many(random, asked, 0, Deviation)).Interval is { Lower: > -Threshold, Upper: < Threshold });

        output.WriteLine($"{asked} pairs decide {decided / 9.99:0.0} %");
        Assert.InRange(asked, 11, 100);
        Assert.True(decided > 500);
    }

    [Fact]
    public void PairsToTell_TooFewForAnIntervalOrTooFarOff_SaysSo()
    {
        Assert.Equal(6, PairedPower.PairsToTell(SignedRank.Estimate([1, 2, 3]), 0.05, 6));
        Assert.Null(PairedPower.PairsToTell(SignedRank.Estimate([.. Enumerable.Range(-5, 11).Select(i => (double)i)]), 0.05, 6));
        Assert.Throws<ArgumentOutOfRangeException>(() => PairedPower.DetectableShift(new ShiftInterval { Lower = 0, Upper = 1, Confidence = 0.95 }, power: 0.3));
    }
}
