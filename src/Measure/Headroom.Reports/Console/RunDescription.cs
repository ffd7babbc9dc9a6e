using Headroom.Measurements;
using Headroom.Reports.Figures;

namespace Headroom.Reports.Console;

/// <summary>Sentences about a run that several reports use.</summary>
internal static class RunDescription
{
    /// <summary>How long, after which warm-up, with which load, when, on which machine.</summary>
    public static string Of(RunFile run)
    {
        var parts = new List<string> { $"measured {Figure.Seconds(run.DurationSeconds)}{(run.Plan.WarmUpSeconds > 0 ? $" after {Figure.Seconds(run.Plan.WarmUpSeconds)} warm-up" : "")}" };
        parts.AddRange(run.Plan.Phases.Select(Phase));
        parts.Add(Figure.Instant(run.StartedAt));
        parts.Add($"{Plural(run.Environment.ProcessorCount, "core")}, {run.Environment.OperatingSystem} {run.Environment.Architecture}");
        return string.Join(" · ", parts);
    }

    public static string Phase(PlannedPhase phase)
    {
        var connections = Plural(phase.Connections, "connection");
        var rate = phase.RatePerSecond is { } perSecond
            ? $"{Figure.PerSecond(perSecond)} over up to {connections}"
            : $"as fast as {connections} allow{(phase.Connections == 1 ? "s" : "")}";
        return $"{phase.Name}: {rate}, {Figure.Seconds(phase.DurationSeconds)}";
    }

    /// <summary>What a target's figure was, as people read it.</summary>
    public static string Observed(ThresholdResult target) =>
        target.ObservedText ?? (target.Observed is { } observed ? Figure.Number(observed) : "not known");

    /// <summary>"All 5 targets are met"; null without targets.</summary>
    public static string? Targets(RunFile run)
    {
        var count = run.Thresholds.Count;
        var missed = run.Thresholds.Count(target => !target.Passed);
        return (count, missed) switch
        {
            (0, _) => null,
            (1, 0) => "The target is met",
            (1, _) => "The target is missed",
            (_, 0) => $"All {count} targets are met",
            _ => $"{missed} of {count} targets {(missed == 1 ? "is" : "are")} missed",
        };
    }

    private static string Plural(int count, string noun) => $"{Figure.Count(count)} {noun}{(count == 1 ? "" : "s")}";
}
