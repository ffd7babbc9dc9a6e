using Headroom.Measurements;

namespace Headroom.Reports.Figures;

/// <summary>A figure of every step of a search for the capacity, for a table of them.</summary>
/// <param name="Label">Its heading.</param>
/// <param name="Dispensable">The higher, the sooner it is left out where there is no room; 0 never is.</param>
/// <param name="Text">What a step has; null where it is not known.</param>
internal sealed record CapacityColumn(string Label, int Dispensable, Func<CapacityStep, string?> Text)
{
    /// <summary>Those that any step has a figure for, beside the rate and what came of it: first what clients see, then the target's resources.</summary>
    public static IReadOnlyList<CapacityColumn> KnownOf(IReadOnlyList<CapacityStep> steps) => [.. All.Where(column => steps.Any(step => column.Text(step) is not null))];

    private static readonly IReadOnlyList<CapacityColumn> All =
    [
        new("p50", 3, step => Figure.Milliseconds(step.LatencyMs.P50)),
        new("p99", 0, step => Figure.Milliseconds(step.LatencyMs.P99)),
        new("errors", 0, step => Figure.Percent(step.ErrorRate)),
        new("throughput", 2, step => Figure.PerSecond(step.ThroughputPerSecond)),
        new("under way", 1, step => Figure.Number(step.Concurrency)),
        new("CPU", 4, step => step.TargetCpuCores is { } cores ? Figure.Number(cores) : null),
        new("GC", 5, step => step.TargetGcPauseShare is { } paused ? Figure.Percent(paused) : null),
        new("pool queue", 6, step => step.TargetThreadPoolQueue is { } queue ? Figure.Count(queue) : null),
        new("threads", 7, step => step.TargetThreads is { } threads ? Figure.Count(threads) : null),
        new("memory", 8, step => step.TargetRssBytes is { } rss ? Figure.Bytes(rss) : null),
        new("handles", 9, step => step.TargetOpenHandles is { } handles ? Figure.Count(handles) : null),
        new("connections", 10, step => step.TargetConnections is { } connections ? Figure.Count(connections) : null),
    ];
}
