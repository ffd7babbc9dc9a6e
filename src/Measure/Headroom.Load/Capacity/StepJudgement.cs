using System.Globalization;
using Headroom.Load.Wire;
using Headroom.Measurements;

namespace Headroom.Load.Capacity;

/// <summary>What a step shows: a pure function of its run.</summary>
internal static class StepJudgement
{
    /// <summary>A request that was still not answered long after the step's end is as good as one over the latency objective; more than so many are too many.</summary>
    private const double UnansweredShareMax = 0.01;

    /// <param name="run">The step's own run.</param>
    /// <param name="objectives">What has to hold.</param>
    /// <param name="collapsed">Why the step was ended early; null when it was not.</param>
    /// <param name="tooFewInFlight">Fewer requests were allowed under way than the objectives need at this rate.</param>
    public static StepVerdict Of(RunFile run, Objectives objectives, string? collapsed, bool tooFewInFlight = false)
    {
        var missed = objectives.Judge(run).Where(result => !result.Holds).Select(result => result.Result).ToArray();
        var growth = QueueGrowth.Of(run, objectives.LatencyMax);
        var lost = UnfinishedOf(run) ?? growth;
        if (collapsed is null && missed.Length == 0 && lost is null)
            return new StepVerdict(CapacityOutcome.Met, null);
        if (GeneratorLimitOf(run, objectives, missed, tooFewInFlight) is var (limit, isStall))
            return new StepVerdict(CapacityOutcome.GeneratorBound, limit, isStall);
        if (collapsed is not null)
            return new StepVerdict(CapacityOutcome.Collapsed, collapsed);
        if (missed.Length == 0)
            return new StepVerdict(CapacityOutcome.Missed, lost);
        return new StepVerdict(CapacityOutcome.Missed, string.Join("; ", missed.Select(Describe)), IsDoubtful: lost is null && Stall.Explains(run, objectives));
    }

    /// <summary>Why it was the generator that could not do more, and whether that was one stall of it; null when it was the target.</summary>
    private static (string Reason, bool IsStall)? GeneratorLimitOf(RunFile run, Objectives objectives, ThresholdResult[] missed, bool tooFewInFlight)
    {
        foreach (var kind in new[] { WireError.FilesExhausted, WireError.PortsExhausted })
        {
            if (run.ErrorsByKind.TryGetValue(kind.Name(), out var count))
                return (Text($"{count} requests failed because the generator had no more {(kind == WireError.FilesExhausted ? "file descriptors" : "local ports")}"), false);
        }

        if (missed.Length > 0 && missed.All(result => result.Undecided))
            return (missed[0].Reason ?? "the generator was late", run.Generator.LagMs.P50 <= LagP50MsMax);
        if (run.Warnings.FirstOrDefault(warning => warning.Code == "generator-saturated") is { } saturated && run.Generator.LagMs.P50 > LagP50MsMax)
            return (saturated.Summary, false);

        // Arrivals waited for a free connection while each request itself was answered in time: more of them under way, not less load, is what was missing.
        return tooFewInFlight && run.Summary.Requests > 0 && objectives.Judge(WithoutWaiting(run)).All(result => result.Holds)
            ? (Text($"the {(run.Plan.Phases is [var phase, ..] ? phase.Connections : 0)} requests that may be under way at a time were not enough; give more (--max-in-flight)"), false)
            : null;
    }

    /// <summary>Half of all arrivals late by more than this is no accident.</summary>
    private const double LagP50MsMax = 1;

    /// <summary>As if each request had been due when it was sent.</summary>
    private static RunFile WithoutWaiting(RunFile run) =>
        run with { Summary = run.Summary with { LatencyMs = run.Summary.ServiceTimeMs, LatencyHistogram = run.Summary.ServiceTimeHistogram } };

    private static string? UnfinishedOf(RunFile run)
    {
        if (run.Summary.Requests == 0)
            return "no request was answered";
        if (run.Iterations is not { } iterations)
            return null;
        if (iterations.Dropped > 0)
            return Text($"{iterations.Dropped} arrivals that were due could not be started");
        return iterations.Interrupted > UnansweredShareMax * (iterations.Count + iterations.Interrupted)
            ? Text($"{iterations.Interrupted} iterations had not ended long after the last one was due")
            : null;
    }

    private static string Describe(ThresholdResult result) =>
        result.ObservedText is { } observed ? $"{result.Expression}: {observed}" : $"{result.Expression}: {result.Reason}";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What a step shows.</summary>
/// <param name="Outcome">Of the objectives.</param>
/// <param name="Reason">Why it was not met; null when it was.</param>
/// <param name="IsDoubtful">One stall, of either side, may be all that it was missed by.</param>
internal sealed record StepVerdict(CapacityOutcome Outcome, string? Reason, bool IsDoubtful = false);
