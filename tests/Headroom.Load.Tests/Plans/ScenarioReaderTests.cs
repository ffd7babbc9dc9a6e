namespace Headroom.Load.Tests.Plans;

public sealed class ScenarioReaderTests
{
    [Fact]
    public void Read_RampingVus_StagesGiveConnectionsAndDuration()
    {
        var scenario = ReadOne("executor: ramping-vus, startVUs: 5, gracefulRampDown: 3s, stages: [ { duration: 10s, target: 50 }, { duration: 0s, target: 80 }, { duration: 1m, target: 0 } ]");
        Assert.Equal((ExecutorKind.RampingVus, 80, 5.0, 70.0, 3.0), (scenario.Executor, scenario.Connections, scenario.StartLevel, scenario.Duration.TotalSeconds, scenario.GracefulRampDown.TotalSeconds));
        Assert.Equal([new Stage(TimeSpan.FromSeconds(10), 50), new Stage(TimeSpan.Zero, 80), new Stage(TimeSpan.FromMinutes(1), 0)], scenario.Stages);
    }

    [Fact]
    public void Read_RampingArrivalRate_LevelsArePerSecond()
    {
        var scenario = ReadOne("executor: ramping-arrival-rate, startRate: 60, timeUnit: 1m, preAllocatedVUs: 10, maxVUs: 20, stages: [ { duration: 10s, target: 600 }, { duration: 5s, target: 50/s } ]");
        Assert.Equal((ExecutorKind.RampingArrivalRate, 20, 1.0, 15.0), (scenario.Executor, scenario.Connections, scenario.StartLevel, scenario.Duration.TotalSeconds));
        Assert.Equal([10.0, 50.0], scenario.Stages.Select(stage => stage.Target));
    }

    [Theory]
    [InlineData("per-vu-iterations", (int)ExecutorKind.PerVuIterations)]
    [InlineData("shared-iterations", (int)ExecutorKind.SharedIterations)]
    public void Read_Iterations_LastAtMostTenMinutes(string executor, int kind)
    {
        var scenario = ReadOne($"executor: {executor}, vus: 4, iterations: 100");
        Assert.Equal(((ExecutorKind)kind, 4, 100L, 600.0), (scenario.Executor, scenario.Connections, scenario.Iterations, scenario.Duration.TotalSeconds));
        Assert.Equal(30, ReadOne($"executor: {executor}, iterations: 1, maxDuration: 30s").Duration.TotalSeconds);
    }

    [Fact]
    public void Read_ReplayOfOffsets_AreSortedFromTheFirstAndFaster()
    {
        var scenario = ReadOne("executor: replay, speed: 2, maxVUs: 9, arrivals: [ 14s, 10, 1m, '12.5' ]");
        Assert.Equal((ExecutorKind.Replay, 9), (scenario.Executor, scenario.Connections));
        Assert.Equal([0, 1.25, 2, 25], scenario.Arrivals.Select(arrival => arrival.TotalSeconds));
        Assert.True(scenario.Duration >= scenario.Arrivals[^1]);
    }

    [Fact]
    public void Read_ReplayOfAFile_ReadsIsoTimes()
    {
        using var folder = new TemporaryFolder();
        folder.Write("arrivals.txt", "# recorded\n2026-01-31T12:00:01Z\n\n2026-01-31T13:00:00.500+01:00\n");
        var scenario = ReadOne("executor: replay, arrivals: arrivals.txt", folder.Path);
        Assert.Equal([0, 0.5], scenario.Arrivals.Select(arrival => arrival.TotalSeconds));
        Assert.Equal(1, scenario.Duration.TotalSeconds);
    }

    [Fact]
    public void Read_ReplayOfAFileWithAMistake_NamesItsLine()
    {
        using var folder = new TemporaryFolder();
        folder.Write("arrivals.txt", "1\n2\nlater\n");
        PlanText.HasOneMistake("requests: [/a]\nscenarios:\n  s: { executor: replay, arrivals: arrivals.txt }", 3, "arrivals.txt:3: 'later' is not a time", folder.Path);
    }

    [Theory]
    [InlineData("thinkTime: 2s", ThinkTimeKind.Fixed, 2, 2)]
    [InlineData("thinkTime: { min: 1s, max: 3s }", ThinkTimeKind.Uniform, 1, 3)]
    [InlineData("thinkTime: { exponential: 2s }", ThinkTimeKind.Exponential, 2, 2)]
    public void Read_ThinkTime_OfEveryKind(string text, ThinkTimeKind kind, double min, double max)
    {
        var time = ReadOne($"executor: constant-vus, vus: 1, duration: 1s, {text}").ThinkTime!;
        Assert.Equal((kind, min, max), (time.Kind, time.Min.TotalSeconds, time.Max.TotalSeconds));
    }

    [Theory]
    [InlineData("requests: [ '/a' ]\nflows: { f: [ /b ] }\nscenarios:\n  s: { executor: constant-vus, duration: 1s, exec: f }", "f")]
    [InlineData("requests: [ { name: a, url: /a } ]\nflows: { f: [ /b ] }\nscenarios:\n  s: { executor: constant-vus, duration: 1s, flows: [ f ], requests: a }", "a,f")]
    public void Read_Names_RestrictWhatIsSent(string yaml, string names) => Assert.Equal(names, string.Join(',', PlanText.Read(yaml).Scenarios[0].Requests!));

    [Theory]
    [InlineData("executor: ramping-vus, stages: []", "has no stage; write at least one")]
    [InlineData("executor: ramping-vus, startVUs: 0, stages: [ { duration: 10s, target: 0 } ]", "go nowhere")]
    [InlineData("executor: ramping-arrival-rate, stages: [ { duration: 10s, target: 0 } ]", "go nowhere")]
    [InlineData("executor: ramping-vus, stages: [ { duration: 0s, target: 5 } ]", "last 0s in all")]
    [InlineData("executor: ramping-vus, stages: [ { duration: 10s, target: -1 } ]", "'target' must be a whole number from 0 to 65535; found '-1'")]
    [InlineData("executor: ramping-vus, stages: [ { duration: 10s, target: 1.5 } ]", "found '1.5'")]
    [InlineData("executor: ramping-vus, stages: [ { duration: 10s } ]", "a stage has no 'target'")]
    [InlineData("executor: ramping-vus, stages: [ { target: 5 } ]", "a stage has no 'duration'")]
    [InlineData("executor: ramping-vus, stages: [ { duration: 1s, target: 5, rate: 3 } ]", "unknown key 'rate' in a stage")]
    [InlineData("executor: ramping-vus", "scenario 's' has no 'stages'")]
    [InlineData("executor: ramping-vus, vus: 5, stages: [ { duration: 1s, target: 5 } ]", "'vus' does not go with executor 'ramping-vus'; allowed:")]
    [InlineData("executor: ramping-arrival-rate, stages: [ { duration: 1s, target: fast } ]", "'target' is 'fast'; write arrivals per timeUnit")]
    [InlineData("executor: ramping-arrival-rate, stages: [ { duration: 1s, target: 20000000 } ]", "has a level of 20000000; allowed is 0 to 10000000")]
    [InlineData("executor: constant-arrival-rate, rate: -5, duration: 1s", "rate is '-5'")]
    [InlineData("executor: constant-arrival-rate, rate: 0, duration: 1s", "rate is '0'")]
    [InlineData("executor: constant-arrival-rate, rate: 5, timeUnit: 0s, duration: 1s", "timeUnit must be above 0")]
    [InlineData("executor: constant-arrival-rate, rate: 5, duration: 1s, preAllocatedVUs: 10, maxVUs: 5", "preAllocatedVUs is 10, above maxVUs, which is 5")]
    [InlineData("executor: constant-vus, vus: 0, duration: 1s", "'vus' must be a whole number from 1 to 65535; found '0'")]
    [InlineData("executor: constant-vus, duration: 10", "'duration' must be a duration with its unit")]
    [InlineData("executor: constant-vu, duration: 10s", "'executor' is 'constant-vu'; allowed: constant-vus,")]
    [InlineData("executor: shared-iterations", "scenario 's' has no 'iterations'")]
    [InlineData("executor: shared-iterations, iterations: 0", "'iterations' must be a whole number from 1")]
    [InlineData("executor: shared-iterations, iterations: 5, maxDuration: 0s", "maxDuration must be above 0")]
    [InlineData("executor: shared-iterations, iterations: 5, warmup: 1s", "'warmup' does not go with executor 'shared-iterations'")]
    [InlineData("executor: constant-vus, duration: 1s, gracefulStop: 3s", "'gracefulStop' is a key of the plan")]
    [InlineData("executor: constant-vus, duration: 1s, thinkTime: { min: 3s, max: 1s }", "'min' is longer than 'max'")]
    [InlineData("executor: constant-vus, duration: 1s, thinkTime: { exponential: 3s, max: 1s }", "'max' does not go with 'exponential'")]
    [InlineData("executor: constant-vus, duration: 1s, thinkTime: 2h", "thinkTime of scenario 's' is 7200s to 7200s; allowed is 0s to 1h")]
    [InlineData("executor: constant-vus, duration: 1s, exec: [ nobody ]", "sends 'nobody', which is not a request of the plan and not a flow")]
    [InlineData("executor: replay", "scenario 's' has no 'arrivals'")]
    [InlineData("executor: replay, arrivals: []", "'arrivals' has no time")]
    [InlineData("executor: replay, arrivals: no-such-file.txt", "arrivals file 'no-such-file.txt' cannot be read")]
    [InlineData("executor: replay, arrivals: [ 1, soon ]", "'soon' is not a time; write seconds (12.5)")]
    [InlineData("executor: replay, arrivals: [ 1, '2026-01-01T00:00:00Z' ]", "is a date among offsets")]
    [InlineData("executor: replay, arrivals: [ 1 ], speed: 0", "speed is 0; write a number above 0")]
    [InlineData("executor: replay, arrivals: [ 0, 10d ]", "span 864000s; allowed is 7d")]
    public void Read_Mistake_IsToldOnceWhereItStands(string scenario, string expected) =>
        PlanText.HasOneMistake($"requests: [/a]\nscenarios:\n  s: {{ {scenario} }}", 3, expected);

    [Fact]
    public void Read_WarmUpWithoutAConstantScenario_IsRefused() =>
        PlanText.HasOneMistake("warmup: 2s\nrequests: [/a]\nscenarios: { s: { executor: shared-iterations, iterations: 5 } }", 1, "goes with the constant executors, and the plan has none");

    private static Scenario ReadOne(string scenario, string folder = ".") => PlanText.Read($"requests: [/a]\nscenarios: {{ s: {{ {scenario} }} }}", folder).Scenarios[0];
}
