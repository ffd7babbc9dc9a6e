using Headroom.Measurements.Comparison;
using Headroom.Testing;

namespace Headroom.Measurements.Tests.Comparison;

public sealed class RunComparisonTests(ITestOutputHelper output)
{
    private Random Random => new(Seed.Printed(output));

    [Fact]
    public void Compare_TenPercentMoreOfEverything_IsWorseInEveryMetricThatDecides()
    {
        var result = RunComparison.Compare(Sides.Of(Random, 10, factor: 1.1, noise: 0.005));

        Assert.True(result.Gates && result.Worse && result.HasControl);
        Assert.Equal([ComparedMetric.CpuPerRequest, ComparedMetric.AllocatedPerRequest, ComparedMetric.P50, ComparedMetric.Throughput, ComparedMetric.P99], result.Metrics.Select(metric => metric.Metric));
        Assert.All(result.Metrics.Where(metric => metric.Metric != ComparedMetric.AllocatedPerRequest), metric =>
        {
            Assert.Equal((Verdict.Worse, false), (metric.Verdict, metric.Advisory));
            var (expected, sign) = metric.Metric == ComparedMetric.Throughput ? ((1 / 1.1) - 1, -1) : (0.1, 1);
            Assert.Equal(expected, metric.Change, 0.02);
            Assert.True(metric.Interval!.Lower <= metric.Change && metric.Change <= metric.Interval.Upper && metric.Interval.Confidence >= 0.95);
            Assert.True(sign * metric.Interval.Lower > 0 && sign * metric.Interval.Upper > 0);
        });
        Assert.Equal(Verdict.Same, result.Metrics.Single(metric => metric.Metric == ComparedMetric.AllocatedPerRequest).Verdict);
    }

    [Fact]
    public void Compare_TenPercentLess_IsBetterAndFailsNothing()
    {
        var result = RunComparison.Compare(Sides.Of(Random, 10, factor: 1 / 1.1, noise: 0.005));
        Assert.True(result.Gates && !result.Worse);
        Assert.Equal(Verdict.Better, result.Metrics[0].Verdict);
        Assert.True(result.Metrics.Single(metric => metric.Metric == ComparedMetric.Throughput) is { Verdict: Verdict.Better, Change: > 0.05 });
    }

    /// <summary>The two ways in which a change is nothing: too small to matter, and not told from noise.</summary>
    [Fact]
    public void Compare_TwoPercentMore_IsTheSameWhenQuietAndUntoldWhenLoud()
    {
        Assert.Equal(Verdict.Same, RunComparison.Compare(Sides.Of(Random, 10, factor: 1.02, noise: 0.003)).Metrics[0].Verdict);

        // Always the same noise: in a few of a hundred loud sessions the interval leaves no change by chance.
        var loud = RunComparison.Compare(Sides.Of(new Random(1), 10, factor: 1.02, noise: 0.15, controlFactor: null));
        var cpu = loud.Metrics[0];
        Assert.True(cpu is { Verdict: Verdict.CannotTell, SmallestVisible: > 0.1 });
        Assert.True(cpu.PairsToTell is null or > 10);
    }

    [Fact]
    public void Compare_ControlThatDiffersFromItself_DoesNotGateAndSaysSo()
    {
        var result = RunComparison.Compare(Sides.Of(Random, 10, factor: 1.5, noise: 0.005, controlFactor: 1.2));
        Assert.True(!result.Worse);
        Assert.Equal([ComparedMetric.AllocatedPerRequest], result.Metrics.Where(metric => metric.Control is { Noisy: false }).Select(metric => metric.Metric));
        Assert.Equal(Verdict.CannotTell, result.Metrics[0].Verdict);
        Assert.Contains(result.Findings, finding => finding.Code == "control-noisy");
    }

    /// <summary>Two processes of one build differ for good; a change is one that stands beside both.</summary>
    [Theory]
    [InlineData(1.03, 1.1, Verdict.Worse)]
    [InlineData(1.03, 1.06, Verdict.CannotTell)]
    [InlineData(0.97, 1.06, Verdict.Worse)]
    [InlineData(0.97, 1 / 1.06, Verdict.CannotTell)]
    [InlineData(0.97, 1 / 1.1, Verdict.Better)]
    public void Compare_ControlThatIsOffByLessThanTheThreshold_LetsDecideWhatStandsBesideBothProcesses(double controlFactor, double factor, Verdict expected)
    {
        var cpu = RunComparison.Compare(Sides.Of(Random, 10, factor, noise: 0.003, controlFactor)).Metrics[0];
        Assert.Equal(expected, cpu.Verdict);
        Assert.False(cpu.Control!.Noisy);
        Assert.Equal((factor / controlFactor) - 1, cpu.Control.AfterChange!.Value, 0.01);
        Assert.True(cpu.Control.AfterInterval!.Lower <= cpu.Control.AfterChange && cpu.Control.AfterChange <= cpu.Control.AfterInterval.Upper);
    }

    /// <summary>How far a control reaches, not where it ends, is its noise: 3 % off and known to 4 % is judged, known to 6 % is not.</summary>
    [Fact]
    public void Compare_ControlWhoseIntervalIsLongerThanTheThreshold_DecidesNothing()
    {
        var random = Random;
        var sessions = Enumerable.Range(0, 25).Select(_ => RunComparison.Compare(Sides.Of(random, 10, factor: 1.5, noise: 0.05)).Metrics[0]).ToList();
        Assert.All(sessions, cpu =>
        {
            var (control, halfWidth) = (Math.Log(1 + cpu.Control!.Change), (Math.Log(1 + cpu.Control.Interval!.Upper) - Math.Log(1 + cpu.Control.Interval.Lower)) / 2);
            Assert.Equal(Math.Abs(control) > Math.Log(1.05) || halfWidth > Math.Log(1.05), cpu.Control.Noisy);
            Assert.Equal(cpu.Control.Noisy ? Verdict.CannotTell : Verdict.Worse, cpu.Verdict);
        });
        Assert.Contains(sessions, cpu => cpu.Control!.Noisy);
        Assert.Contains(sessions, cpu => !cpu.Control!.Noisy);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Compare_FewerThanSixPairs_IsDescribedAndNeverGated(int pairs)
    {
        var result = RunComparison.Compare(Sides.Of(Random, pairs, factor: 2, noise: 0.001));
        Assert.True(!result.Gates && !result.Worse);
        Assert.All(result.Metrics, metric => Assert.True(metric is { Verdict: Verdict.CannotTell, Interval: null, Advisory: true }));
        Assert.Equal(1, result.Metrics[0].Change, 0.05);
        Assert.Contains(result.Findings, finding => finding.Code == "too-few-pairs");
    }

    /// <summary>Pairs that decide, by docs/compare.md: more tests need more pairs, and the quietest metric goes first.</summary>
    [Theory]
    [InlineData(6, 20, 1)]
    [InlineData(7, 20, 1)]
    [InlineData(8, 20, 3)]
    [InlineData(9, 20, 4)]
    [InlineData(10, 8, 12)]
    [InlineData(10, 9, 4)]
    [InlineData(12, 20, 45)]
    public void Compare_SoManyPairsAndEndpoints_LetsOnlyDecideWhatTheyCan(int pairs, int endpoints, int deciding)
    {
        var result = RunComparison.Compare(Sides.Of(Random, pairs, factor: 1, noise: 0.01, endpoints: endpoints));
        Assert.Equal(deciding, result.Metrics.Count(metric => !metric.Advisory));
        Assert.Equal(4 + endpoints + 1 + endpoints, result.Metrics.Count);
        Assert.Equal(ComparedMetric.CpuPerRequest, result.Metrics[0].Metric);
        Assert.All(result.Metrics, metric => Assert.Equal(metric.Advisory, metric.AdjustedPValue is null));
    }

    [Fact]
    public void Compare_TooFewRequestsForP99_LeavesItAdvice()
    {
        var result = RunComparison.Compare(Sides.Of(Random, 10, factor: 1, noise: 0.01, requests: 999));
        Assert.True(result.Metrics.Single(metric => metric.Metric == ComparedMetric.P99).Advisory);
    }

    [Fact]
    public void Compare_SecondSideThatFailsItsRequests_IsWorseWhateverItsLatency()
    {
        RunPair[] pairs = [.. Sides.Of(Random, 10, factor: 0.5, noise: 0.01).Select(pair => pair with { After = pair.After with { Summary = pair.After.Summary with { Errors = 100 } } })];
        var result = RunComparison.Compare(pairs);
        Assert.True(result.Worse);
        Assert.Contains(result.Findings, finding => finding is { Code: "more-errors", Severity: FindingSeverity.Critical });
    }

    [Fact]
    public void Compare_FiguresThatAreNotThere_AreLeftOutAndSaidSo()
    {
        RunPair[] pairs = [.. Sides.Of(Random, 10, factor: 1, noise: 0.01).Select(pair => new RunPair(Without(pair.Before), Without(pair.After)))];
        var result = RunComparison.Compare(pairs);
        Assert.DoesNotContain(result.Metrics, metric => metric.Metric is ComparedMetric.CpuPerRequest or ComparedMetric.AllocatedPerRequest);
        Assert.Equal(["cpu-not-seen", "allocations-not-seen"], result.Findings.Select(finding => finding.Code));
        Assert.False(result.HasControl);

        static RunFile Without(RunFile run) => run with { Target = null, TargetAllocatedBytes = null, Summary = run.Summary with { TargetCpuMicrosecondsPerRequest = null } };
    }

    [Fact]
    public void Compare_FigureThatOnePairLacks_IsAdviceAndKeepsNoOtherFromDeciding()
    {
        var pairs = Sides.Of(Random, 10, factor: 1.3, noise: 0.01);
        pairs[3] = pairs[3] with { After = pairs[3].After with { Target = null, Summary = pairs[3].After.Summary with { TargetCpuMicrosecondsPerRequest = null } } };
        var result = RunComparison.Compare(pairs);
        Assert.True(result.Metrics.Single(metric => metric.Metric == ComparedMetric.CpuPerRequest) is { Advisory: true, Pairs: 9 });
        Assert.True(result.Worse);
        Assert.Equal(Verdict.Worse, result.Metrics.Single(metric => metric.Metric == ComparedMetric.P50).Verdict);
    }

    /// <summary>Without the control's figure nobody knows how far two processes of one build lie apart in it.</summary>
    [Fact]
    public void Compare_FigureThatTheControlOfOnePairLacks_IsAdviceAndFailsNothing()
    {
        var pairs = Sides.Of(Random, 10, factor: 1.3, noise: 0.01);
        var control = pairs[3].Control!;
        pairs[3] = pairs[3] with { Control = control with { Target = null, Summary = control.Summary with { TargetCpuMicrosecondsPerRequest = null } } };
        var result = RunComparison.Compare(pairs);
        Assert.True(result.Metrics.Single(metric => metric.Metric == ComparedMetric.CpuPerRequest) is { Advisory: true, Pairs: 10, Control: null });
        Assert.All(result.Metrics.Where(metric => !metric.Advisory), metric => Assert.NotNull(metric.Control));
        Assert.True(result.Metrics.Single(metric => metric.Metric == ComparedMetric.P50) is { Advisory: false, Verdict: Verdict.Worse });
    }

    /// <summary>However many pairs there are, two processes that differ for good go on to; what is only not known well enough, more pairs tell.</summary>
    [Fact]
    public void Compare_WhatTheControlForbids_IsNotPromisedOfMorePairs()
    {
        var random = Random;
        var besideOne = RunComparison.Compare(Sides.Of(random, 10, factor: 1.06, noise: 0.003, controlFactor: 1.03)).Metrics[0];
        Assert.True(besideOne is { Verdict: Verdict.CannotTell, Control.Noisy: false, PairsToTell: null });
        var farApart = RunComparison.Compare(Sides.Of(random, 10, factor: 1.5, noise: 0.003, controlFactor: 1.2)).Metrics[0];
        Assert.True(farApart is { Verdict: Verdict.CannotTell, Control.Noisy: true, PairsToTell: null });
        var loud = Enumerable.Range(0, 200).Select(_ => RunComparison.Compare(Sides.Of(random, 10, factor: 1.5, noise: 0.06)).Metrics[0])
            .First(cpu => cpu.Control is { Noisy: true } control && Math.Abs(control.Change) < 0.03);
        Assert.True(loud is { Verdict: Verdict.CannotTell, PairsToTell: > 10 and <= 200 });
    }

    [Fact]
    public void Compare_OtherPlanOrMachine_IsRefusedWithAllThatDiffers()
    {
        var pair = Sides.Of(Random, 1, factor: 1, noise: 0.01)[0];
        var other = pair.After with
        {
            Plan = pair.After.Plan with { Digest = new string('b', 64) },
            Environment = pair.After.Environment with { Processor = "Another CPU", ProcessorCount = 64, MemoryBytes = 1 },
        };
        var error = Assert.Throws<ComparisonException>(() => RunComparison.Compare([pair with { After = other }]));
        Assert.All(["plan: 'checkout (aaaaaaaaaaaa)' and 'checkout (bbbbbbbbbbbb)'", "'Example CPU' and 'Another CPU'", "processors: '2' and '64'", "memory:"], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Compare_NoPairOrBadOptions_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => RunComparison.Compare([]));
        Assert.Throws<ArgumentException>(() => RunComparison.Compare(Sides.Of(Random, 1, 1, 0), new ComparisonOptions { Threshold = 0 }));
        Assert.Throws<ArgumentException>(() => RunComparison.Compare(Sides.Of(Random, 1, 1, 0), new ComparisonOptions { Alpha = 1 }));
    }

    /// <summary>What the whole chain of steps promises: on the same build it speaks up in at most 5 of 100 sessions, at a true +10 % with ordinary noise in at least 80.</summary>
    [Fact]
    public void Compare_SimulatedSessions_RarelyCryWolfAndSeldomMissTenPercent()
    {
        const int Sessions = 300;
        var random = Random;
        var alarms = Enumerable.Range(0, Sessions).Count(_ => RunComparison.Compare(Sides.Of(random, 10, factor: 1, noise: 0.03, endpoints: 3)).Worse);
        var found = Enumerable.Range(0, Sessions).Count(_ => RunComparison.Compare(Sides.Of(random, 10, factor: 1.1, noise: 0.02, endpoints: 3)).Metrics[0].Verdict == Verdict.Worse);
        output.WriteLine($"false alarms {alarms}, found {found} of {Sessions}");
        Assert.InRange(alarms, 0, 0.05 * Sessions);
        Assert.InRange(found, 0.8 * Sessions, Sessions);
    }
}
