using Headroom.Measurements;

namespace Headroom.Reports.Tests.Samples;

/// <summary>A search for the capacity with every outcome of a step, of a target that is seen from outside and by its runtime.</summary>
internal static class Capacities
{
    public static RunFile Complete { get; } = Of(Steps(seen: true), new ExhaustedResource { Resource = "garbage collection", RatePerSecond = 320, Evidence = "collections stopped the target for 10.2 % of the time, with a heap of 252 MB" });

    /// <summary>Of a process that nobody may look at, and no rate met the objectives.</summary>
    public static RunFile Unseen { get; } = NothingMet(Of([.. Steps(seen: false).Select(step => step with { Outcome = CapacityOutcome.Missed, Reason = "p99<200ms: 310 ms" })], null));

    private static RunFile NothingMet(RunFile run) => run with
    {
        Capacity = run.Capacity! with
        {
            RatePerSecond = 0, LowPerSecond = 0, HighPerSecond = null, Highest = null, Knee = null, Headroom = null,
            EndedBy = CapacityEnd.MissedAtLowestRate, Reason = "the objectives are missed at 1.25/s already",
        },
    };

    private static RunFile Of(IReadOnlyList<CapacityStep> steps, ExhaustedResource? exhausted) =>
        SampleRun.Of([new("GET /api/v2/chats", 9, CpuMicroseconds: 2400)], 5, 380, seed: 3) with
        {
            Thresholds =
            [
                new ThresholdResult { Expression = "p99<200ms", Observed = 141, ObservedText = "141 ms", Passed = true },
                new ThresholdResult { Expression = "capacity>=450/s", Observed = 392, ObservedText = "392 /s", Passed = false },
            ],
            Capacity = new CapacityResult
            {
                RatePerSecond = 392.4,
                LowPerSecond = 378.2,
                HighPerSecond = 411.9,
                Confidence = 0.95,
                Precision = 0.1,
                EndedBy = CapacityEnd.PrecisionReached,
                Reason = "the 95 % interval is at most 10 % wide",
                Objectives = ["p99<200ms", "errors<0.1%"],
                Knee = new CapacityPoint { RatePerSecond = 160, Concurrency = 1.6, P50Ms = 9.4, P99Ms = 25 },
                Highest = new CapacityPoint { RatePerSecond = 380, Concurrency = 11.8, P50Ms = 21, P99Ms = 141 },
                Scalability = new ScalabilityFit { Supported = false, Reason = "4 of the steps had one request or more under way at a time, without errors; at least 6 are needed", Points = 4, Seed = 1 },
                ExhaustedFirst = exhausted,
                CurrentPerSecond = 45,
                Headroom = 392.4 / 45,
                MinimumPerSecond = 450,
                Steps = steps,
            },
        };

    private static CapacityStep[] Steps(bool seen)
    {
        (double Rate, double P50, double P99, CapacityOutcome Outcome, string? Reason)[] tried =
        [
            (20, 8.9, 19, CapacityOutcome.Met, null),
            (40, 9, 21, CapacityOutcome.Met, null),
            (80, 9.1, 22, CapacityOutcome.Met, null),
            (160, 9.4, 25, CapacityOutcome.Met, null),
            (320, 14, 88, CapacityOutcome.Met, null),
            (640, 480, 1900, CapacityOutcome.Collapsed, "the median latency of one second was 480 ms"),
            (452, 180, 730, CapacityOutcome.Missed, "p99<200ms: 730 ms"),
            (380, 21, 141, CapacityOutcome.Met, null),
            (410, 25, 160, CapacityOutcome.GeneratorBound, "the generator was late"),
            (400, 31, 228, CapacityOutcome.Missed, "p99<200ms: 228 ms (one stall may be all of it)"),
        ];
        return [.. tried.Select((step, i) => Step(i, step.Rate, step.P50, step.P99, step.Outcome, step.Reason, seen))];
    }

    private static CapacityStep Step(int i, double rate, double p50, double p99, CapacityOutcome outcome, string? reason, bool seen) => new()
    {
        RatePerSecond = rate,
        StartSeconds = 6 * i,
        DurationSeconds = 4,
        Outcome = outcome,
        Reason = reason,
        Requests = (long)(4 * rate),
        ThroughputPerSecond = Math.Min(rate, 405),
        ErrorRate = outcome == CapacityOutcome.Collapsed ? 0.02 : 0,
        LatencyMs = new LatencySummary { Min = p50 / 2, P50 = p50, P75 = p50 * 1.2, P90 = p50 * 1.5, P95 = p99 * 0.8, P99 = p99, P999 = p99 * 1.1, Max = p99 * 1.2, Mean = p50 * 1.1, StdDev = p50 / 3 },
        Concurrency = Math.Min(rate, 405) * p50 / 1000,
        TargetCpuCores = seen ? Math.Min(1.71, rate * 0.0042) : null,
        TargetCpuCoresMax = seen ? 2 : null,
        TargetRssBytes = seen ? 120e6 + (rate * 4e5) : null,
        TargetOpenHandles = seen ? 210 + (rate / 4) : null,
        TargetOpenHandlesMax = seen ? 524_288 : null,
        TargetThreads = seen ? 22 + (i / 2) : null,
        TargetConnections = seen ? Math.Round(8 + (rate / 10)) : null,
        TargetAcceptQueue = seen ? 0 : null,
        TargetGcPauseShare = seen ? rate * rate * 1e-6 : null,
        TargetHeapBytes = seen ? 60e6 + (rate * 6e5) : null,
        TargetThreadPoolQueue = seen ? Math.Max(0, Math.Round(rate - 400)) : null,
    };
}
