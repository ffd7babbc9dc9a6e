using System.Globalization;

namespace Headroom.Measurements;

/// <summary>How good a figure is, or a run. From the best to the worst.</summary>
public enum Grade
{
    /// <summary>Within what is acceptable.</summary>
    Acceptable,

    /// <summary>Beyond that, within the limit that warns.</summary>
    Warning,

    /// <summary>Beyond that, within the critical limit.</summary>
    Critical,

    /// <summary>Beyond the critical limit.</summary>
    Failed,
}

/// <summary>A figure of a run, the three limits it is held against, and its grade.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Limits">At most this is acceptable, a warning, critical; in <paramref name="Unit"/>.</param>
/// <param name="Unit">Of limits and value.</param>
/// <param name="Value">What was observed; null when the run has no such figure.</param>
/// <param name="Grade">Null when there is no value, or when the value is too uncertain for one.</param>
/// <param name="Reason">Why there is no grade.</param>
public sealed record GradedFigure(string Name, (double Acceptable, double Warning, double Critical) Limits, string Unit, double? Value, Grade? Grade, string? Reason = null);

/// <summary>
/// The grade of a run: latency, errors and growth of memory, each held against three limits that hold for an ordinary API behind which people wait. A figure has the grade of the
/// first limit that it is within, the run that of its worst figure (docs/load.md).
/// </summary>
/// <param name="Figures">Every figure that is graded, in a fixed order.</param>
public sealed record RunGrade(IReadOnlyList<GradedFigure> Figures)
{
    private const double MB = 1e6;

    /// <summary>In shorter runs the slope is that of the start: code is compiled, connections open, caches fill.</summary>
    private static readonly TimeSpan GrowthTimeMin = TimeSpan.FromMinutes(5);

    /// <summary>The grade of the worst figure; null when none has one.</summary>
    public Grade? Overall => Figures.Max(figure => figure.Grade);

    /// <summary>Grades a run by its run file alone.</summary>
    public static RunGrade Of(RunFile run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new RunGrade(
        [
            Latency("p50", (50, 100, 200), summary => summary.P50),
            Latency("p95", (200, 500, 1000), summary => summary.P95),
            Latency("p99", (500, 1000, 2000), summary => summary.P99),
            Figure("errors", (0.1, 1, 5), "%", run.Summary.Requests > 0 ? run.Summary.ErrorRate * 100 : null, "no request ended"),
            Growth(run),
        ]);

        GradedFigure Latency(string name, (double, double, double) limits, Func<LatencySummary, double> read) =>
            Figure(name, limits, "ms", run.Summary is { Requests: > 0, LatencyMs.Max: > 0 } summary ? read(summary.LatencyMs) : null, "no request has a latency");
    }

    private static GradedFigure Growth(RunFile run)
    {
        var limits = (10.0, 50.0, 100.0);
        if (run.Target is not { } target)
            return new GradedFigure("memory growth", limits, "MB/h", Value: null, Grade: null, "the target's process could not be seen");
        var value = target.RssGrowthBytesPerHour / MB;
        if (run.DurationSeconds < GrowthTimeMin.TotalSeconds)
            return new GradedFigure("memory growth", limits, "MB/h", value, Grade: null, "the run was shorter than 5 min, and its slope is that of the start");
        if (target.RssGrowthMarginBytesPerHour is not { } bytes)
            return new GradedFigure("memory growth", limits, "MB/h", value, Grade: null, "the target's memory was read too seldom to say how sure its slope is; 50 readings and more do");

        // The grade is told when it is the same at both ends of the interval: a run of a minute knows nothing of an hour.
        var margin = bytes / MB;
        var (low, high) = (GradeOf(value - margin, limits), GradeOf(value + margin, limits));
        if (low == high)
            return new GradedFigure("memory growth", limits, "MB/h", value, low);
        var span = string.Create(CultureInfo.InvariantCulture, $"give or take {margin:0.#} MB/h (95 %): {(high - low == 1 ? $"{Name(low)} or {Name(high)}" : $"anything from {Name(low)} to {Name(high)}")}");

        // With less noise than the least limit it is the growth itself that is about a limit; then no time can be told.
        if (margin < limits.Item1)
            return new GradedFigure("memory growth", limits, "MB/h", value, Grade: null, $"{span}, as the growth is about the limit between them; run for longer to tell");
        var minutes = new MemoryTrend(target.RssGrowthBytesPerHour, bytes).TimeToTell(limits.Item1 * MB, TimeSpan.FromSeconds(run.DurationSeconds))!.Value.TotalMinutes;
        return new GradedFigure("memory growth", limits, "MB/h", value, Grade: null, string.Create(CultureInfo.InvariantCulture, $"{span}; about {Math.Ceiling(minutes):0} min of this load tell 10 MB/h from none"));
    }

    private static GradedFigure Figure(string name, (double, double, double) limits, string unit, double? value, string missing) =>
        new(name, limits, unit, value, value is { } observed ? GradeOf(observed, limits) : null, value is null ? missing : null);

    private static Grade GradeOf(double value, (double Acceptable, double Warning, double Critical) limits) =>
        value <= limits.Acceptable ? Grade.Acceptable : value <= limits.Warning ? Grade.Warning : value <= limits.Critical ? Grade.Critical : Grade.Failed;

    private static string Name(Grade grade) => grade.ToString().ToLowerInvariant();
}
