using Headroom.Cli.Sessions;
using Headroom.Measurements;

namespace Headroom.Cli.Tests.Sessions;

public sealed class SessionWarmUpTests
{
    [Fact]
    public void IsSettled_CostsThatFallAndThenStay_IsTrueOnceTheyStay()
    {
        var warmUp = new SessionWarmUp(variants: 2);
        var settledAt = 0;
        for (var turn = 1; settledAt == 0; turn++)
        {
            warmUp.Add(0, CostOf(100));
            warmUp.Add(1, CostOf(turn <= 20 ? 400 - (15 * turn) : 100));
            settledAt = warmUp.IsSettled ? turn : 0;
            Assert.Equal(turn >= SessionWarmUp.TurnsMin, warmUp.FallOf(0) is not null);
        }

        // The first ten turns that tell end at 30: five at 100, and before them five of which the middle one is at 100 as well.
        Assert.InRange(settledAt, 23, 30);
        Assert.Equal(0, warmUp.FallOf(0));
    }

    [Fact]
    public void IsSettled_OneWildTurnOrARise_IsNoFall()
    {
        var warmUp = new SessionWarmUp(variants: 1);
        double[] costs = [100, 100, 900, 100, 100, 104, 104, 104, 90, 90];
        foreach (var cost in costs)
            warmUp.Add(0, CostOf(cost));
        Assert.True(warmUp.IsSettled);
        Assert.Equal(-0.04, warmUp.FallOf(0)!.Value, 1e-9);
    }

    /// <summary>Where no CPU is seen, the median latency stands for it.</summary>
    [Fact]
    public void FallOf_TargetThatIsNotSeen_IsOfItsLatency()
    {
        var warmUp = new SessionWarmUp(variants: 1);
        foreach (var p50 in Enumerable.Repeat(8.0, 5).Concat(Enumerable.Repeat(4.0, 5)))
            warmUp.Add(0, CostOf(null, p50));
        Assert.Equal(0.5, warmUp.FallOf(0));
        Assert.False(warmUp.IsSettled);
    }

    private static RunFile CostOf(double? cpu, double p50 = 1) => new()
    {
        Plan = new RunPlan { Name = "settling", Target = "http://127.0.0.1:1" },
        Environment = new RunEnvironment { HeadroomVersion = "0", Runtime = "0", OperatingSystem = "0", Architecture = "0", ProcessorCount = 1 },
        StartedAt = DateTimeOffset.UnixEpoch,
        DurationSeconds = 1,
        Generator = new GeneratorUsage { CpuSeconds = 0, CpuMicrosecondsPerRequest = 0, PeakRssBytes = 0, LagMs = new LatencySummary() },
        Summary = new RequestSummary
        {
            Requests = 1,
            RequestsPerSecond = 1,
            Errors = 0,
            ErrorRate = 0,
            BytesReceived = 0,
            LatencyMs = new LatencySummary { P50 = p50 },
            ServiceTimeMs = new LatencySummary(),
            TargetCpuMicrosecondsPerRequest = cpu,
        },
    };
}
