using Headroom.Load;
using Headroom.Measurements;

namespace Headroom.Cli.Tests.Live;

/// <summary>States of runs for the tests of the live view.</summary>
internal static class Progresses
{
    public static LoadPlan Plan { get; } = PlanOf("checkout", ("browse", 0), ("buy", 0), ("spike", 60));

    public static LoadProgress Busy { get; } = new()
    {
        Active = ["browse", "buy"], WarmingUp = false, Elapsed = TimeSpan.FromSeconds(31.4), Total = TimeSpan.FromSeconds(90), Requests = 381_220, Errors = 12, Vus = 61,
        LatestSecond = Second(12_345, 1.234, 5.6, 89.1),
        Scenarios =
        [
            Scenario("browse", ExecutorKind.RampingVus, ScenarioState.Running, 31.4, 90) with { Vus = 41, VusMax = 100 },
            Scenario("buy", ExecutorKind.ConstantArrivalRate, ScenarioState.Running, 31.4, 60) with { RatePerSecond = 250, Vus = 20, VusMax = 50 },
            Scenario("spike", ExecutorKind.SharedIterations, ScenarioState.Waiting, 0, 30) with { VusMax = 500, IterationsTotal = 10_000 },
        ],
    };

    public static LoadPlan PlanOf(string name, params (string Name, double Start)[] scenarios) => new()
    {
        Name = name,
        Requests = [new PlannedRequest { Name = "GET /", Method = "GET", Url = new Uri("http://127.0.0.1:5080/api") }],
        Scenarios = [.. scenarios.Select(one => new Scenario
        {
            Name = one.Name, Executor = ExecutorKind.ConstantVus, Connections = 1, StartTime = TimeSpan.FromSeconds(one.Start), Duration = TimeSpan.FromSeconds(30),
        })],
    };

    public static ScenarioProgress Scenario(string name, ExecutorKind executor, ScenarioState state, double elapsed, double total) => new()
    {
        Name = name, Executor = executor, State = state, Elapsed = TimeSpan.FromSeconds(elapsed), Total = TimeSpan.FromSeconds(total),
    };

    public static SeriesPoint Second(long requests, double p50, double p95, double p99) => new()
    {
        Second = 30, Requests = requests, Errors = 0, BytesReceived = 1, LatencyMs = new LatencySummary { P50 = p50, P95 = p95, P99 = p99, Max = p99 },
    };
}
