using Headroom.Measurements;

namespace Headroom.Load.Capacity;

/// <summary>
/// Where the curve of latency against rate turns: the rate with the greatest power, rate over latency (Kleinrock, 1979). Below it more load costs little time, beyond it
/// latency grows faster than throughput.
/// </summary>
internal static class Knee
{
    /// <summary>Below so many different rates a maximum among them is none of the curve.</summary>
    private const int RatesMin = 4;

    public static CapacityPoint? Of(IEnumerable<CapacityStep> steps)
    {
        var rates = steps.Where(step => step.Outcome == CapacityOutcome.Met && step.LatencyMs.Mean > 0)
            .GroupBy(step => step.RatePerSecond)
            .Select(group => group.OrderBy(step => step.LatencyMs.Mean).ElementAt((group.Count() - 1) / 2))
            .ToArray();
        return rates.Length < RatesMin ? null : StepFigures.PointOf(rates.MaxBy(step => step.RatePerSecond / step.LatencyMs.Mean)!);
    }
}
