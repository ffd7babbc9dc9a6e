using Headroom.Load.Wire;
using Headroom.Measurements;

namespace Headroom.Load.Capacity;

/// <summary>A step's run as a line of the result.</summary>
internal static class StepFigures
{
    public static CapacityStep Of(double ratePerSecond, RunFile run, RuntimeUsage? runtime, double startSeconds, StepVerdict verdict)
    {
        var summary = run.Summary;
        var seconds = Math.Max(run.DurationSeconds, 0.001);
        var answered = Math.Max(0, summary.Requests - summary.Errors) / seconds;
        return new CapacityStep
        {
            RatePerSecond = ratePerSecond,
            StartSeconds = startSeconds,
            DurationSeconds = run.DurationSeconds,
            Outcome = verdict.Outcome,
            Reason = verdict.IsDoubtful ? $"{verdict.Reason} (one stall may be all of it)" : verdict.Reason,
            Requests = summary.Requests,
            ThroughputPerSecond = answered,
            ErrorRate = summary.ErrorRate,
            Dropped = run.Iterations?.Dropped ?? summary.Dropped,
            LatencyMs = summary.LatencyMs,
            Concurrency = ConcurrencyOf(run),
            GeneratorLagP99Ms = run.Generator.LagMs.P99,
            TargetCpuCores = run.Target?.CpuSeconds / seconds,
            TargetCpuCoresMax = run.Target?.CpuCoresMax,
            TargetRssBytes = run.Target?.RssBytes.Peak,
            TargetOpenHandles = run.Target?.OpenHandles?.Peak,
            TargetOpenHandlesMax = run.Target?.OpenHandlesMax,
            TargetThreads = run.Target?.Threads?.Peak,
            TargetConnections = run.Target?.Connections?.Peak,
            TargetAcceptQueue = run.Target?.AcceptQueue?.Peak,
            TargetGcPauseShare = runtime?.GcPauseShare,
            TargetHeapBytes = runtime?.HeapBytes,
            TargetThreadPoolQueue = runtime?.ThreadPoolQueue,
            RefusedConnections = RefusedOf(run),
            TargetWentAway = CapacitySession.WasRefused(run),
        };
    }

    /// <summary>Requests that the target gave no connection, or whose connection it closed before a byte of the answer: what a server does that has as many as it may.</summary>
    private static long RefusedOf(RunFile run) =>
        new[] { WireError.ConnectRefused, WireError.ConnectTimeout, WireError.ConnectFailed, WireError.ConnectionReset, WireError.ConnectionClosed }
            .Sum(kind => run.ErrorsByKind.GetValueOrDefault(kind.Name()));

    public static CapacityPoint PointOf(CapacityStep step) => new()
    {
        RatePerSecond = step.RatePerSecond,
        Concurrency = step.Concurrency,
        P50Ms = step.LatencyMs.P50,
        P99Ms = step.LatencyMs.P99,
    };

    /// <summary>Little's law: N = X · S, with every request's service time, those that failed included, since they were in the target too.</summary>
    private static double ConcurrencyOf(RunFile run) => run.Summary.RequestsPerSecond * run.Summary.ServiceTimeMs.Mean / 1000;
}
