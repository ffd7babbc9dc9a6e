using System.Text.Json.Serialization;

namespace Headroom.Measurements.Comparison;

/// <summary>What is compared of two sides, the least noisy first: a true +5 % is visible in CPU per request when latency shows nothing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ComparedMetric>))]
public enum ComparedMetric
{
    /// <summary>CPU of the target's processes over requests, in microseconds.</summary>
    [JsonStringEnumMemberName("cpuPerRequest")]
    CpuPerRequest,

    /// <summary>Bytes that the target's runtime allocated over requests.</summary>
    [JsonStringEnumMemberName("allocatedPerRequest")]
    AllocatedPerRequest,

    /// <summary>Median latency in milliseconds, from when a request was due.</summary>
    [JsonStringEnumMemberName("p50")]
    P50,

    /// <summary>Requests that ended in a second.</summary>
    [JsonStringEnumMemberName("throughput")]
    Throughput,

    /// <summary>99th percentile of latency in milliseconds.</summary>
    [JsonStringEnumMemberName("p99")]
    P99,
}

/// <summary>What a metric is of a run.</summary>
internal static class ComparedMetrics
{
    /// <summary>1 where more is worse, −1 where more is better.</summary>
    public static int CostSign(this ComparedMetric metric) => metric == ComparedMetric.Throughput ? -1 : 1;

    public static string Name(this ComparedMetric metric) => metric switch
    {
        ComparedMetric.CpuPerRequest => "CPU per request",
        ComparedMetric.AllocatedPerRequest => "allocated bytes per request",
        ComparedMetric.Throughput => "throughput",
        ComparedMetric.P50 => "p50",
        _ => "p99",
    };

    /// <summary>The figure of a run, or of one request name of it; null where the run does not have it, or where it is 0 and so has no ratio.</summary>
    public static double? Of(this ComparedMetric metric, RunFile run, string? endpoint)
    {
        var summary = endpoint is null ? run.Summary : run.RequestsByName.GetValueOrDefault(endpoint);
        if (summary is null || summary.Requests == 0)
            return null;
        var value = metric switch
        {
            ComparedMetric.CpuPerRequest => summary.TargetCpuMicrosecondsPerRequest ?? (endpoint is null ? run.Target?.CpuMicrosecondsPerRequest : null),
            ComparedMetric.AllocatedPerRequest => endpoint is null && run.TargetAllocatedBytes is { } bytes ? (double)bytes / (summary.Requests + run.WarmUp.Requests) : null,
            ComparedMetric.P50 => summary.LatencyMs.P50,
            ComparedMetric.Throughput => summary.RequestsPerSecond,
            _ => summary.LatencyMs.P99,
        };
        return value > 0 ? value : null;
    }
}
