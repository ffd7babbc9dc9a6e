using System.Globalization;
using Headroom.Measurements.Statistics;

namespace Headroom.Measurements.Comparison;

/// <summary>From an effect and its interval to a word. All values are logarithms of a cost: above 0 is worse.</summary>
internal static class ComparisonVerdict
{
    /// <summary>Whether the first side came out beyond the threshold against itself, or the interval of that is longer than the threshold to a side: then a change of that size says nothing.</summary>
    public static bool IsNoisy(ShiftEstimate control, double threshold) =>
        control.Interval is not { } interval || interval.HalfWidth > threshold || Math.Abs(control.Value) > threshold;

    /// <param name="estimate">Of the second side over the first.</param>
    /// <param name="pValue">Of no change, corrected where it may decide.</param>
    /// <param name="threshold">The smallest shift that matters.</param>
    /// <param name="options">How to judge.</param>
    /// <param name="control">Of the first side's second process over its first; null without a control.</param>
    /// <param name="overControl">Of the second side over the first side's second process. Two processes of one build may differ for good, so a change has to stand beside both.</param>
    public static (Verdict Verdict, string Reason) Of(ShiftEstimate estimate, double pValue, double threshold, ComparisonOptions options, ShiftEstimate? control, ShiftEstimate? overControl)
    {
        var limit = Percent(options.Threshold);
        if (estimate.Interval is not { } interval)
            return (Verdict.CannotTell, $"{estimate.Pairs} {(estimate.Pairs == 1 ? "pair is" : "pairs are")} described, not judged: an exact interval needs {SignedRank.PairsMin(options.Alpha)}");
        if (control is not null && IsNoisy(control, threshold))
            return (Verdict.CannotTell, $"the first side differs from itself by more than {limit}, or is not known to less");
        var significant = pValue <= options.Alpha;
        var (worse, better) = (significant && IsWorse(estimate, threshold), significant && IsBetter(estimate, threshold));
        if (worse && (overControl is null || IsWorse(overControl, threshold)))
            return (Verdict.Worse, $"the interval lies above no change, and the change above {limit}");
        if (better && (overControl is null || IsBetter(overControl, threshold)))
            return (Verdict.Better, $"the interval lies below no change, and the change beyond {limit}");
        if (worse || better)
            return (Verdict.CannotTell, $"beside the first side's second process the change is not beyond {limit}");
        if (interval.Lower > -threshold && interval.Upper < threshold)
            return (Verdict.Same, $"the interval lies inside {limit} to both sides");
        if (interval.Lower <= 0 && interval.Upper >= 0)
            return (Verdict.CannotTell, $"the interval has no change in it and reaches beyond {limit}");
        return (Verdict.CannotTell, !significant && Math.Abs(estimate.Value) > threshold
            ? "the interval has left no change, which among so many comparisons happens by chance"
            : $"there is a change, and the interval reaches to both sides of {limit}");
    }

    private static bool IsWorse(ShiftEstimate estimate, double threshold) => estimate.Interval is { Lower: > 0 } && estimate.Value > threshold;

    private static bool IsBetter(ShiftEstimate estimate, double threshold) => estimate.Interval is { Upper: < 0 } && estimate.Value < -threshold;

    private static string Percent(double fraction) => string.Create(CultureInfo.InvariantCulture, $"{100 * fraction:0.##} %");
}
