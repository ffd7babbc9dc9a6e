using System.Runtime.InteropServices;
using Headroom.Measurements;

namespace Headroom.Load.Capacity;

/// <summary>What a step showed, as far as the search needs it.</summary>
/// <param name="RatePerSecond">What was due.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="IsShort">A step of the ramp, which is too short for a small overload to show.</param>
/// <param name="IsDoubtful">It was not met because of one short stall, of the target or of the generator: a hiccup may bring that at any rate.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CapacityObservation(double RatePerSecond, CapacityOutcome Outcome, bool IsShort, bool IsDoubtful = false);

/// <summary>What to do next: measure a rate, or stop.</summary>
internal abstract record CapacityMove
{
    /// <param name="RatePerSecond">What to send.</param>
    /// <param name="IsShort">Part of the ramp.</param>
    internal sealed record Measure(double RatePerSecond, bool IsShort) : CapacityMove;

    internal sealed record Stop(CapacityEnd End) : CapacityMove;
}

/// <summary>
/// Which rate to try next: a pure function of what the steps so far have shown.
/// <list type="number">
/// <item>ramp: from the first rate on, doubling, until a step is not met;</item>
/// <item>from then on, the middle of what the steps leave possible (<see cref="CapacityBelief"/>): bisection that lays several steps at the edge where they contradict each other;</item>
/// <item>until the 95 % interval is as narrow as was asked for, or a bound of rates is what stands in the way.</item>
/// </list>
/// </summary>
internal sealed record CapacitySearch
{
    /// <summary>Steps go up and down by this factor at most, so that no step overloads the target by more.</summary>
    private const double Factor = 2;

    /// <summary>Downwards there is nothing to be careful about.</summary>
    private const double FactorDown = 4;

    /// <summary>Where the first rate is missed, the search goes down to this part of it.</summary>
    private const double FloorPart = 64;

    /// <summary>So often a rate has to be missed, or the generator's limit, before the search ends with that.</summary>
    private const int Repeats = 2;

    /// <summary>So often in a row the generator has to stall for that to be its limit.</summary>
    private const int StallsMax = 6;

    public required double FromPerSecond { get; init; }

    public required double RateMaxPerSecond { get; init; }

    public required double Precision { get; init; }

    public double FloorPerSecond => Math.Max(CapacityOptions.RateMin, FromPerSecond / FloorPart);

    /// <param name="seen">Every step so far, in the order of time.</param>
    public CapacityMove Next(IReadOnlyList<CapacityObservation> seen)
    {
        var ceiling = CeilingOf(seen);
        var told = seen.Where(step => step.Outcome != CapacityOutcome.GeneratorBound).ToArray();
        if (!told.Any(step => step.Outcome != CapacityOutcome.Met))
            return Ramp(seen, told, ceiling);

        // One missed step of the ramp may be an accident; a collapse is not tried again.
        if (told is [.., { Outcome: CapacityOutcome.Missed, IsShort: true } last] && told.Count(step => step.RatePerSecond.Equals(last.RatePerSecond)) < Repeats)
            return new CapacityMove.Measure(last.RatePerSecond, IsShort: true);
        return Bisect(told, ceiling);
    }

    /// <summary>What the steps say by now; null before one was missed.</summary>
    public CapacityBelief? BeliefAfter(IReadOnlyList<CapacityObservation> seen)
    {
        var told = seen.Where(step => step.Outcome != CapacityOutcome.GeneratorBound).ToArray();
        return told.Any(step => step.Outcome != CapacityOutcome.Met) ? new CapacityBelief(told, FloorPerSecond, RateMaxPerSecond, Precision) : null;
    }

    private CapacityMove Ramp(IReadOnlyList<CapacityObservation> seen, CapacityObservation[] met, double? ceiling)
    {
        var highest = met.Length > 0 ? met.Max(step => step.RatePerSecond) : (double?)null;
        if (ceiling is { } limit)
        {
            if (limit <= (highest ?? FloorPerSecond) * (1 + Precision))
                return new CapacityMove.Stop(CapacityEnd.GeneratorLimit);
            return new CapacityMove.Measure(Math.Sqrt((highest ?? FloorPerSecond) * limit), IsShort: false);
        }

        // The generator was the limit once: an accident, or its ceiling.
        if (seen is [.., { Outcome: CapacityOutcome.GeneratorBound } last])
            return new CapacityMove.Measure(last.RatePerSecond, last.IsShort);
        if (highest is not { } rate)
            return new CapacityMove.Measure(FromPerSecond, IsShort: true);
        return rate >= RateMaxPerSecond
            ? new CapacityMove.Stop(CapacityEnd.HighestRateMet)
            : new CapacityMove.Measure(Math.Min(rate * Factor, RateMaxPerSecond), IsShort: true);
    }

    private CapacityMove Bisect(CapacityObservation[] told, double? ceiling)
    {
        var belief = new CapacityBelief(told, FloorPerSecond, RateMaxPerSecond, Precision);
        var (low, high) = belief.Interval;
        if (told.Any(step => step.Outcome == CapacityOutcome.Met) && high <= low * (1 + Precision))
            return new CapacityMove.Stop(high >= RateMaxPerSecond ? CapacityEnd.HighestRateMet : CapacityEnd.PrecisionReached);
        if (told.Count(step => step.RatePerSecond <= FloorPerSecond && step.Outcome != CapacityOutcome.Met) >= Repeats)
            return new CapacityMove.Stop(CapacityEnd.MissedAtLowestRate);
        var lowest = told.Min(step => step.RatePerSecond);
        var highestMet = told.Where(step => step.Outcome == CapacityOutcome.Met).Select(step => step.RatePerSecond).DefaultIfEmpty(lowest).Max();
        var next = Math.Clamp(belief.Median, Math.Max(FloorPerSecond, lowest / FactorDown), Math.Min(RateMaxPerSecond, highestMet * Factor));
        if (ceiling is { } limit && next >= limit)
            return new CapacityMove.Stop(CapacityEnd.GeneratorLimit);
        return new CapacityMove.Measure(next, IsShort: false);
    }

    /// <summary>The lowest rate from which on the generator was the limit more than once.</summary>
    private static double? CeilingOf(IReadOnlyList<CapacityObservation> seen)
    {
        var bound = seen.Where(step => step is { Outcome: CapacityOutcome.GeneratorBound, IsDoubtful: false }).Select(step => step.RatePerSecond).ToArray();
        if (bound.Length >= Repeats)
            return bound.Min();
        var stalls = seen.Reverse().TakeWhile(step => step.Outcome == CapacityOutcome.GeneratorBound).Select(step => step.RatePerSecond).ToArray();
        return stalls.Length >= StallsMax ? stalls.Min() : null;
    }
}
