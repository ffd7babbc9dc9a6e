using Headroom.Load.Capacity;
using Headroom.Measurements;

namespace Headroom.Load.Tests.Capacity;

public sealed class CapacityFindingsTests
{
    [Theory]
    [InlineData(0.4, true, "p99<200ms")]
    [InlineData(0.4, false, "p99<200ms", "errors<50%")]
    [InlineData(0.4, false, "http_req_failed: rate<0.5")]
    [InlineData(0.4, false, "checks>50%")]
    [InlineData(0.001, false, "p99<200ms")]
    public void Of_ErrorsAtTheCapacity_AreToldWhereNoObjectiveIsOnThem(double errorRate, bool told, params string[] objectives) =>
        Assert.Equal(told, Codes(objectives, Step(100, CapacityOutcome.Met, errorRate), Step(400, CapacityOutcome.Collapsed, 0.9)).Contains("capacity-errors-unbounded"));

    [Fact]
    public void Of_TargetThatCameBackOrDidNot_IsToldApart()
    {
        var back = Step(100, CapacityOutcome.Missed, 0.5) with { TargetWentAway = true, CoolDownSeconds = 2 };
        Assert.Contains("capacity-target-restarted", Codes(["errors<1%"], back, Step(50, CapacityOutcome.Met, 0)));
        Assert.DoesNotContain("capacity-target-restarted", Codes(["errors<1%"], Step(50, CapacityOutcome.Met, 0), back with { CoolDownSeconds = 0 }));
    }

    private static string[] Codes(string[] objectives, params CapacityStep[] steps) =>
    [
        .. CapacityFindings.Of(new CapacityResult { RatePerSecond = 100, LowPerSecond = 90, EndedBy = CapacityEnd.PrecisionReached, Reason = "", Objectives = objectives, Steps = steps })
            .Select(finding => finding.Code),
    ];

    private static CapacityStep Step(double rate, CapacityOutcome outcome, double errorRate) => new()
    {
        RatePerSecond = rate,
        StartSeconds = 0,
        DurationSeconds = 4,
        Outcome = outcome,
        Requests = 100,
        ThroughputPerSecond = rate * (1 - errorRate),
        ErrorRate = errorRate,
        LatencyMs = new LatencySummary(),
        Concurrency = 1,
    };
}
