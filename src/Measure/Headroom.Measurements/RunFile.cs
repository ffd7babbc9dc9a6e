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

    /// <summary>The target whose miss ended the run before its planned end; null when none did.</summary>
    public string? AbortedBy { get; init; }

    /// <summary>All measured requests together.</summary>
    public required RequestSummary Summary { get; init; }

    /// <summary>The same figures for each request name.</summary>
    public IReadOnlyDictionary<string, RequestSummary> RequestsByName { get; init => field = value ?? ReadOnlyDictionary<string, RequestSummary>.Empty; } = ReadOnlyDictionary<string, RequestSummary>.Empty;

    /// <summary>The same figures for each tag that the plan gives its requests; the key is <c>name:value</c>.</summary>
    public IReadOnlyDictionary<string, RequestSummary> RequestsByTag { get; init => field = value ?? ReadOnlyDictionary<string, RequestSummary>.Empty; } = ReadOnlyDictionary<string, RequestSummary>.Empty;

    /// <summary>The iterations of all scenarios; null when it was made before iterations were counted.</summary>
    public IterationSummary? Iterations { get; init; }

    /// <summary>The plan's checks, in its order.</summary>
    public IReadOnlyList<CheckSummary> Checks { get; init => field = value ?? []; } = [];

    /// <summary>Extractions that found nothing, by request and variable; those that always found something are not listed.</summary>
    public IReadOnlyList<FailedExtraction> FailedExtractions { get; init => field = value ?? []; } = [];

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

    /// <summary>What the target's own metrics showed, in the plan's order; empty when the plan asks for none.</summary>
    public IReadOnlyList<TargetMetric> TargetMetrics { get; init => field = value ?? []; } = [];

    /// <summary>Bytes that the target's runtime allocated from before the first request to after the last, the warm-up included, by its metrics endpoint; null when that was not asked.</summary>
    public long? TargetAllocatedBytes { get; init; }

    public IReadOnlyList<ThresholdResult> Thresholds { get; init => field = value ?? []; } = [];

    public IReadOnlyList<Finding> Warnings { get; init => field = value ?? []; } = [];

    /// <summary>One point a second of the measured part.</summary>
    public IReadOnlyList<SeriesPoint> Series { get; init => field = value ?? []; } = [];

    /// <summary>Of <c>headroom capacity</c>: the capacity and every rate that was tried. The rest of the file is then of the highest of these that met the objectives.</summary>
    public CapacityResult? Capacity { get; init; }

    /// <summary>Where the figures come from when another tool sent the load; null of Headroom's own runs.</summary>
    public RunOrigin? Origin { get; init; }

    /// <summary>Fields of a newer minor version: kept when the file is written again.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>A tool that sent the load, and what its results do not say: those fields are 0 in the file and mean nothing.</summary>
public sealed record RunOrigin
{
    /// <summary>The tool: <c>k6</c>.</summary>
    public required string Tool { get; init; }

    /// <summary>From when latency counts: <c>sent</c>, when a request was sent (<c>latencyMs</c> and <c>serviceTimeMs</c> are the same then), or <c>due</c>.</summary>
    public required string LatencyFrom { get; init; }

    /// <summary>Names of fields that are not known, such as <c>generator</c> and <c>stdDev</c>, wherever they stand.</summary>
    public IReadOnlyList<string> NotKnown { get; init => field = value ?? []; } = [];
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

/// <summary>A phase as it was planned.</summary>
public sealed record PlannedPhase
{
    public required string Name { get; init; }

    /// <summary>k6's word, such as <c>constant-vus</c> or <c>ramping-arrival-rate</c>; and <c>replay</c>.</summary>
    public required string Executor { get; init; }

    /// <summary>VUs at most, each with a connection of its own.</summary>
    public required int Connections { get; init; }

    /// <summary>Arrivals a second of a constant rate; null otherwise.</summary>
    public double? RatePerSecond { get; init; }

    /// <summary>When it starts, in seconds after the start of the run.</summary>
    public double StartSeconds { get; init; }

    /// <summary>Of executors whose level changes: the level (VUs, or arrivals a second) at points in time, joined by straight lines.</summary>
    public IReadOnlyList<LevelPoint> Levels { get; init => field = value ?? []; } = [];

    /// <summary>Of executors that count iterations: how many, of all VUs together.</summary>
    public long? Iterations { get; init; }

    public required double DurationSeconds { get; init; }
}

/// <summary>A planned level at a point in time.</summary>
/// <param name="Second">Seconds after the start of the phase.</param>
/// <param name="Level">VUs, or arrivals a second.</param>
public sealed record LevelPoint(double Second, double Level);

/// <summary>What the iterations (one request, or one way through a flow) came to.</summary>
public sealed record IterationSummary
{
    /// <summary>Iterations that came to their end, those cut short included.</summary>
    public required long Count { get; init; }

    public required double PerSecond { get; init; }

    /// <summary>From when an iteration was due to its end, think times included, in milliseconds; only of those not cut short.</summary>
    public required LatencySummary DurationMs { get; init; }

    /// <summary>Iterations that ended early because an extraction found nothing.</summary>
    public long CutShort { get; init; }

    /// <summary>Requests of those that were therefore never sent.</summary>
    public long RequestsSkipped { get; init; }

    /// <summary>Iterations under way when the run (or their VU, by a ramp down) ended.</summary>
    public long Interrupted { get; init; }

    /// <summary>Iterations that were due and never started.</summary>
    public long Dropped { get; init; }

    /// <summary>Durations in nanoseconds, HdrHistogram V2 compressed encoding, base64.</summary>
    public string? DurationHistogram { get; init; }
}

/// <summary>How often a check held.</summary>
public sealed record CheckSummary
{
    public required string Name { get; init; }

    /// <summary>Name of the request whose responses are checked.</summary>
    public required string Request { get; init; }

    public required long Passes { get; init; }

    public required long Fails { get; init; }
}

/// <summary>How often an extraction found nothing.</summary>
public sealed record FailedExtraction
{
    public required string Request { get; init; }

    public required string Variable { get; init; }

    public required long Count { get; init; }
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

    /// <summary>Server-sent events received (text/event-stream).</summary>
    public long Events { get; init; }

    /// <summary>From when a request was sent to its first server-sent event, in milliseconds; null when there was none.</summary>
    public LatencySummary? TimeToFirstEventMs { get; init; }

    /// <summary>Latency in nanoseconds, HdrHistogram V2 compressed encoding, base64.</summary>
    public string? LatencyHistogram { get; init; }

    /// <summary>Service time in nanoseconds, the same encoding.</summary>
    public string? ServiceTimeHistogram { get; init; }

    /// <summary>Time to the first event in nanoseconds, the same encoding.</summary>
    public string? TimeToFirstEventHistogram { get; init; }
}

/// <summary>Percentiles in milliseconds, read from a histogram with 3 significant digits. All zero when nothing was recorded.</summary>
public sealed record LatencySummary
{
    /// <summary>Fewer requests than this have less than ten above their 99th percentile.</summary>
    public const long RequestsForP99 = 1000;

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

    /// <summary>Slope of resident memory over the run (least squares over the samples), in bytes per hour; null when the run was too short to tell.</summary>
    public double? RssGrowthBytesPerHour { get; init; }

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

    /// <summary>Half of that slope's 95 % confidence interval (<see cref="MemoryTrend"/>); null when the run was too short to say.</summary>
    public double? RssGrowthMarginBytesPerHour { get; init; }

    public Gauge? OpenHandles { get; init; }

    public Gauge? Threads { get; init; }

    /// <summary>Connections that the listening sockets have accepted or hold; null when they could not be seen (Linux, loopback).</summary>
    public Gauge? Connections { get; init; }

    /// <summary>Connections that wait to be accepted; null when they could not be seen.</summary>
    public Gauge? AcceptQueue { get; init; }

    /// <summary>Cores that the processes may use, by affinity and control group; null when it is not known.</summary>
    public double? CpuCoresMax { get; init; }

    /// <summary>File descriptors that each of the processes may have open; null when it is not known.</summary>
    public double? OpenHandlesMax { get; init; }
}

/// <summary>A figure made of the target's own metrics, scraped when measuring began and when it ended.</summary>
public sealed record TargetMetric
{
    /// <summary>As the plan names it.</summary>
    public required string Name { get; init; }

    /// <summary>The figure: a gauge's value at the end, a counter's increase, or an increase over others; null when it could not be had.</summary>
    public double? Value { get; init; }

    /// <summary>By how much the counters grew while measuring; null of a gauge.</summary>
    public double? Increase { get; init; }

    /// <summary>By how much those grew that it is divided by; null where it is not.</summary>
    public double? Over { get; init; }

    /// <summary>Why there is no value.</summary>
    public string? Reason { get; init; }
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

    /// <summary>
    /// Neither passed nor failed, because the run cannot tell: the generator was late by its own fault, and without that the target would have been met; or memory was watched
    /// for too short a time. <see cref="Passed"/> is false then.
    /// </summary>
    public bool Undecided { get; init; }

    /// <summary>Why it counts as not passed although nothing was observed, or why it is undecided.</summary>
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

    /// <summary>VUs in an iteration at the end of this second, all scenarios together; null when it was not counted.</summary>
    public long? Vus { get; init; }

    /// <summary>Target CPU in this second, in cores (1 = one core busy); null when the process could not be seen.</summary>
    public double? TargetCpuCores { get; init; }

    public long? TargetRssBytes { get; init; }

    public long? TargetOpenHandles { get; init; }
}
