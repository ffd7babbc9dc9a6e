using System.Globalization;
using Headroom.Load.Capacity;
using Headroom.Measurements;

namespace Headroom.Load.Tests.Capacity;

public sealed class CapacitySearchTests(ITestOutputHelper output)
{
    private const int Searches = 150;
    private const int StepsMax = 60;

    private static readonly CapacitySearch Search = new() { FromPerSecond = 10, RateMaxPerSecond = 1e6, Precision = 0.1 };

    [Fact]
    public void Next_NothingSeen_MeasuresTheFirstRate() => Assert.Equal(new CapacityMove.Measure(10, IsShort: true), Search.Next([]));

    [Fact]
    public void Next_RampIsMet_Doubles() =>
        Assert.Equal(new CapacityMove.Measure(40, IsShort: true), Search.Next([Met(10, isShort: true), Met(20, isShort: true)]));

    [Fact]
    public void Next_RampStepMissed_IsRepeatedOnce()
    {
        Assert.Equal(new CapacityMove.Measure(20, IsShort: true), Search.Next([Met(10, isShort: true), Missed(20, isShort: true)]));
        Assert.NotEqual(20, Rate(Search.Next([Met(10, isShort: true), Missed(20, isShort: true), Missed(20, isShort: true)])));
    }

    [Fact]
    public void Next_RampStepCollapsed_IsNotRepeated() =>
        Assert.InRange(Rate(Search.Next([Met(10, isShort: true), new(20, CapacityOutcome.Collapsed, IsShort: true)])), 5, 19.9);

    [Fact]
    public void Next_HighestRateMet_Stops() =>
        Assert.Equal(new CapacityMove.Stop(CapacityEnd.HighestRateMet), (Search with { RateMaxPerSecond = 20 }).Next([Met(10, isShort: true), Met(20, isShort: true)]));

    [Fact]
    public void Next_GeneratorBoundTwice_StopsNearTheHighestMet()
    {
        CapacityObservation[] once = [Met(10, isShort: true), Bound(20)];
        Assert.Equal(20, Rate(Search.Next(once)));
        CapacityObservation[] twice = [.. once, Bound(20)];
        Assert.InRange(Rate(Search.Next(twice)), 10, 20);
        Assert.Equal(new CapacityMove.Stop(CapacityEnd.GeneratorLimit), Search.Next([.. twice, Met(18.5), Bound(19)]));
    }

    [Fact]
    public void Next_GeneratorStalls_AreRepeatedUntilTheyAreItsLimit()
    {
        var stalls = Enumerable.Repeat(Bound(20, isStall: true), 5).Prepend(Met(10, isShort: true)).ToArray();
        Assert.Equal(20, Rate(Search.Next(stalls)));
        Assert.NotEqual(20, Search.Next([.. stalls, Bound(20, isStall: true)]) is CapacityMove.Measure move ? move.RatePerSecond : 0);
    }

    [Fact]
    public void Next_MissedEverywhere_GoesDownAndStopsAtTheFloor()
    {
        var seen = new List<CapacityObservation>();
        while (Search.Next(seen) is CapacityMove.Measure move)
        {
            Assert.InRange(move.RatePerSecond, Search.FloorPerSecond, 10);
            seen.Add(Missed(move.RatePerSecond, move.IsShort));
            Assert.True(seen.Count < StepsMax);
        }

        Assert.Equal(new CapacityMove.Stop(CapacityEnd.MissedAtLowestRate), Search.Next(seen));
    }

    /// <summary>A capacity anywhere, an edge of any width, and one step in thirty that tells the wrong thing: the interval holds the capacity as often as it says.</summary>
    [Fact]
    public void Next_NoisySteps_FindsTheCapacityAndItsIntervalHoldsIt()
    {
        var seed = Seed.Printed(output);
        var random = new Random(seed);
        var (inside, near, steps) = (0, 0, 0);
        for (var i = 0; i < Searches; i++)
        {
            var capacity = Math.Exp(Math.Log(2) + (random.NextDouble() * Math.Log(5000)));
            var spread = 0.04 * random.NextDouble();
            var seen = new List<CapacityObservation>();
            while (seen.Count < StepsMax && Search.Next(seen) is CapacityMove.Measure move)
            {
                var noise = spread * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
                var met = Math.Log(capacity / move.RatePerSecond) + noise > 0;
                if (random.Next(30) == 0)
                    met = !met;
                seen.Add(met ? Met(move.RatePerSecond, move.IsShort) : Missed(move.RatePerSecond, move.IsShort));
            }

            var belief = Search.BeliefAfter(seen)!;
            inside += belief.Interval.Low <= capacity && capacity <= belief.Interval.High ? 1 : 0;
            near += Math.Abs((belief.Median / capacity) - 1) <= 0.1 ? 1 : 0;
            steps += seen.Count;
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{inside} of {Searches} intervals hold the capacity, {near} answers within 10 %, {steps / (double)Searches:0.0} steps a search"));
        Assert.True(inside >= 0.92 * Searches, $"{inside} of {Searches} intervals hold the capacity");
        Assert.True(near >= 0.95 * Searches, $"{near} of {Searches} answers are within 10 %");
        Assert.True(steps < 20 * Searches, $"{steps / Searches} steps a search");
    }

    /// <summary>On a machine that others use: three steps in ten are missed by a stall, at any rate.</summary>
    [Fact]
    public void Next_StallsAtAnyRate_DoNotPullTheAnswerDown()
    {
        var seed = Seed.Printed(output);
        var random = new Random(seed);
        var (near, steps) = (0, 0);
        for (var i = 0; i < Searches; i++)
        {
            var capacity = Math.Exp(Math.Log(20) + (random.NextDouble() * Math.Log(50)));
            var seen = new List<CapacityObservation>();
            while (seen.Count < StepsMax && Search.Next(seen) is CapacityMove.Measure move)
            {
                var met = move.RatePerSecond < capacity;
                seen.Add(met && random.Next(10) < 3 ? Missed(move.RatePerSecond, move.IsShort) with { IsDoubtful = true }
                    : met ? Met(move.RatePerSecond, move.IsShort) : Missed(move.RatePerSecond, move.IsShort));
            }

            near += Math.Abs((Search.BeliefAfter(seen)!.Median / capacity) - 1) <= 0.1 ? 1 : 0;
            steps += seen.Count;
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{near} of {Searches} answers within 10 %, {steps / (double)Searches:0.0} steps a search"));
        Assert.True(near >= 0.93 * Searches, $"{near} of {Searches} answers are within 10 %");
    }

    private static CapacityObservation Met(double rate, bool isShort = false) => new(rate, CapacityOutcome.Met, isShort);

    private static CapacityObservation Missed(double rate, bool isShort = false) => new(rate, CapacityOutcome.Missed, isShort);

    private static CapacityObservation Bound(double rate, bool isStall = false) => new(rate, CapacityOutcome.GeneratorBound, IsShort: false, isStall);

    private static double Rate(CapacityMove move) => Assert.IsType<CapacityMove.Measure>(move).RatePerSecond;
}
