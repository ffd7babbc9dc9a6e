using FsCheck;
using FsCheck.Fluent;
using Headroom.Measurements.Statistics;

namespace Headroom.Measurements.Tests.Statistics;

public sealed class SignedRankTests(ITestOutputHelper output)
{
    /// <summary>Hamilton depression scale factor IV before and after therapy: Hollander, Wolfe and Chicken, table 3.1; the example of R's wilcox.test.</summary>
    private static readonly double[] Hamilton =
        [0.878 - 1.83, 0.647 - 0.50, 0.598 - 1.62, 2.05 - 2.48, 1.06 - 1.68, 1.29 - 1.88, 1.06 - 1.55, 3.14 - 3.06, 1.29 - 1.30];

    /// <summary>Whole numbers, so that zeros and ties come up often.</summary>
    private static Gen<double[]> Coarse => Gen.Choose(-4, 4).Select(whole => (double)whole).ArrayOf().Where(all => all.Length is > 0 and <= 11);

    private static Gen<double[]> Fine => Property.Between(-1_000_000_000, 1_000_000_000).Select(whole => whole / 1e6).NonEmptyListOf().Select(list => list.Distinct().ToArray())
        .Where(all => all.Length <= 40 && all.Select(Math.Abs).Distinct().Count() == all.Length && !all.Contains(0));

    /// <summary>The largest rank sum that is significant in a two-sided test: Wilcoxon and Wilcox (1964), table 2; McCornack (1965).</summary>
    [Theory]
    [InlineData(0.05, "6:0 7:2 8:3 9:5 10:8 11:10 12:13 13:17 14:21 15:25 16:29 17:34 18:40 19:46 20:52 21:58 22:65 23:73 24:81 25:89 30:137")]
    [InlineData(0.01, "8:0 9:1 10:3 11:5 12:7 13:9 14:12 15:15 16:19 17:23 18:27 19:32 20:37 25:68")]
    public void WithoutTies_EveryPublishedCriticalValue_IsTheLastSignificantSum(double alpha, string table)
    {
        foreach (var entry in table.Split(' ').Select(entry => entry.Split(':').Select(int.Parse).ToArray()))
        {
            var distribution = SignedRankDistribution.WithoutTies(entry[0]);
            Assert.True(2 * distribution.AtMost(2 * entry[1]) <= alpha, $"n = {entry[0]}: {entry[1]} is significant");
            Assert.True(2 * distribution.AtMost(2 * (entry[1] + 1)) > alpha, $"n = {entry[0]}: {entry[1] + 1} is not");
        }
    }

    [Fact]
    public void Test_PublishedExample_GivesThePublishedFigures()
    {
        var test = SignedRank.Test(Hamilton);
        Assert.Equal(5, test.Statistic);
        Assert.Equal(0.03906, test.PValue, 5);
        var estimate = SignedRank.Estimate(Hamilton);
        Assert.Equal(-0.46, estimate.Value, 6);
        Assert.Equal(-0.786, estimate.Interval!.Lower, 6);
        Assert.Equal(-0.010, estimate.Interval.Upper, 6);
        Assert.Equal(1 - 0.0390625, estimate.Interval.Confidence, 9);
    }

    /// <summary>Against all 2^n ways in which the signs can fall, zeros and ties included.</summary>
    [Fact]
    public void Test_AnyDifferences_EqualsCountingEveryChoiceOfSigns() => Property.Check(output, Coarse, differences =>
    {
        var test = SignedRank.Test(differences);
        var sizes = differences.Where(difference => difference != 0).Select(Math.Abs).ToArray();
        var ranks = sizes.Select(size => sizes.Count(other => other < size) + ((sizes.Count(other => other == size) + 1) / 2.0)).ToArray();
        var sums = Enumerable.Range(0, 1 << ranks.Length).Select(signs => ranks.Where((_, i) => (signs >> i & 1) == 1).Sum()).ToArray();
        var expected = Math.Min(1, 2.0 * Math.Min(sums.Count(sum => sum <= test.Statistic), sums.Count(sum => sum >= test.Statistic)) / sums.Length);
        return Math.Abs(test.PValue - expected) < 1e-12
            && test.Zeros == differences.Count(difference => difference == 0)
            && test.Tied == sizes.Count(size => sizes.Count(other => other == size) > 1);
    });

    /// <summary>The interval is what the test does not refuse: a shift outside is refused at one minus its confidence, a shift inside is not.</summary>
    [Fact]
    public void Estimate_AnyDifferencesWithoutTies_HasAnIntervalOfTheShiftsThatTheTestKeeps() => Property.Check(output, Fine, differences =>
    {
        if (SignedRank.Estimate(differences).Interval is not { } interval)
            return differences.Length < 6;
        const double Step = 1e-7;
        double[] outside = [interval.Lower - Step, interval.Upper + Step], inside = [interval.Lower + Step, interval.Upper - Step];
        return differences.Length >= 6 && interval.Confidence >= 0.95
            && outside.All(shift => PAfter(shift) <= 1 - interval.Confidence + 1e-12)
            && (interval.HalfWidth <= Step || inside.All(shift => PAfter(shift) > 1 - interval.Confidence + 1e-12));

        double PAfter(double shift) => SignedRank.Test(differences.Select(difference => difference - shift).ToArray()).PValue;
    });

    [Fact]
    public void Estimate_ShiftedTurnedOrReordered_FollowsAlong() => Property.Check(output, Fine, differences =>
    {
        var plain = SignedRank.Estimate(differences);
        var shifted = SignedRank.Estimate([.. differences.Select(difference => difference + 3)]);
        var turned = SignedRank.Estimate([.. differences.Reverse().Select(difference => -difference)]);
        return Near(shifted.Value, plain.Value + 3) && Near(turned.Value, -plain.Value)
            && (plain.Interval is null
                ? shifted.Interval is null && turned.Interval is null
                : Near(shifted.Interval!.Lower, plain.Interval.Lower + 3) && Near(turned.Interval!.Upper, -plain.Interval.Lower) && plain.Interval.Lower <= plain.Value && plain.Value <= plain.Interval.Upper);

        static bool Near(double left, double right) => Math.Abs(left - right) < 1e-9 * Math.Max(1, Math.Abs(right));
    });

    /// <summary>Heavy tails: what a normal interval is thrown off by.</summary>
    [Theory]
    [InlineData(6)]
    [InlineData(10)]
    [InlineData(20)]
    public void Estimate_SimulatedPairs_CoversTheTruthAsOftenAsItSays(int pairs)
    {
        const int Sessions = 4000;
        var random = new Random(Headroom.Testing.Seed.Printed(output));
        var (missed, alarms) = (0, 0);
        var confidence = 0.0;
        for (var session = 0; session < Sessions; session++)
        {
            var differences = Enumerable.Range(0, pairs).Select(_ => 1 + (NormalNoise.Next(random) / (0.2 + random.NextDouble()))).ToArray();
            var interval = SignedRank.Estimate(differences).Interval!;
            confidence = interval.Confidence;
            missed += interval.Lower <= 1 && 1 <= interval.Upper ? 0 : 1;
            alarms += SignedRank.Test([.. differences.Select(difference => difference - 1)]).PValue <= 0.05 ? 1 : 0;
        }

        // Four standard errors of so many sessions.
        var room = 4 * Math.Sqrt(0.05 * 0.95 / Sessions);
        output.WriteLine($"missed {missed}, alarms {alarms} of {Sessions}");
        Assert.InRange((double)missed / Sessions, 1 - confidence - room, 1 - confidence + room);
        Assert.InRange((double)alarms / Sessions, 0, 0.05 + room);
    }

    [Theory]
    [InlineData(0.05, 6)]
    [InlineData(0.01, 8)]
    [InlineData(0.001, 11)]
    public void PairsMin_Alpha_IsTheFewestThatCanReachIt(double alpha, int pairs)
    {
        Assert.Equal(pairs, SignedRank.PairsMin(alpha));
        Assert.Equal(SignedRank.SmallestP(pairs), SignedRank.Test([.. Enumerable.Range(1, pairs).Select(i => (double)i)]).PValue, 15);
    }

    [Fact]
    public void Test_NothingOrOnlyZeros_SaysNothing()
    {
        Assert.Equal(1, SignedRank.Test([]).PValue);
        var zeros = SignedRank.Test([0, 0, 0]);
        Assert.Equal((1.0, 3, 3), (zeros.PValue, zeros.Pairs, zeros.Zeros));
        Assert.Null(SignedRank.Estimate([1, 2, 3, 4, 5]).Interval);
    }

    [Fact]
    public void TestAndEstimate_WhatCannotBeRanked_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => SignedRank.Test([1, double.NaN]));
        Assert.Throws<ArgumentException>(() => SignedRank.Estimate([double.PositiveInfinity]));
        Assert.Throws<ArgumentException>(() => SignedRank.Estimate([]));
        Assert.Throws<ArgumentException>(() => SignedRank.Test(new double[SignedRank.PairsMax + 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => SignedRank.Estimate([1], confidence: 1));
    }
}
