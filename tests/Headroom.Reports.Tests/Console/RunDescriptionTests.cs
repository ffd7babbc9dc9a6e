using Headroom.Measurements;
using Headroom.Reports.Console;
using Headroom.Reports.Tests.Samples;

namespace Headroom.Reports.Tests.Console;

public sealed class RunDescriptionTests
{
    [Theory]
    [InlineData("", null)]
    [InlineData("p", "The target is met")]
    [InlineData("u", "The target is undecided")]
    [InlineData("f", "The target is missed")]
    [InlineData("pp", "All 2 targets are met")]
    [InlineData("pu", "1 of 2 targets is undecided")]
    [InlineData("uu", "2 of 2 targets are undecided")]
    [InlineData("fp", "1 of 2 targets is missed")]
    [InlineData("fup", "1 of 3 targets is missed, 1 is undecided")]
    [InlineData("ffuu", "2 of 4 targets are missed, 2 are undecided")]
    public void Targets_PassedFailedUndecided_AreTold(string outcomes, string? expected)
    {
        var targets = outcomes.Select(outcome => new ThresholdResult { Expression = "p95<1", Passed = outcome == 'p', Undecided = outcome == 'u' });

        Assert.Equal(expected, RunDescription.Targets(SampleRuns.Empty with { Thresholds = [.. targets] }));
    }

    [Fact]
    public void Of_PhasesOneAfterTheOther_DoesNotTellWhenTheyStart()
    {
        var plan = SampleRuns.Empty.Plan;
        var first = new PlannedPhase { Name = "sequential", Executor = "constant-vus", Connections = 1, StartSeconds = 2, DurationSeconds = 10 };
        var second = first with { Name = "concurrent", Connections = 50, StartSeconds = 12 };

        Assert.DoesNotContain(" on ", RunDescription.Of(SampleRuns.Empty with { Plan = plan with { Phases = [first, second] } }), StringComparison.Ordinal);
        Assert.Contains("concurrent: as fast as 50 connections allow, 10.0 s from 11.0 s on", RunDescription.Of(SampleRuns.Empty with { Plan = plan with { Phases = [first, second with { StartSeconds = 11 }] } }), StringComparison.Ordinal);
    }

    [Fact]
    public void EndedEarly_AbortedAndInterrupted_NamesTheTarget()
    {
        Assert.Null(RunDescription.EndedEarly(SampleRuns.Plain));
        Assert.StartsWith("Interrupted: stopped before its planned end", RunDescription.EndedEarly(SampleRuns.Plain with { Interrupted = true }), StringComparison.Ordinal);
        Assert.StartsWith("Aborted: the target 'p95<1' was missed", RunDescription.EndedEarly(SampleRuns.Plain with { Interrupted = true, AbortedBy = "p95<1" }), StringComparison.Ordinal);
    }
}
