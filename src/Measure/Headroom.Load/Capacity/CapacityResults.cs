using System.Globalization;
using Headroom.Measurements;

namespace Headroom.Load.Capacity;

/// <summary>Puts what the steps showed into one result: a pure function of them.</summary>
internal static class CapacityResults
{
    public static CapacityResult Of(CapacityOptions options, CapacitySearch search, CapacityEnd end, IReadOnlyList<CapacityStep> steps, IReadOnlyList<CapacityObservation> seen, int seed)
    {
        var (rate, low, high) = IntervalOf(search, end, steps, seen);
        var highest = steps.Where(step => step.Outcome == CapacityOutcome.Met).MaxBy(step => step.RatePerSecond);
        return new CapacityResult
        {
            RatePerSecond = rate,
            LowPerSecond = low,
            HighPerSecond = high,
            Confidence = CapacityBelief.Confidence,
            Precision = options.Precision,
            EndedBy = end,
            Reason = ReasonOf(end, options, search),
            Objectives = options.Objectives,
            Knee = Knee.Of(steps),
            Highest = highest is null ? null : StepFigures.PointOf(highest),
            Scalability = steps.Count > 0 ? ScalabilityEstimate.Of(steps, seed) : null,
            ExhaustedFirst = ExhaustedResources.First(steps),
            CurrentPerSecond = options.CurrentPerSecond,
            Headroom = options.CurrentPerSecond is { } current ? rate / current : null,
            MinimumPerSecond = options.MinimumPerSecond,
            Steps = steps,
        };
    }

    private static (double Rate, double Low, double? High) IntervalOf(CapacitySearch search, CapacityEnd end, IReadOnlyList<CapacityStep> steps, IReadOnlyList<CapacityObservation> seen)
    {
        var highestMet = steps.Where(step => step.Outcome == CapacityOutcome.Met).Select(step => step.RatePerSecond).DefaultIfEmpty(0).Max();
        if (end == CapacityEnd.MissedAtLowestRate || (highestMet == 0 && end != CapacityEnd.PrecisionReached))
            return (0, 0, search.BeliefAfter(seen)?.Interval.High);

        // Nothing was missed that counts: all that is known is that it takes this much.
        if (search.BeliefAfter(seen) is not { } belief || end is CapacityEnd.HighestRateMet)
            return (highestMet, highestMet, null);
        var (low, high) = belief.Interval;
        return (belief.Median, low, high);
    }

    private static string ReasonOf(CapacityEnd end, CapacityOptions options, CapacitySearch search) => end switch
    {
        CapacityEnd.PrecisionReached => Text($"the 95 % interval is at most {options.Precision * 100:0.##} % wide"),
        CapacityEnd.TimeOver => Text($"the {options.MaxTime.TotalSeconds:0.#} s that it may take are over"),
        CapacityEnd.MissedAtLowestRate => Text($"the objectives are missed at {search.FloorPerSecond:0.##}/s already"),
        CapacityEnd.HighestRateMet => Text($"the objectives are met at {search.RateMaxPerSecond:0.##}/s, the highest rate that was allowed"),
        CapacityEnd.GeneratorLimit => "the generator cannot send more",
        CapacityEnd.TargetGone => "the target went away: connections to it are refused",
        CapacityEnd.TargetCollapsed => "the target did not recover from a step",
        _ => "it was interrupted",
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
