using System.Text.Json.Serialization;
using Headroom.Telemetry.Collection;

namespace Headroom.Telemetry.Summary;

/// <summary>
/// What an API did since it started, in a few numbers. Latencies are milliseconds within 0.4 % of a measured value; what was never
/// observed is null. The JSON form is a contract: see docs/telemetry.md.
/// </summary>
internal sealed record TelemetrySummary(RequestSummary Requests, CacheSummary Cache, RateLimitSummary RateLimit, DatabaseSummary Database)
{
    /// <param name="metrics">What was recorded.</param>
    /// <param name="lookups">What caches counted themselves.</param>
    public static TelemetrySummary Of(IReadOnlyList<Metric> metrics, (long Hits, long Misses) lookups = default)
    {
        var requests = Histograms(metrics, HeadroomMeters.HttpServerRequestDuration);
        var database = Histograms(metrics, HeadroomMeters.DatabaseOperationDuration);
        return new TelemetrySummary(
            RequestSummary.Of(requests.Durations, requests.ServerErrors),
            new CacheSummary(Share(lookups.Hits + Sum(metrics, HeadroomMeters.CacheHits), lookups.Misses + Sum(metrics, HeadroomMeters.CacheMisses))),
            new RateLimitSummary(Share(Sum(metrics, HeadroomMeters.RateLimitBlocked), Sum(metrics, HeadroomMeters.RateLimitAllowed))),
            new DatabaseSummary(database.Durations.Count, Milliseconds(database.Durations.Quantile(0.95))));
    }

    public static double? Milliseconds(double? seconds) => seconds is { } value ? Math.Round(value * 1_000, 4) : null;

    static double? Share(double part, double rest) => part + rest > 0 ? part / (part + rest) : null;

    // Several meters may have an instrument of the name; they count together.
    static double Sum(IReadOnlyList<Metric> metrics, string instrument)
    {
        var sum = 0.0;
        foreach (var metric in metrics)
        {
            if (metric is SumMetric counter && counter.Description.Name == instrument)
                sum += counter.Total();
        }

        return sum;
    }

    static (LogLinearHistogram.Snapshot Durations, long ServerErrors) Histograms(IReadOnlyList<Metric> metrics, string instrument)
    {
        var merged = LogLinearHistogram.Snapshot.Empty;
        var errors = 0L;
        foreach (var metric in metrics)
        {
            if (metric is HistogramMetric { Fine: { } fine } histogram && histogram.Description.Name == instrument)
            {
                merged = merged.With(fine.Read());
                errors += histogram.ServerErrors();
            }
        }

        return (merged, errors);
    }
}

/// <param name="Total">Requests that were answered.</param>
/// <param name="ErrorRate">Share, 0 to 1, that was answered with a status of 500 or more.</param>
/// <param name="P50Latency">Milliseconds.</param>
/// <param name="P95Latency">Milliseconds.</param>
/// <param name="P99Latency">Milliseconds.</param>
internal sealed record RequestSummary(long Total, double? ErrorRate, double? P50Latency, double? P95Latency, double? P99Latency)
{
    public static RequestSummary Of(LogLinearHistogram.Snapshot durations, long serverErrors) => new(
        durations.Count,
        durations.Count > 0 ? Math.Min(1, (double)serverErrors / durations.Count) : null,
        TelemetrySummary.Milliseconds(durations.Quantile(0.50)),
        TelemetrySummary.Milliseconds(durations.Quantile(0.95)),
        TelemetrySummary.Milliseconds(durations.Quantile(0.99)));
}

/// <param name="HitRate">Share of lookups, 0 to 1, that a cache answered.</param>
internal sealed record CacheSummary(double? HitRate);

/// <param name="BlockRate">Share of requests, 0 to 1, that a rate limit refused.</param>
internal sealed record RateLimitSummary(double? BlockRate);

/// <param name="TotalQueries">Database operations that finished.</param>
/// <param name="P95Latency">Milliseconds.</param>
internal sealed record DatabaseSummary(long TotalQueries, double? P95Latency);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TelemetrySummary))]
internal sealed partial class TelemetrySummaryJson : JsonSerializerContext;
