using Headroom.Cli.Sessions;
using Headroom.Load;
using Headroom.Measurements;

namespace Headroom.Cli.Tests.Sessions;

public sealed class SessionTurnsTests
{
    /// <summary>400 ms, 100 iterations, 20 of each VU: whichever takes longest.</summary>
    [Theory]
    [InlineData(1, 10_000, 0.4)]
    [InlineData(1, 50, 2)]
    [InlineData(100, 10_000, 2)]
    public void ShortestOf_RunWithIterations_IsLongEnoughForThem(double meanMs, double perSecond, double expectedSeconds)
    {
        Assert.Equal(expectedSeconds, SessionTurns.ShortestOf(RunOf(meanMs, perSecond)).TotalSeconds, 1e-6);
        Assert.Equal(expectedSeconds, SessionTurns.ShortestOf(RunOf(meanMs, perSecond) with { Iterations = null }).TotalSeconds, 1e-6);
    }

    /// <summary>Every turn begins with an arrival of each scenario: of one a second there would be as many as turns, not as seconds.</summary>
    [Fact]
    public void ShortestOf_SlowScenarioBesideAFastOne_IsLongEnoughForTheSlowOne()
    {
        var fast = new PlannedPhase { Name = "fast", Executor = "constant-arrival-rate", Connections = 10, RatePerSecond = 5000, DurationSeconds = 5 };
        Assert.Equal(0.4, ShortestOf(fast), 1e-6);
        Assert.Equal(100, ShortestOf(fast, fast with { Name = "slow", RatePerSecond = 1 }), 1e-6);
    }

    /// <summary>100 VUs that think for a second: 10 ms of work each, and one iteration a second.</summary>
    [Fact]
    public void ShortestOf_VusThatThink_HasTwentyIterationsOfEach()
    {
        var thinking = RunOf(meanMs: 10, perSecond: 100);
        thinking = thinking with
        {
            Plan = thinking.Plan with { Phases = [new PlannedPhase { Name = "s", Executor = "constant-vus", Connections = 100, DurationSeconds = 5 }] },
            Phases = [new RunPhase { Name = "s", StartSeconds = 0, DurationSeconds = 5, Summary = thinking.Summary }],
        };
        Assert.Equal(20, SessionTurns.ShortestOf(thinking).TotalSeconds, 1e-6);

        // Of three requests an iteration it is three times as long; a scenario of which nothing came back is longer than any run.
        Assert.Equal(60, SessionTurns.ShortestOf(thinking with { Iterations = thinking.Iterations! with { PerSecond = 100.0 / 3 } }).TotalSeconds, 1e-6);
        Assert.Equal(TimeSpan.FromDays(1), SessionTurns.ShortestOf(thinking with { Phases = [] }));
    }

    [Fact]
    public void ProblemOf_MoreTurnsThanFit_SaysHowManyDo()
    {
        Assert.Null(SessionTurns.ProblemOf(PlanOf(Constant(5)), 50));
        Assert.Equal("--turns is 51; of 5s each would be shorter than 100 ms. Take at most 50, or a longer --duration.", SessionTurns.ProblemOf(PlanOf(Constant(5), Constant(6)), 51));
        Assert.Null(SessionTurns.ProblemOf(PlanOf(Constant(0.05)), 1));
    }

    /// <summary>Counts, CPU and bytes of the turns are added and divided anew: neither figure is a mean of means, nor the plan's length that of a turn.</summary>
    [Fact]
    public void OneOf_TurnsOfDifferentCost_IsTheRunThatTheyAreTogether()
    {
        var one = SessionTurns.OneOf([Turn(0, requests: 100, cpuSeconds: 0.02, allocated: 1000, ms: 1), Turn(1, requests: 300, cpuSeconds: 0.02, allocated: 9000, ms: 4)]);
        Assert.Equal((400L, 100.0, 200.0, 10_000L), (one.Summary.Requests, one.Summary.TargetCpuMicrosecondsPerRequest!.Value, one.Summary.RequestsPerSecond, one.TargetAllocatedBytes!.Value));
        Assert.Equal(100, one.Target!.CpuMicrosecondsPerRequest, 1e-9);
        Assert.Equal((2.0, 4.0), (one.DurationSeconds, one.Plan.Phases[0].DurationSeconds));
        Assert.Equal(4, one.Summary.LatencyMs.P50, 0.01);
        Assert.Empty(one.Series);

        static RunFile Turn(int second, long requests, double cpuSeconds, long allocated, int ms)
        {
            var tally = new RequestTally { Requests = requests };
            for (var i = 0; i < requests; i++)
            {
                tally.Latency.Record(ms * 1_000_000L);
                tally.ServiceTime.Record(ms * 1_000_000L);
            }

            var run = RunOf(ms, requests);
            return run with
            {
                StartedAt = DateTimeOffset.UnixEpoch.AddSeconds(second),
                Iterations = null,
                Plan = run.Plan with { Phases = [new PlannedPhase { Name = "s", Executor = "constant-vus", Connections = 1, DurationSeconds = 2 }] },
                Summary = tally.Summarize(1, cpuSeconds),
                Target = new TargetUsage { CpuSeconds = cpuSeconds, RssBytes = new Gauge { Start = 1, Peak = 1, End = 1 } },
                TargetAllocatedBytes = allocated,
                Series = [new SeriesPoint { Second = 0, Requests = requests, Errors = 0, BytesReceived = 0, LatencyMs = new LatencySummary() }],
            };
        }
    }

    [Fact]
    public void ShortestOf_RunThatEndedNothing_IsLongerThanAnyRun() => Assert.Equal(TimeSpan.FromDays(1), SessionTurns.ShortestOf(RunOf(0, 0)));

    [Theory]
    [InlineData(5, 0.4, 12)]
    [InlineData(3600, 0.4, 12)]
    [InlineData(2, 0.4, 5)]
    [InlineData(5, 2, 2)]
    [InlineData(0.3, 0.4, 1)]
    [InlineData(5, 86_400, 1)]
    public void Automatic_ConstantLoad_IsAsManyTurnsAsFit(double runSeconds, double turnSeconds, int expected) =>
        Assert.Equal(expected, SessionTurns.Automatic(PlanOf(Constant(runSeconds)), TimeSpan.FromSeconds(turnSeconds)));

    [Fact]
    public void Automatic_LoadThatChanges_IsNotCut()
    {
        foreach (var changing in new[] { Constant(60) with { Executor = ExecutorKind.RampingVus }, Constant(60) with { StartTime = TimeSpan.FromSeconds(1) }, Constant(60) with { Executor = ExecutorKind.SharedIterations } })
        {
            Assert.False(SessionTurns.CanCut(PlanOf(Constant(60), changing)));
            Assert.Equal(1, SessionTurns.Automatic(PlanOf(Constant(60), changing), TimeSpan.FromSeconds(0.4)));
        }
    }

    /// <summary>A turn would begin them anew: with 400 ms of a feeder's rows a cache holds what it would not hold of all.</summary>
    [Fact]
    public void Automatic_PlanWithFeederOrSetUp_IsSentWhole()
    {
        var plan = PlanOf(Constant(60));
        var feeder = new Feeder { Name = "rows", Columns = ["id"], Rows = [["1"], ["2"]] };
        Assert.Equal(12, SessionTurns.Automatic(plan, TimeSpan.FromSeconds(0.4)));
        Assert.All([plan with { Feeders = [feeder] }, plan with { Setup = plan.Requests }, plan with { Teardown = plan.Requests }], whole =>
        {
            Assert.Equal(1, SessionTurns.Automatic(whole, TimeSpan.FromSeconds(0.4)));
            Assert.True(SessionTurns.CanCut(whole));
        });
    }

    [Fact]
    public void Cut_SoManyTurns_AreTogetherAsLongAsTheRun()
    {
        var plan = PlanOf(Constant(6), Constant(3));
        Assert.Equal([2, 1], SessionTurns.Cut(plan, 3, 2).Scenarios.Select(scenario => scenario.Duration.TotalSeconds));
        Assert.Equal(100, Enumerable.Range(0, 100).Select(turn => SessionTurns.Cut(plan, 100, turn).Seed).Distinct().Count());
        Assert.Equal(plan.Seed, SessionTurns.Cut(plan, 3, 0).Seed);
        Assert.Same(plan, SessionTurns.Cut(plan, 1, 0));
    }

    private static double ShortestOf(params PlannedPhase[] scenarios)
    {
        var run = RunOf(meanMs: 1, perSecond: 5001);
        return SessionTurns.ShortestOf(run with { Plan = run.Plan with { Phases = scenarios } }).TotalSeconds;
    }

    private static Scenario Constant(double seconds) => new() { Name = "s", Executor = ExecutorKind.ConstantVus, Connections = 1, Duration = TimeSpan.FromSeconds(seconds) };

    private static LoadPlan PlanOf(params Scenario[] scenarios) => LoadPlan.Create("turns").BaseAddress("http://127.0.0.1:1").Get("/").Iterations(1).Build() with { Scenarios = scenarios };

    private static RunFile RunOf(double meanMs, double perSecond) => new()
    {
        Plan = new RunPlan { Name = "turns", Target = "http://127.0.0.1:1" },
        Environment = new RunEnvironment { HeadroomVersion = "0", Runtime = "0", OperatingSystem = "0", Architecture = "0", ProcessorCount = 1 },
        StartedAt = DateTimeOffset.UnixEpoch,
        DurationSeconds = 1,
        Generator = new GeneratorUsage { CpuSeconds = 0, CpuMicrosecondsPerRequest = 0, PeakRssBytes = 0, LagMs = new LatencySummary() },
        Iterations = new IterationSummary { Count = (long)perSecond, PerSecond = perSecond, DurationMs = new LatencySummary { Mean = meanMs } },
        Summary = new RequestSummary
        {
            Requests = (long)perSecond,
            RequestsPerSecond = perSecond,
            Errors = 0,
            ErrorRate = 0,
            BytesReceived = 0,
            LatencyMs = new LatencySummary { Mean = meanMs },
            ServiceTimeMs = new LatencySummary(),
        },
    };
}
