using Headroom.Measurements;

namespace Headroom.Reports.Figures;

/// <summary>A figure of a set of requests that can be shown and compared.</summary>
/// <param name="Label">Its heading.</param>
/// <param name="Better">Which way it should go.</param>
/// <param name="Of">The figure of a summary; null where it is not known.</param>
/// <param name="Format">How it is written.</param>
internal sealed record Metric(string Label, Better Better, Func<RequestSummary, double?> Of, Func<double, string> Format)
{
    public static Metric Requests { get; } = new("requests", Better.Higher, summary => summary.Requests, Figure.Count);

    public static Metric Throughput { get; } = new("requests/s", Better.Higher, summary => summary.RequestsPerSecond, Figure.Number);

    public static Metric Errors { get; } = new("errors", Better.Lower, summary => summary.Requests > 0 ? summary.ErrorRate : null, Figure.Percent);

    public static Metric P50 { get; } = Latency("p50", latency => latency.P50);

    public static Metric P95 { get; } = Latency("p95", latency => latency.P95);

    public static Metric P99 { get; } = Latency("p99", latency => latency.P99);

    public static Metric Max { get; } = Latency("max", latency => latency.Max);

    public static Metric BytesPerRequest { get; } = new("bytes/request", Better.Lower, summary => PerRequest(summary, summary.BytesReceived), Figure.Bytes);

    public static Metric CacheHitRate { get; } = new("cache hits", Better.Higher, summary => summary.CacheHitRate, Figure.Percent);

    public static Metric CpuPerRequest { get; } = new("CPU/request", Better.Lower, summary => summary.TargetCpuMicrosecondsPerRequest, Figure.Microseconds);

    /// <summary>The columns of a comparison.</summary>
    public static IReadOnlyList<Metric> Compared { get; } = [P50, P95, P99, Throughput, BytesPerRequest, CpuPerRequest];

    public string Text(RequestSummary? summary) => summary is not null && Of(summary) is { } value ? Format(value) : Figure.Unknown;

    public Gain GainOf(RequestSummary? before, RequestSummary? after) =>
        Gain.Of(before is null ? null : Of(before), after is null ? null : Of(after), Better);

    /// <summary>False when every request broke off, which has no latency: zeros would read as a very fast target.</summary>
    public static bool HasLatency(LatencySummary latency) => latency.Max > 0;

    private static Metric Latency(string label, Func<LatencySummary, double> of) =>
        new(label, Better.Lower, summary => HasLatency(summary.LatencyMs) ? of(summary.LatencyMs) : null, Figure.Milliseconds);

    private static double? PerRequest(RequestSummary summary, long total) => summary.Requests > 0 ? (double)total / summary.Requests : null;
}
