using System.Collections.ObjectModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Headroom.Measurements;

/// <summary>
/// What came back from a load run: the contract <c>headroom-run/1</c> (docs/run-file.md). Every report, comparison
/// and gate is computed from run files alone, so everything they need is here, histograms included.
/// </summary>
/// <remarks>
/// The source-generated JSON reader initialises init-only members that a file does not have with null or 0, not with their initialiser.
/// So members with another default either put it in place of null or have a setter, which the reader leaves alone.
/// </remarks>
public sealed record RunFile
{
    /// <summary>The schema this build writes. Readers accept every 1.x and refuse a newer major version.</summary>
    public const string CurrentSchema = "headroom-run/1";

    public string Schema { get; init; } = CurrentSchema;

    public required RunPlan Plan { get; init; }

    public required RunEnvironment Environment { get; init; }

    /// <summary>When the first measured request was due (after the warm-up), in UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Length of the measured part in seconds, from its start to the last completion; the warm-up is not in it.</summary>
    public required double DurationSeconds { get; init; }

    /// <summary>True when the run was stopped before its planned end (Ctrl-C); the figures cover what was measured until then.</summary>
    public bool Interrupted { get; init; }

    /// <summary>All measured requests together.</summary>
    public required RequestSummary Summary { get; init; }

    /// <summary>The same figures for each request name.</summary>
    public IReadOnlyDictionary<string, RequestSummary> RequestsByName { get; init => field = value ?? ReadOnlyDictionary<string, RequestSummary>.Empty; } = ReadOnlyDictionary<string, RequestSummary>.Empty;

    /// <summary>The same figures for each phase, in the order they ran.</summary>
    public IReadOnlyList<RunPhase> Phases { get; init => field = value ?? []; } = [];

    /// <summary>Responses by status code; the key is the code in digits.</summary>
    public IReadOnlyDictionary<string, long> Statuses { get; init => field = value ?? ReadOnlyDictionary<string, long>.Empty; } = ReadOnlyDictionary<string, long>.Empty;

    /// <summary>Errors by kind (docs/errors.md): a transport error, <c>http4xx</c> or <c>http5xx</c>. The values add up to <c>summary.errors</c>.</summary>
    public IReadOnlyDictionary<string, long> ErrorsByKind { get; init => field = value ?? ReadOnlyDictionary<string, long>.Empty; } = ReadOnlyDictionary<string, long>.Empty;

    /// <summary>What was sent before measuring began. Not part of any other figure; with it the totals equal the server's own counters.</summary>
    public WarmUpTotals WarmUp { get; init => field = value ?? new(); } = new();

    public required GeneratorUsage Generator { get; init; }

    /// <summary>The target's own resources; null when its process could not be seen.</summary>
    public TargetUsage? Target { get; init; }

    public IReadOnlyList<ThresholdResult> Thresholds { get; init => field = value ?? []; } = [];

    public IReadOnlyList<Finding> Warnings { get; init => field = value ?? []; } = [];

    /// <summary>One point a second of the measured part.</summary>
    public IReadOnlyList<SeriesPoint> Series { get; init => field = value ?? []; } = [];

    /// <summary>Fields of a newer minor version: kept when the file is written again.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>What was asked for.</summary>
public sealed record RunPlan
{
    public required string Name { get; init; }

    /// <summary>Base address of the target, without user info or query.</summary>
    public required string Target { get; init; }

    /// <summary>SHA-256 over the normalised plan, hex, so that two runs of the same plan are known to be so.</summary>
    public string? Digest { get; init; }

    public IReadOnlyList<PlannedPhase> Phases { get; init => field = value ?? []; } = [];

    public double WarmUpSeconds { get; init; }
}

/// <summary>A phase as it was planned. Exactly one of closed loop (no rate) or constant rate (rate set).</summary>
public sealed record PlannedPhase
{
    public required string Name { get; init; }

    /// <summary>k6's word: <c>constant-vus</c> or <c>constant-arrival-rate</c>.</summary>
    public required string Executor { get; init; }

    public required int Connections { get; init; }

    public double? RatePerSecond { get; init; }

    public required double DurationSeconds { get; init; }
}

/// <summary>Where it ran.</summary>
public sealed record RunEnvironment
{
    public required string HeadroomVersion { get; init; }

    public required string Runtime { get; init; }

    public required string OperatingSystem { get; init; }

    public required string Architecture { get; init; }

    public string? Processor { get; init; }

    public required int ProcessorCount { get; init; }

    public long? MemoryBytes { get; init; }
}

/// <summary>Figures of a set of requests. Latency counts from when a request was due, service time from when it was sent.</summary>
public sealed record RequestSummary
{
    /// <summary>Requests that ended: with a response or with an error.</summary>
    public required long Requests { get; init; }

    public required double RequestsPerSecond { get; init; }

    /// <summary>Transport errors and responses with status 400 or above.</summary>
    public required long Errors { get; init; }

    /// <summary>Errors over requests, 0 to 1.</summary>
    public required double ErrorRate { get; init; }

    /// <summary>Bytes received on the wire, heads and bodies (and chunk framing) together.</summary>
    public required long BytesReceived { get; init; }

    /// <summary>Bytes sent on the wire.</summary>
    public long BytesSent { get; init; }

    /// <summary>Body bytes as received, still content-encoded, chunk framing removed.</summary>
    public long BodyBytes { get; init; }

    /// <summary>Body bytes after undoing Content-Encoding (br, gzip).</summary>
    public long DecodedBodyBytes { get; init; }

    public required LatencySummary LatencyMs { get; init; }

    public required LatencySummary ServiceTimeMs { get; init; }

    /// <summary>Hits over all responses that told their cache outcome, 0 to 1; null when none did.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public double? CacheHitRate { get; init; }

    public long CacheHits { get; init; }

    public long CacheMisses { get; init; }

    /// <summary>Arrivals of a constant-rate phase that were due and never started, because the run ended first.</summary>
    public long Dropped { get; init; }

    public IReadOnlyDictionary<string, long> Statuses { get; init => field = value ?? ReadOnlyDictionary<string, long>.Empty; } = ReadOnlyDictionary<string, long>.Empty;

    public IReadOnlyDictionary<string, long> ErrorsByKind { get; init => field = value ?? ReadOnlyDictionary<string, long>.Empty; } = ReadOnlyDictionary<string, long>.Empty;

    /// <summary>Server CPU spent while these requests ran over their number, in microseconds; known for a whole run, a phase, and a name that was measured alone.</summary>
    public double? TargetCpuMicrosecondsPerRequest { get; init; }

    /// <summary>Latency in nanoseconds, HdrHistogram V2 compressed encoding, base64.</summary>
    public string? LatencyHistogram { get; init; }

    /// <summary>Service time in nanoseconds, the same encoding.</summary>
    public string? ServiceTimeHistogram { get; init; }
}

/// <summary>Percentiles in milliseconds, read from a histogram with 3 significant digits. All zero when nothing was recorded.</summary>
public sealed record LatencySummary
{
    public double Min { get; init; }

    public double P50 { get; init; }

    public double P75 { get; init; }

    public double P90 { get; init; }

    public double P95 { get; init; }

    public double P99 { get; init; }

    public double P999 { get; init; }

    public double Max { get; init; }

    public double Mean { get; init; }

    public double StdDev { get; init; }
}

/// <summary>One phase of the run: <c>sequential</c>, <c>concurrent</c>, <c>constant-rate</c> or a scenario's name.</summary>
public sealed record RunPhase
{
    public required string Name { get; init; }

    /// <summary>Start in seconds after <see cref="RunFile.StartedAt"/>.</summary>
    public required double StartSeconds { get; init; }

    public required double DurationSeconds { get; init; }

    public required RequestSummary Summary { get; init; }
}

public sealed record WarmUpTotals
{
    public long Requests { get; init; }

    public long Errors { get; init; }

    public long BytesReceived { get; init; }
}

/// <summary>What the generator itself used while measuring.</summary>
public sealed record GeneratorUsage
{
    public required double CpuSeconds { get; init; }

    public required double CpuMicrosecondsPerRequest { get; init; }

    public required long PeakRssBytes { get; init; }

    /// <summary>How late the generator was by its own fault, in milliseconds.</summary>
    public required LatencySummary LagMs { get; init; }

    /// <summary>The same lag in nanoseconds, HdrHistogram V2 compressed encoding, base64; without it merged runs keep only the worst round's lag.</summary>
    public string? LagHistogram { get; init; }

    public int Workers { get; set; } = 1;

    public int GarbageCollections { get; init; }

    public double GarbageCollectionPauseMs { get; init; }
}

/// <summary>What the target's processes used while measuring.</summary>
public sealed record TargetUsage
{
    public IReadOnlyList<int> ProcessIds { get; init => field = value ?? []; } = [];

    public string? ProcessName { get; init; }

    public required double CpuSeconds { get; init; }

    public double CpuMicrosecondsPerRequest { get; init; }

    public required Gauge RssBytes { get; init; }

    /// <summary>Slope of resident memory over the run (least squares over the samples), in bytes per hour.</summary>
    public double RssGrowthBytesPerHour { get; init; }

    public Gauge? OpenHandles { get; init; }

    public Gauge? Threads { get; init; }
}

/// <summary>A sampled quantity: first, highest and last sample.</summary>
public sealed record Gauge
{
    public required double Start { get; init; }

    public required double Peak { get; init; }

    public required double End { get; init; }
}

/// <summary>One target (<c>p95&lt;150ms</c>) and what the run showed of it.</summary>
public sealed record ThresholdResult
{
    public required string Expression { get; init; }

    /// <summary>The observed value in the unit of the expression; null when the run has no such figure.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public double? Observed { get; init; }

    /// <summary>The observed value as people read it: <c>12.3 ms</c>, <c>0.02 %</c>.</summary>
    public string? ObservedText { get; init; }

    public required bool Passed { get; init; }

    /// <summary>Why it counts as not passed although nothing was observed.</summary>
    public string? Reason { get; init; }
}

/// <summary>One second of the run.</summary>
public sealed record SeriesPoint
{
    /// <summary>Start of the interval in seconds after <see cref="RunFile.StartedAt"/>.</summary>
    public required double Second { get; init; }

    public required long Requests { get; init; }

    public required long Errors { get; init; }

    public required long BytesReceived { get; init; }

    public required LatencySummary LatencyMs { get; init; }

    /// <summary>Latency in nanoseconds, HdrHistogram V2 compressed encoding, base64.</summary>
    public string? LatencyHistogram { get; init; }

    /// <summary>The phase that was running.</summary>
    public string? Phase { get; init; }

    /// <summary>Target CPU in this second, in cores (1 = one core busy); null when the process could not be seen.</summary>
    public double? TargetCpuCores { get; init; }

    public long? TargetRssBytes { get; init; }

    public long? TargetOpenHandles { get; init; }
}
