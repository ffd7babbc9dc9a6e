using System.Text.Json.Serialization;

namespace Headroom.Measurements;

/// <summary>How much load the target takes within its objectives, and how that was found out (docs/capacity.md).</summary>
public sealed record CapacityResult
{
    /// <summary>The highest arrival rate that meets the objectives, in iterations a second: the middle of what the steps leave possible. 0 when no rate met them.</summary>
    public required double RatePerSecond { get; init; }

    /// <summary>Lower end of the interval that holds the capacity with <see cref="Confidence"/>.</summary>
    public required double LowPerSecond { get; init; }

    /// <summary>Its upper end; null when nothing bounds the capacity from above, because no rate missed an objective.</summary>
    public double? HighPerSecond { get; init; }

    /// <summary>Probability that the interval holds the capacity, 0 to 1.</summary>
    public double Confidence { get; init; }

    /// <summary>Width of the interval that was asked for, as a fraction of its lower end.</summary>
    public double Precision { get; init; }

    /// <summary>Why the search ended.</summary>
    public required CapacityEnd EndedBy { get; init; }

    /// <summary>The same in a sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>The objectives, as they were written.</summary>
    public IReadOnlyList<string> Objectives { get; init => field = value ?? []; } = [];

    /// <summary>The rate at which rate over latency is greatest: beyond it, more load costs more time than it gains.</summary>
    public CapacityPoint? Knee { get; init; }

    /// <summary>The highest rate that was measured and met the objectives.</summary>
    public CapacityPoint? Highest { get; init; }

    /// <summary>Throughput as a function of concurrency.</summary>
    public ScalabilityFit? Scalability { get; init; }

    /// <summary>What the target ran out of first; null when its process could not be seen or nothing was near its limit.</summary>
    public ExhaustedResource? ExhaustedFirst { get; init; }

    /// <summary>What the target gets today, in iterations a second, as it was given.</summary>
    public double? CurrentPerSecond { get; init; }

    /// <summary>Capacity over today's rate.</summary>
    public double? Headroom { get; init; }

    /// <summary>The least capacity that was asked for.</summary>
    public double? MinimumPerSecond { get; init; }

    /// <summary>Every rate that was measured, in the order of time.</summary>
    public IReadOnlyList<CapacityStep> Steps { get; init => field = value ?? []; } = [];
}

/// <summary>Why a search for the capacity ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CapacityEnd>))]
public enum CapacityEnd
{
    /// <summary>The interval is as narrow as was asked for.</summary>
    [JsonStringEnumMemberName("precisionReached")]
    PrecisionReached,

    /// <summary>The time that it may take is over.</summary>
    [JsonStringEnumMemberName("timeOver")]
    TimeOver,

    /// <summary>The lowest rate already misses an objective.</summary>
    [JsonStringEnumMemberName("missedAtLowestRate")]
    MissedAtLowestRate,

    /// <summary>The highest rate that was allowed meets the objectives.</summary>
    [JsonStringEnumMemberName("highestRateMet")]
    HighestRateMet,

    /// <summary>The generator could not send more, or not on time.</summary>
    [JsonStringEnumMemberName("generatorLimit")]
    GeneratorLimit,

    /// <summary>The target did not recover from a step.</summary>
    [JsonStringEnumMemberName("targetCollapsed")]
    TargetCollapsed,

    /// <summary>The target was there and is not any more: connections to it are refused.</summary>
    [JsonStringEnumMemberName("targetGone")]
    TargetGone,

    /// <summary>Whoever started it ended it.</summary>
    [JsonStringEnumMemberName("interrupted")]
    Interrupted,
}

/// <summary>A rate and what it came with.</summary>
public sealed record CapacityPoint
{
    public required double RatePerSecond { get; init; }

    /// <summary>Requests in the target at a time, by Little's law: throughput times mean service time.</summary>
    public required double Concurrency { get; init; }

    /// <summary>Median latency in milliseconds.</summary>
    public required double P50Ms { get; init; }

    /// <summary>99th percentile of latency in milliseconds.</summary>
    public required double P99Ms { get; init; }
}

/// <summary>What a step showed.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CapacityOutcome>))]
public enum CapacityOutcome
{
    /// <summary>The objectives were met.</summary>
    [JsonStringEnumMemberName("met")]
    Met,

    /// <summary>An objective was missed.</summary>
    [JsonStringEnumMemberName("missed")]
    Missed,

    /// <summary>The step was ended early, because the target was overloaded: an objective was missed.</summary>
    [JsonStringEnumMemberName("collapsed")]
    Collapsed,

    /// <summary>The generator was the limit: the step says nothing about the target.</summary>
    [JsonStringEnumMemberName("generatorBound")]
    GeneratorBound,
}

/// <summary>One rate, sent for some seconds.</summary>
public sealed record CapacityStep
{
    /// <summary>Arrivals a second that were due.</summary>
    public required double RatePerSecond { get; init; }

    /// <summary>When it began, in seconds after the first one did.</summary>
    public required double StartSeconds { get; init; }

    /// <summary>Its measured part in seconds, to the last completion.</summary>
    public required double DurationSeconds { get; init; }

    public required CapacityOutcome Outcome { get; init; }

    /// <summary>Why it was not met; null when it was.</summary>
    public string? Reason { get; init; }

    /// <summary>Requests that ended.</summary>
    public required long Requests { get; init; }

    /// <summary>Requests that ended without an error, a second.</summary>
    public required double ThroughputPerSecond { get; init; }

    /// <summary>Errors over requests, 0 to 1.</summary>
    public required double ErrorRate { get; init; }

    /// <summary>Arrivals that were due and never started.</summary>
    public long Dropped { get; init; }

    /// <summary>Latency from when each request was due, in milliseconds.</summary>
    public required LatencySummary LatencyMs { get; init; }

    /// <summary>Requests in the target at a time, by Little's law.</summary>
    public required double Concurrency { get; init; }

    /// <summary>How long after its end the target took to be as quick as at the beginning, in seconds.</summary>
    public double CoolDownSeconds { get; init; }

    /// <summary>99th percentile of the generator's own lag, in milliseconds.</summary>
    public double GeneratorLagP99Ms { get; init; }

    /// <summary>Target CPU in cores; null, as the next ones, when its process could not be seen.</summary>
    public double? TargetCpuCores { get; init; }

    /// <summary>Cores that the target may use.</summary>
    public double? TargetCpuCoresMax { get; init; }

    /// <summary>Resident memory of the target in bytes, the highest sample.</summary>
    public double? TargetRssBytes { get; init; }

    /// <summary>Open file descriptors or handles of the target, the highest sample.</summary>
    public double? TargetOpenHandles { get; init; }

    /// <summary>Those that the target may have open.</summary>
    public double? TargetOpenHandlesMax { get; init; }

    /// <summary>Threads of the target, the highest sample.</summary>
    public double? TargetThreads { get; init; }

    /// <summary>Connections of the target, the highest sample.</summary>
    public double? TargetConnections { get; init; }

    /// <summary>Connections that waited to be accepted, the highest sample.</summary>
    public double? TargetAcceptQueue { get; init; }

    /// <summary>Part of the step for which garbage collections had stopped the target, 0 to 1; null, as the next two, when its runtime does not tell.</summary>
    public double? TargetGcPauseShare { get; init; }

    /// <summary>Managed heap of the target in bytes, the highest look.</summary>
    public double? TargetHeapBytes { get; init; }

    /// <summary>Work that waited for a thread of the target's pool, in the median look.</summary>
    public double? TargetThreadPoolQueue { get; init; }

    /// <summary>Requests that the target gave no connection, or whose connection it closed before it answered.</summary>
    public long RefusedConnections { get; init; }

    /// <summary>Nothing listened at the target's address for a time, in the step or after it: its process had ended.</summary>
    public bool TargetWentAway { get; init; }
}

/// <summary>
/// Gunther's Universal Scalability Law, X(N) = λN / (1 + σ(N − 1) + κN(N − 1)), fitted to the steps' throughput X and concurrency N; or why it was not.
/// </summary>
public sealed record ScalabilityFit
{
    /// <summary>Whether the steps support a fit. Without it there is only <see cref="Reason"/>.</summary>
    public required bool Supported { get; init; }

    /// <summary>Why the steps do not support one; null when they do.</summary>
    public string? Reason { get; init; }

    /// <summary>λ: requests a second of one request at a time.</summary>
    public Estimate? PerSecondAlone { get; init; }

    /// <summary>σ: contention, the share of the work that only one can do at a time.</summary>
    public Estimate? Contention { get; init; }

    /// <summary>κ: crosstalk, what each costs each other.</summary>
    public Estimate? Crosstalk { get; init; }

    /// <summary>The concurrency beyond which throughput falls; null when κ may be 0, so that it never does.</summary>
    public Estimate? PeakConcurrency { get; init; }

    /// <summary>Throughput there (κ above 0), or what it tends to (σ above 0 alone), in requests a second.</summary>
    public Estimate? PeakPerSecond { get; init; }

    /// <summary>Share of the variance of throughput that the curve explains, at most 1.</summary>
    public double? RSquared { get; init; }

    /// <summary>Steps that it rests on.</summary>
    public int Points { get; init; }

    /// <summary>Seed of the bootstrap that made the intervals.</summary>
    public int Seed { get; init; }
}

/// <summary>A value with its 95 % interval.</summary>
/// <param name="Value">The best single value.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public sealed record Estimate(double Value, double Low, double High);

/// <summary>A resource of the target near its limit.</summary>
public sealed record ExhaustedResource
{
    /// <summary><c>file descriptors</c>, <c>connections</c>, <c>garbage collection</c>, <c>cpu</c>, <c>thread pool</c>, <c>threads</c> or <c>accept queue</c>.</summary>
    public required string Resource { get; init; }

    /// <summary>The lowest rate at which it was near its limit.</summary>
    public required double RatePerSecond { get; init; }

    /// <summary>What was seen there, in a sentence.</summary>
    public required string Evidence { get; init; }
}
