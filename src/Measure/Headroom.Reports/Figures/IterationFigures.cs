using Headroom.Measurements;

namespace Headroom.Reports.Figures;

/// <summary>The iterations of a run, where they say more than its requests do. The page has the same rule (web/src/numbers/iterations.ts).</summary>
internal static class IterationFigures
{
    // Think times make an iteration longer than its request; rounding and the work between them do not.
    private const double LongerThanRequest = 1.1;

    /// <summary>Null when each iteration was one request and nothing else, so that all there is to say stands in the figures of the requests.</summary>
    public static IterationSummary? WorthShowing(RunFile run)
    {
        if (run.Iterations is not { } iterations)
            return null;

        var summary = run.Summary;
        var areRequests = iterations.Count == summary.Requests && iterations.CutShort == 0 && !run.Plan.Phases.Any(phase => phase.Iterations is not null);
        var areLonger = summary.LatencyMs.P50 > 0 && iterations.DurationMs.P50 > summary.LatencyMs.P50 * LongerThanRequest;
        return areRequests && !areLonger ? null : iterations;
    }

    /// <summary>"1 cut short, 2 requests skipped, 3 dropped, 4 interrupted" of those that there are; null when there are none.</summary>
    public static string? Unfinished(IterationSummary iterations)
    {
        (long Count, string Text)[] parts =
        [
            (iterations.CutShort, "cut short"), (iterations.RequestsSkipped, iterations.RequestsSkipped == 1 ? "request skipped" : "requests skipped"),
            (iterations.Dropped, "dropped"), (iterations.Interrupted, "interrupted"),
        ];
        var counted = parts.Where(part => part.Count > 0).Select(part => $"{Figure.Count(part.Count)} {part.Text}").ToArray();
        return counted.Length > 0 ? string.Join(", ", counted) : null;
    }

    /// <summary>Passes over all, 0 to 1; null when nothing was checked.</summary>
    public static double? Rate(CheckSummary check) => check.Passes + check.Fails > 0 ? (double)check.Passes / (check.Passes + check.Fails) : null;
}
