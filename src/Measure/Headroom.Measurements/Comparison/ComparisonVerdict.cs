using System.Globalization;
using Headroom.Measurements.Statistics;

namespace Headroom.Measurements.Comparison;

/// <summary>From an effect and its interval to a word. All values are logarithms of a cost: above 0 is worse.</summary>
internal static class ComparisonVerdict
{
    public static (Verdict Verdict, string Reason) Of(ShiftEstimate estimate, double pValue, double threshold, ComparisonOptions options, bool controlIsNoisy)
    {
        var limit = Percent(options.Threshold);
        if (estimate.Interval is not { } interval)
            return (Verdict.CannotTell, $"{estimate.Pairs} {(estimate.Pairs == 1 ? "pair is" : "pairs are")} described, not judged: an exact interval needs {SignedRank.PairsMin(options.Alpha)}");
        if (controlIsNoisy)
            return (Verdict.CannotTell, $"the first side differs from itself by more than {limit}");
        var significant = pValue <= options.Alpha;
        if (significant && interval.Lower > 0 && estimate.Value > threshold)
            return (Verdict.Worse, $"the interval lies above no change, and the change above {limit}");
        if (significant && interval.Upper < 0 && estimate.Value < -threshold)
            return (Verdict.Better, $"the interval lies below no change, and the change beyond {limit}");
        if (interval.Lower > -threshold && interval.Upper < threshold)
            return (Verdict.Same, $"the interval lies inside {limit} to both sides");
        if (interval.Lower <= 0 && interval.Upper >= 0)
            return (Verdict.CannotTell, $"the interval has no change in it and reaches beyond {limit}");
        return (Verdict.CannotTell, !significant && Math.Abs(estimate.Value) > threshold
            ? "the interval has left no change, which among so many comparisons happens by chance"
            : $"there is a change, and the interval reaches to both sides of {limit}");
    }

    private static string Percent(double fraction) => string.Create(CultureInfo.InvariantCulture, $"{100 * fraction:0.##} %");
}
