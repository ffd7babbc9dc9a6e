using Headroom.Load.Capacity;
using Headroom.Measurements;

namespace Headroom.Load.Tests.Capacity;

public sealed class ExhaustedResourcesTests
{
    private static readonly CapacityStep Idle = new()
    {
        RatePerSecond = 10,
        StartSeconds = 0,
        DurationSeconds = 4,
        Outcome = CapacityOutcome.Met,
        Requests = 1000,
        ThroughputPerSecond = 10,
        ErrorRate = 0,
        LatencyMs = new LatencySummary(),
        Concurrency = 1,
        TargetCpuCores = 0.2,
        TargetCpuCoresMax = 2,
        TargetOpenHandles = 100,
        TargetOpenHandlesMax = 1024,
        TargetThreads = 20,
        TargetConnections = 8,
        TargetAcceptQueue = 0,
        TargetGcPauseShare = 0.01,
        TargetHeapBytes = 50e6,
        TargetThreadPoolQueue = 0,
    };

    public static TheoryData<string, string, CapacityStep> Near => new()
    {
        { "cpu", "1.7 of 2 cores were busy", Idle with { TargetCpuCores = 1.7 } },
        { "file descriptors", "930 of 1024 file descriptors were open", Idle with { TargetOpenHandles = 930 } },
        { "connections", "11 of 1000 requests got no connection, or one that was closed before an answer, with 8 open", Idle with { RefusedConnections = 11 } },
        { "garbage collection", "collections stopped the target for 12.5 % of the time, with a heap of 50 MB", Idle with { TargetGcPauseShare = 0.125 } },
        { "thread pool", "64 pieces of work waited for a thread of the pool", Idle with { TargetThreadPoolQueue = 64 } },
        { "threads", "40 threads, 20 at the lowest rate: requests block them", Idle with { TargetThreads = 40 } },
        { "accept queue", "64 connections waited to be accepted", Idle with { TargetAcceptQueue = 64 } },
    };

    [Theory]
    [MemberData(nameof(Near))]
    public void First_ResourceNearItsLimit_IsNamedWithWhatWasSeen(string resource, string evidence, CapacityStep step) =>
        Assert.Equal(new ExhaustedResource { Resource = resource, RatePerSecond = 80, Evidence = evidence }, ExhaustedResources.First([Idle, step with { RatePerSecond = 80 }]));

    [Fact]
    public void First_JustBelowEveryLimit_IsNothing() => Assert.Null(ExhaustedResources.First(
    [
        Idle,
        Idle with
        {
            RatePerSecond = 80, TargetCpuCores = 1.69, TargetOpenHandles = 921, RefusedConnections = 10, TargetGcPauseShare = 0.099, TargetThreadPoolQueue = 63, TargetThreads = 35, TargetAcceptQueue = 63,
        },
    ]));

    [Fact]
    public void First_TwoAtDifferentRates_IsTheOneOfTheLowerRateWhateverTheOrderOfTheSteps() => Assert.Equal("thread pool", ExhaustedResources.First(
        [Idle, Idle with { RatePerSecond = 320, TargetCpuCores = 2 }, Idle with { RatePerSecond = 160, TargetThreadPoolQueue = 900 }])!.Resource);

    [Fact]
    public void First_SeveralAtOneRate_IsTheCause() => Assert.Equal("garbage collection", ExhaustedResources.First(
        [Idle, Idle with { RatePerSecond = 80, TargetCpuCores = 2, TargetThreadPoolQueue = 900, TargetGcPauseShare = 0.4, TargetAcceptQueue = 200 }])!.Resource);

    [Fact]
    public void First_StepWhoseLimitWasTheGenerator_SaysNothing() =>
        Assert.Null(ExhaustedResources.First([Idle, Idle with { RatePerSecond = 80, TargetCpuCores = 2, Outcome = CapacityOutcome.GeneratorBound }]));
}
