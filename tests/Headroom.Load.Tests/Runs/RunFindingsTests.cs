using Headroom.Measurements;

namespace Headroom.Load.Tests.Runs;

public sealed class RunFindingsTests
{
    [Theory]
    [InlineData(0.2, false)]
    [InlineData(-0.9, false)]
    [InlineData(1.5, true)]
    [InlineData(-3600, true)]
    public void Of_ClockMovedWhileRunning_IsToldFromASecondOn(double seconds, bool told)
    {
        var findings = Find(facts => facts with { ClockStep = TimeSpan.FromSeconds(seconds) });
        Assert.Equal(told, findings.Any(finding => finding.Code == "clock-step"));
    }

    [Fact]
    public void Of_TruncatedBodies_AreTold() =>
        Assert.Contains(Find(facts => facts with { TruncatedBodies = 3 }), finding => finding.Code == "capture-truncated" && finding.Summary.StartsWith("3 bodies", StringComparison.Ordinal));

    [Theory]
    [InlineData(2499, false)]
    [InlineData(2500, true)]
    [InlineData(5000, true)]
    public void Of_FailedRequests_AreToldFromHalfOn(long failed, bool told)
    {
        var findings = Find(facts => facts, run => run with { Summary = run.Summary with { Errors = failed }, ErrorsByKind = new Dictionary<string, long> { ["http4xx"] = 1, ["connectionReset"] = failed - 1 } });
        Assert.Equal(told, findings.Any(finding => finding.Code == "requests-failed" && finding.Remedy.Contains("https://", StringComparison.Ordinal)));
    }

    [Fact]
    public void Of_RequestsThatAnInterruptBrokeOff_AreNotToldAsFailed() =>
        Assert.Empty(Find(facts => facts, run => run with { Interrupted = true, Summary = run.Summary with { Errors = 5000 }, ErrorsByKind = new Dictionary<string, long> { ["interrupted"] = 5000 } }));

    [Theory]
    [InlineData(1, "Only 1 request was measured: p99 is the slowest of them.")]
    [InlineData(99, "Only 99 requests were measured: p99 is the slowest of them.")]
    [InlineData(250, "Only 250 requests were measured: p99 rests on 2 of them.")]
    public void Of_FewRequests_SaysWhatP99RestsOn(long requests, string summary) =>
        Assert.Equal(summary, Assert.Single(Find(facts => facts, run => run with { Summary = run.Summary with { Requests = requests } })).Summary);

    [Fact]
    public void Of_NothingSpecial_TellsNothing() => Assert.Empty(Find(facts => facts));

    [Theory]
    [InlineData(1800, 40e6, false)]
    [InlineData(1800, 60e6, true)]
    [InlineData(1800, -60e6, false)]
    [InlineData(1800, null, false)]
    [InlineData(299, 10e9, false)]
    [InlineData(300, 350e6, true)]
    public void Of_GeneratorsMemoryGrew_IsToldOfRunsThatAreLongEnough(double seconds, double? bytesPerHour, bool told)
    {
        var findings = Find(facts => facts, run => run with { DurationSeconds = seconds, Generator = run.Generator with { RssGrowthBytesPerHour = bytesPerHour } });
        Assert.Equal(told, findings.Any(finding => finding.Code == "generator-memory-growth"));
    }

    private static IReadOnlyList<Finding> Find(Func<RunFacts, RunFacts> change, Func<RunFile, RunFile>? changeRun = null)
    {
        var plan = new LoadPlan
        {
            Name = "test",
            Requests = [new PlannedRequest { Name = "x", Url = new Uri("http://127.0.0.1/") }],
            Scenarios = [new Scenario { Name = "s", Executor = ExecutorKind.ConstantVus, Connections = 1, Duration = TimeSpan.FromSeconds(1) }],
        };
        var tally = new RequestTally { Requests = 5000 };
        var run = new RunFile
        {
            Plan = new RunPlan { Name = "test", Target = "http://127.0.0.1" },
            Environment = new RunEnvironment { HeadroomVersion = "1", Runtime = "", OperatingSystem = "", Architecture = "", ProcessorCount = 1 },
            StartedAt = default,
            DurationSeconds = 1,
            Summary = tally.Summarize(1),
            Generator = new GeneratorUsage { CpuSeconds = 0.1, CpuMicrosecondsPerRequest = 20, PeakRssBytes = 1, LagMs = new LatencySummary() },
        };
        var facts = new RunFacts { WorkerSeconds = 1, UnknownCodings = 0, TruncatedBodies = 0, TeardownFailures = [], Halt = new RunHalt(), ClockStep = TimeSpan.Zero };
        return RunFindings.Of(plan, changeRun?.Invoke(run) ?? run, change(facts), new LoadOptions());
    }
}
