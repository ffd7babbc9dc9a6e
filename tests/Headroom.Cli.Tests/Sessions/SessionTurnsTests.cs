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

    [Fact]
    public void Cut_SoManyTurns_AreTogetherAsLongAsTheRun()
    {
        var cut = SessionTurns.Cut(PlanOf(Constant(6), Constant(3)), 3);
        Assert.Equal([2, 1], cut.Scenarios.Select(scenario => scenario.Duration.TotalSeconds));
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
