using System.Text;
using Headroom.Measurements;
using Headroom.Reports.Csv;
using Headroom.Reports.Figures;

namespace Headroom.Reports;

/// <summary>
/// A run as comma-separated values (RFC 4180) for spreadsheets and data frames: its seconds, or its sums. Numbers have a point and no separators; what is not
/// known is an empty cell. Columns are in docs/outputs.md; later versions only add to their end.
/// </summary>
public static class CsvReport
{
    /// <summary>Writes <see cref="RenderSeries"/>; on any failure a file that was there before stays as it was.</summary>
    /// <exception cref="IOException">The disk is full, the folder does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission to write there.</exception>
    public static void WriteSeries(string path, RunFile run) => Write(path, RenderSeries(run));

    /// <summary>Writes <see cref="RenderRequests"/>; on any failure a file that was there before stays as it was.</summary>
    /// <exception cref="IOException">The disk is full, the folder does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission to write there.</exception>
    public static void WriteRequests(string path, RunFile run) => Write(path, RenderRequests(run));

    /// <summary>One row a second.</summary>
    public static string RenderSeries(RunFile run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var csv = new CsvText(
        [
            "second", "phase", "requests", "errors", "bytes_received", "p50_ms", "p75_ms", "p90_ms", "p95_ms", "p99_ms", "p999_ms", "max_ms",
            "vus", "target_cpu_cores", "target_rss_bytes", "target_open_handles",
        ]);
        foreach (var point in run.Series)
        {
            var latency = point.LatencyMs;
            csv.Number(point.Second).Text(point.Phase).Number(point.Requests).Number(point.Errors).Number(point.BytesReceived);

            // Percentiles of no request, or of none that got an answer, would be zeros that pull a mean down.
            foreach (var percentile in new[] { latency.P50, latency.P75, latency.P90, latency.P95, latency.P99, latency.P999, latency.Max })
                csv.Number(Metric.HasLatency(latency) ? percentile : null);
            csv.Number(point.Vus).Number(point.TargetCpuCores).Number(point.TargetRssBytes).Number(point.TargetOpenHandles).EndRow();
        }

        return csv.ToString();
    }

    /// <summary>The sums: of the whole run, of each phase, of each request name, and of each tag. The column <c>of</c> says which, so that they are not added up.</summary>
    public static string RenderRequests(RunFile run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var csv = new CsvText(
        [
            "of", "name", "requests", "requests_per_second", "errors", "error_rate", "bytes_received", "bytes_sent", "decoded_body_bytes", "dropped",
            "min_ms", "mean_ms", "stddev_ms", "p50_ms", "p75_ms", "p90_ms", "p95_ms", "p99_ms", "p999_ms", "max_ms",
            "service_p50_ms", "service_p95_ms", "service_p99_ms", "service_max_ms", "cache_hit_rate", "target_cpu_us_per_request",
        ]);
        Row(csv, "run", run.Plan.Name, run.Summary, run.Origin, isWhole: true);
        foreach (var phase in run.Phases)
            Row(csv, "phase", phase.Name, phase.Summary, run.Origin);
        foreach (var (name, summary) in run.RequestsByName)
            Row(csv, "request", name, summary, run.Origin);
        foreach (var (tag, summary) in run.RequestsByTag)
            Row(csv, "tag", tag, summary, run.Origin);
        return csv.ToString();
    }

    // What another tool does not say of its run is no 0.
    private static void Row(CsvText csv, string of, string name, RequestSummary summary, RunOrigin? origin, bool isWhole = false)
    {
        double? Known(double figure, bool isKnown) => origin is null || isKnown ? figure : null;
        var (latency, service) = (summary.LatencyMs, summary.ServiceTimeMs);
        csv.Text(of).Text(name).Number(summary.Requests).Number(summary.RequestsPerSecond).Number(summary.Errors).Number(summary.ErrorRate)
            .Number(Known(summary.BytesReceived, isWhole)).Number(Known(summary.BytesSent, isWhole)).Number(Known(summary.DecodedBodyBytes, isKnown: false)).Number(Known(summary.Dropped, isWhole));
        foreach (var figure in new double?[]
        {
            latency.Min, latency.Mean, Known(latency.StdDev, isKnown: false), latency.P50, latency.P75, latency.P90, latency.P95, latency.P99, latency.P999, latency.Max,
            service.P50, service.P95, service.P99, service.Max,
        })
        {
            csv.Number(Metric.HasLatency(latency) ? figure : null);
        }

        csv.Number(summary.CacheHitRate).Number(summary.TargetCpuMicrosecondsPerRequest).EndRow();
    }

    private static void Write(string path, string csv) => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(csv)));
}
