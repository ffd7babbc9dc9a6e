using System.Text.Json.Serialization;

namespace Headroom.Telemetry.LivePage;

/// <summary>
/// What an API did in one interval, about a second: differences of counters and histograms, and gauges as they stand. What was not observed is null. The JSON form is what web/src/live
/// reads (web/src/live/sample.ts).
/// </summary>
internal sealed record LiveSample
{
    /// <summary>End of the interval, Unix time in milliseconds.</summary>
    public required long At { get; init; }

    /// <summary>Length of the interval.</summary>
    public required double Seconds { get; init; }

    public required LiveRequests Requests { get; init; }

    /// <summary>By name; only those that were asked since the start.</summary>
    public required IReadOnlyList<LiveCache> Caches { get; init; }

    /// <summary>Rate limits by policy.</summary>
    public required IReadOnlyList<LiveLimit> Limits { get; init; }

    public required LiveRuntime Runtime { get; init; }

    public required LiveDatabase Database { get; init; }

    /// <summary>The busiest in this interval, at most ten.</summary>
    public required IReadOnlyList<LiveEndpoint> Endpoints { get; init; }
}

/// <param name="PerSecond">Requests answered.</param>
/// <param name="Active">Being answered now.</param>
/// <param name="P50Ms">Milliseconds, within 0.4 %, of those answered in the interval.</param>
/// <param name="P95Ms">Milliseconds.</param>
/// <param name="P99Ms">Milliseconds.</param>
/// <param name="ErrorRate">Share, 0 to 1, answered with 500 or more.</param>
internal sealed record LiveRequests(double PerSecond, double? Active, double? P50Ms, double? P95Ms, double? P99Ms, double? ErrorRate);

/// <param name="Name">The cache.</param>
/// <param name="PerSecond">Lookups.</param>
/// <param name="HitRate">Share, 0 to 1; null in an interval without a lookup.</param>
internal sealed record LiveCache(string Name, double PerSecond, double? HitRate);

/// <param name="Policy">The limit.</param>
/// <param name="AllowedPerSecond">Let through.</param>
/// <param name="BlockedPerSecond">Refused.</param>
internal sealed record LiveLimit(string Policy, double AllowedPerSecond, double BlockedPerSecond);

/// <param name="CpuCores">Processors busy: 1 is one of them all the time.</param>
/// <param name="MemoryBytes">Working set.</param>
/// <param name="HeapBytes">Managed heap after the last collection.</param>
/// <param name="AllocatedPerSecond">Bytes.</param>
/// <param name="GcPauseShare">Share of the interval, 0 to 1, in which a collection held everything up.</param>
/// <param name="Collections">In the interval, by generation: gen0, gen1, gen2.</param>
/// <param name="PoolThreads">Threads of the thread pool.</param>
/// <param name="PoolQueue">Work items that wait for one.</param>
internal sealed record LiveRuntime(
    double? CpuCores, double? MemoryBytes, double? HeapBytes, double? AllocatedPerSecond, double? GcPauseShare, IReadOnlyList<double> Collections, double? PoolThreads, double? PoolQueue);

/// <param name="PerSecond">Operations finished.</param>
/// <param name="P95Ms">Milliseconds.</param>
/// <param name="PoolUsed">Connections of all pools in use.</param>
/// <param name="PoolMax">Connections that they may have.</param>
internal sealed record LiveDatabase(double PerSecond, double? P95Ms, double? PoolUsed, double? PoolMax);

/// <param name="Method">The request method.</param>
/// <param name="Route">The route's template; <c>(no route)</c> for what no endpoint answered.</param>
/// <param name="PerSecond">Requests answered.</param>
/// <param name="MeanMs">Milliseconds.</param>
/// <param name="P95AtMostMs">Milliseconds: the upper bound of the exposed bucket that the 95th percentile is in; null beyond the last one.</param>
/// <param name="ErrorRate">Share, 0 to 1, answered with 500 or more.</param>
internal sealed record LiveEndpoint(string Method, string Route, double PerSecond, double MeanMs, double? P95AtMostMs, double ErrorRate);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LiveSample))]
internal sealed partial class LiveSampleJson : JsonSerializerContext;
