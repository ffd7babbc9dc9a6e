using Headroom.Measurements;
using Headroom.Reports.Figures;

namespace Headroom.Reports.Console;

/// <summary>Sentences about a run that several reports use.</summary>
internal static class RunDescription
{
    // More levels than these are told by where they begin, peak and end.
    private const int LevelsShown = 6;

    /// <summary>How long, after which warm-up, with which load, when, on which machine.</summary>
    public static string Of(RunFile run)
    {
        var parts = new List<string> { $"measured {Figure.Seconds(run.DurationSeconds)}{(run.Plan.WarmUpSeconds > 0 ? $" after {Figure.Seconds(run.Plan.WarmUpSeconds)} warm-up" : "")}" };
        var overlap = PhasesOverlap(run.Plan.Phases);
        parts.AddRange(run.Plan.Phases.Select(phase => Phase(phase) + (overlap && phase.StartSeconds > 0 ? $" from {Figure.Seconds(phase.StartSeconds)} on" : "")));
        parts.Add(Figure.Instant(run.StartedAt));
        parts.Add($"{Plural(run.Environment.ProcessorCount, "core")}, {run.Environment.OperatingSystem} {run.Environment.Architecture}");
        return string.Join(" · ", parts);
    }

    public static string Phase(PlannedPhase phase) => $"{phase.Name}: {Load(phase)}, {(phase.Iterations is null ? "" : "at most ")}{Figure.Seconds(phase.DurationSeconds)}";

    private static string Load(PlannedPhase phase)
    {
        var connections = Plural(phase.Connections, "connection");
        if (phase.Levels.Count > 0)
        {
            return phase.Executor.Contains("rate", StringComparison.Ordinal)
                ? $"{Levels(phase.Levels)} /s over up to {connections}"
                : $"{Levels(phase.Levels)} VUs";
        }

        return (phase.RatePerSecond, phase.Iterations) switch
        {
            ({ } perSecond, _) => $"{Figure.PerSecond(perSecond)} over up to {connections}",
            (_, { } iterations) when phase.Executor == "replay" => $"{Figure.Count(iterations)} recorded arrivals over up to {connections}",
            (_, { } iterations) => $"{Figure.Count(iterations)} iteration{(iterations == 1 ? "" : "s")} over {connections}",
            _ when phase.Executor == "replay" => $"recorded arrivals over up to {connections}",
            _ => $"as fast as {connections} allow{(phase.Connections == 1 ? "s" : "")}",
        };
    }

    /// <summary>"1 → 50 → 50 → 0", or "1 → … → 0 (at most 50)".</summary>
    private static string Levels(IReadOnlyList<LevelPoint> levels) => levels.Count <= LevelsShown
        ? string.Join(" → ", levels.Select(point => Level(point.Level)))
        : $"{Level(levels[0].Level)} → … → {Level(levels[^1].Level)} (at most {Level(levels.Max(point => point.Level))})";

    private static string Level(double level) => double.IsInteger(level) ? Figure.Count(level) : Figure.Number(level);

    private static bool PhasesOverlap(IReadOnlyList<PlannedPhase> phases) =>
        phases.Any(phase => phases.Any(other => other != phase && other.StartSeconds >= phase.StartSeconds && other.StartSeconds < phase.StartSeconds + phase.DurationSeconds));

    /// <summary>Why the run has less than was planned, in one sentence; null when it ended as planned.</summary>
    public static string? EndedEarly(RunFile run) =>
        run.AbortedBy is { } target ? $"Aborted: the target '{target}' was missed; the figures cover {Figure.Seconds(run.DurationSeconds)}."
        : run.Interrupted ? $"Interrupted: stopped before its planned end; the figures cover {Figure.Seconds(run.DurationSeconds)}."
        : null;

    /// <summary>What a target's figure was, as people read it.</summary>
    public static string Observed(ThresholdResult target) =>
        target.ObservedText ?? (target.Observed is { } observed ? Figure.Number(observed) : "not known");

    /// <summary>"All 5 targets are met", "1 of 3 targets is missed, 1 is undecided"; null without targets.</summary>
    public static string? Targets(RunFile run)
    {
        var count = run.Thresholds.Count;
        var undecided = run.Thresholds.Count(target => target.Undecided);
        var missed = run.Thresholds.Count(target => !target.Passed) - undecided;
        return (count, missed, undecided) switch
        {
            (0, _, _) => null,
            (1, 0, 0) => "The target is met",
            (1, 0, _) => "The target is undecided",
            (1, _, _) => "The target is missed",
            (_, 0, 0) => $"All {count} targets are met",
            (_, 0, _) => $"{undecided} of {count} targets {IsOrAre(undecided)} undecided",
            _ => $"{missed} of {count} targets {IsOrAre(missed)} missed{(undecided > 0 ? $", {undecided} {IsOrAre(undecided)} undecided" : "")}",
        };
    }

    private static string IsOrAre(int count) => count == 1 ? "is" : "are";

    private static string Plural(int count, string noun) => $"{Figure.Count(count)} {noun}{(count == 1 ? "" : "s")}";
}
