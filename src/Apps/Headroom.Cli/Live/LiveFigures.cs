using Headroom.Load;
using Headroom.Reports.Figures;

namespace Headroom.Cli.Live;

/// <summary>The figures of the last whole second, and errors so far, in the order in which people look for them.</summary>
internal static class LiveFigures
{
    public static IEnumerable<(string Text, Look Look)> Of(LoadProgress progress)
    {
        if (progress.LatestSecond is { } second)
        {
            yield return ($"{Figure.Count(second.Requests)} req/s", Look.Bold);
            if (second.Requests > 0)
            {
                yield return ($"p50 {Figure.Milliseconds(second.LatencyMs.P50)}", Look.Plain);
                yield return ($"p95 {Figure.Milliseconds(second.LatencyMs.P95)}", Look.Plain);
                yield return ($"p99 {Figure.Milliseconds(second.LatencyMs.P99)}", Look.Plain);
            }
        }

        if (progress.LatestSecond is not null || progress.Errors > 0)
            yield return ($"{Figure.Count(progress.Errors)} {(progress.Errors == 1 ? "error" : "errors")}", progress.Errors > 0 ? Look.Bad : Look.Quiet);
        if (progress.Vus is { } vus)
            yield return ($"{Figure.Count(vus)} {(vus == 1 ? "VU" : "VUs")}", Look.Plain);
    }
}
