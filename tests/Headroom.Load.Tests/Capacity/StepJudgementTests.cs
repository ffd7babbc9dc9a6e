using Headroom.Load.Capacity;
using Headroom.Measurements;

namespace Headroom.Load.Tests.Capacity;

public sealed class StepJudgementTests
{
    private static readonly Objectives Objectives = new(["p99<200ms", "errors<0.1%"]);

    [Fact]
    public void Of_EveryRequestQuick_IsMet() => Assert.Equal(new StepVerdict(CapacityOutcome.Met, null), Judge(Run([.. Enumerable.Repeat(Seconds(100, 20), 5)])));

    [Fact]
    public void Of_SlowAllThrough_IsMissedWithoutDoubt()
    {
        var verdict = Judge(Run([.. Enumerable.Repeat(Seconds(100, 250), 5)]));
        Assert.Equal(CapacityOutcome.Missed, verdict.Outcome);
        Assert.StartsWith("p99<200ms: 2", verdict.Reason, StringComparison.Ordinal);
        Assert.False(verdict.IsDoubtful);
    }

    [Fact]
    public void Of_OneSlowSecond_IsMissedWithDoubt()
    {
        var verdict = Judge(Run([Seconds(100, 20), Seconds(100, 20), Seconds(100, 400), Seconds(100, 20), Seconds(100, 20)]));
        Assert.Equal(CapacityOutcome.Missed, verdict.Outcome);
        Assert.True(verdict.IsDoubtful);
    }

    [Fact]
    public void Of_LatencyThatGrows_IsMissedBeforeThePercentileIs()
    {
        var verdict = Judge(Run([.. Enumerable.Range(0, 5).Select(second => Seconds(100, 20 + (second * 20)))]));
        Assert.Equal(CapacityOutcome.Missed, verdict.Outcome);
        Assert.Contains("a queue was filling", verdict.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, CapacityOutcome.Met)]
    [InlineData(2, CapacityOutcome.Met)]
    [InlineData(4, CapacityOutcome.Missed)]
    public void Of_FewErrors_CountOnlyWhenTheyShowSomething(int errors, CapacityOutcome expected) =>
        Assert.Equal(expected, Judge(Run([.. Enumerable.Repeat(Seconds(160, 20), 5)], errors: errors)).Outcome);

    /// <summary>A request of little weight has no turn in some steps.</summary>
    [Fact]
    public void Of_ObjectiveOnARequestThatHadNoTurn_IsNotMissed()
    {
        var run = Run([.. Enumerable.Repeat(Seconds(100, 20), 5)]) with { RequestsByName = new Dictionary<string, RequestSummary> { ["rare"] = new RequestTally().Summarize(5) } };
        Assert.Equal(CapacityOutcome.Met, StepJudgement.Of(run, new Objectives(["p99{rare}<5ms", "errors{rare}<1%"]), collapsed: null).Outcome);
    }

    [Fact]
    public void Of_StepEndedEarly_IsACollapse() =>
        Assert.Equal(CapacityOutcome.Collapsed, StepJudgement.Of(Run([Seconds(100, 900)]), Objectives, "the median latency of one second was 900 ms").Outcome);

    [Fact]
    public void Of_ArrivalsNotStarted_IsMissed() => Assert.Equal(CapacityOutcome.Missed, Judge(Run([.. Enumerable.Repeat(Seconds(100, 20), 5)], dropped: 3)).Outcome);

    [Fact]
    public void Of_LatenessOfTheGenerator_SaysNothingOfTheTarget()
    {
        var lag = new LatencyHistogram();
        lag.Record(300_000_000, 500);
        var run = Run([.. Enumerable.Repeat(Seconds(100, 310), 5)]);
        run = run with { Generator = run.Generator with { LagMs = lag.Summarize(), LagHistogram = lag.Encode() } };
        Assert.Equal(new StepVerdict(CapacityOutcome.GeneratorBound, null), Judge(run) with { Reason = null });
    }

    [Fact]
    public void Of_RequestsThatWaitedForAConnection_AreTheBoundsFault()
    {
        var run = Run([.. Enumerable.Repeat(Seconds(100, 400), 5)], serviceMs: 50);
        Assert.Equal(CapacityOutcome.Missed, Judge(run).Outcome);
        var verdict = StepJudgement.Of(run, Objectives, collapsed: null, tooFewInFlight: true);
        Assert.Equal(CapacityOutcome.GeneratorBound, verdict.Outcome);
        Assert.Contains("--max-in-flight", verdict.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 400, true)]
    [InlineData(1, 400, true)]
    [InlineData(2, 400, false)]
    [InlineData(1, 5000, false)]
    public void IsByChance_ErrorsOfAThousandthAllowed_IsTheBinomialTail(int errors, int requests, bool expected) =>
        Assert.Equal(expected, RareEvents.IsByChance(errors, requests, allowed: 0.001));

    private static StepVerdict Judge(RunFile run) => StepJudgement.Of(run, Objectives, collapsed: null);

    private static (int Requests, double Ms) Seconds(int requests, double ms) => (requests, ms);

    private static RunFile Run((int Requests, double Ms)[] seconds, int errors = 0, long dropped = 0, double? serviceMs = null)
    {
        var tally = new RequestTally();
        var points = new List<SeriesPoint>();
        foreach (var (requests, ms) in seconds)
        {
            var latency = new LatencyHistogram();
            latency.Record((long)(ms * 1e6), requests);
            tally.Latency.Add(latency);
            tally.ServiceTime.Record((long)((serviceMs ?? ms) * 1e6), requests);
            tally.Requests += requests;
            points.Add(new SeriesPoint { Second = points.Count, Requests = requests, Errors = 0, BytesReceived = 0, LatencyMs = latency.Summarize(), LatencyHistogram = latency.Encode() });
        }

        for (var i = 0; i < errors; i++)
            tally.RecordError("http5xx");
        var summary = tally.Summarize(seconds.Length);
        return new RunFile
        {
            Plan = new RunPlan { Name = "step", Target = "", Phases = [new PlannedPhase { Name = "capacity", Executor = "", Connections = 16, DurationSeconds = seconds.Length }] },
            Environment = new RunEnvironment { HeadroomVersion = "", Runtime = "", OperatingSystem = "", Architecture = "", ProcessorCount = 1 },
            StartedAt = default,
            DurationSeconds = seconds.Length,
            Summary = summary,
            ErrorsByKind = summary.ErrorsByKind,
            Iterations = new IterationSummary { Count = tally.Requests, PerSecond = 0, DurationMs = new LatencySummary(), Dropped = dropped },
            Generator = new GeneratorUsage { CpuSeconds = 0, CpuMicrosecondsPerRequest = 0, PeakRssBytes = 0, LagMs = new LatencySummary() },
            Series = points,
        };
    }
}
