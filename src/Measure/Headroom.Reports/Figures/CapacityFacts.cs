using Headroom.Measurements;

namespace Headroom.Reports.Figures;

internal enum CapacityFactTone
{
    Plain,
    Headline,
    Good,
    Bad,
}

/// <summary>A capacity as labelled sentences, in the order in which people ask; the same in every report.</summary>
internal static class CapacityFacts
{
    public static IEnumerable<(string Label, string Text, CapacityFactTone Tone)> Of(CapacityResult capacity)
    {
        yield return ("capacity", Answer(capacity), CapacityFactTone.Headline);
        yield return ("objectives", string.Join(", ", capacity.Objectives), CapacityFactTone.Plain);
        yield return ("ended because", capacity.Reason, CapacityFactTone.Plain);
        if (capacity is { Headroom: { } headroom, CurrentPerSecond: { } current })
        {
            yield return ("headroom", $"{(capacity.HighPerSecond is null && capacity.RatePerSecond > 0 ? "at least " : "")}{Figure.Times(headroom)} of today's {Figure.PerSecond(current)}",
                headroom >= 1 ? CapacityFactTone.Good : CapacityFactTone.Bad);
        }

        if (capacity.Knee is { } knee)
            yield return ("knee", $"{Figure.PerSecond(knee.RatePerSecond)}: beyond it latency grows faster than throughput ({Figure.Number(knee.Concurrency)} requests under way, p50 {Figure.Milliseconds(knee.P50Ms)}, p99 {Figure.Milliseconds(knee.P99Ms)})", CapacityFactTone.Plain);
        if (capacity.Highest is { } highest)
            yield return ("concurrency", $"{Figure.Number(highest.Concurrency)} requests under way at {Figure.PerSecond(highest.RatePerSecond)} (Little's law)", CapacityFactTone.Plain);
        yield return ("ran out first", RanOutFirst(capacity), CapacityFactTone.Plain);
        if (capacity.Scalability is { } fit)
            yield return ("scalability", Law(fit), CapacityFactTone.Plain);
    }

    public static string Word(CapacityOutcome outcome) => outcome switch
    {
        CapacityOutcome.Met => "met",
        CapacityOutcome.Missed => "missed",
        CapacityOutcome.Collapsed => "cut short",
        _ => "generator's limit",
    };

    /// <summary>What everything below it, in a report of a capacity, is the run of.</summary>
    public static string Shown(CapacityResult capacity) =>
        capacity.Highest is { } highest ? $"At {Figure.PerSecond(highest.RatePerSecond)}, the highest rate that met the objectives" : "At the lowest rate that was tried";

    /// <summary>What was not seen is named, so that nobody takes it for enough.</summary>
    private static string RanOutFirst(CapacityResult capacity)
    {
        if (capacity.ExhaustedFirst is { } exhausted)
            return $"{exhausted.Resource}, from {Figure.PerSecond(exhausted.RatePerSecond)} on: {exhausted.Evidence}";
        var looks = new (string Name, Func<CapacityStep, double?> Of)[]
        {
            ("CPU", step => step.TargetCpuCores), ("file descriptors", step => step.TargetOpenHandlesMax is null ? null : step.TargetOpenHandles), ("connections", step => step.TargetConnections),
            ("garbage collection", step => step.TargetGcPauseShare), ("thread pool", step => step.TargetThreadPoolQueue), ("threads", step => step.TargetThreads), ("accept queue", step => step.TargetAcceptQueue),
        };
        var seen = looks.Where(look => capacity.Steps.Any(step => look.Of(step) is not null)).Select(look => look.Name).ToList();
        if (seen.Count == 0)
            return "not known: the target's process could not be seen; name it with --pid";
        var unseen = looks.Select(look => look.Name).Except(seen, StringComparer.Ordinal).ToList();
        return $"nothing that was seen: {string.Join(", ", seen)} had room{(unseen.Count > 0 ? $"; not seen: {string.Join(", ", unseen)}" : "")}";
    }

    private static string Answer(CapacityResult capacity)
    {
        if (capacity.RatePerSecond <= 0)
            return "no rate that was tried meets the objectives";
        return capacity.HighPerSecond is { } high
            ? $"{Figure.PerSecond(capacity.RatePerSecond)}, with {Figure.Percent(capacity.Confidence)} confidence between {Figure.PerSecond(capacity.LowPerSecond)} and {Figure.PerSecond(high)}"
            : $"at least {Figure.PerSecond(capacity.RatePerSecond)}: nothing that was tried missed the objectives";
    }

    private static string Law(ScalabilityFit fit)
    {
        if (!fit.Supported)
            return $"no fit: {fit.Reason}";
        var peak = fit is { PeakConcurrency: { } at, PeakPerSecond: { } most } ? $"; peak {Figure.PerSecond(most.Value)} at {Figure.Number(at.Value)} under way" : fit.PeakPerSecond is { } limit ? $"; tends to {Figure.PerSecond(limit.Value)}" : "";
        return $"contention σ {Range(fit.Contention!)}, crosstalk κ {Range(fit.Crosstalk!)}, {Figure.PerSecond(fit.PerSecondAlone!.Value)} alone{peak}; R² {Figure.Number(fit.RSquared!.Value)} of {fit.Points} steps, 95 % by bootstrap with seed {fit.Seed}";
    }

    private static string Range(Estimate estimate) => $"{Figure.Number(estimate.Value)} [{Figure.Number(estimate.Low)}, {Figure.Number(estimate.High)}]";
}
