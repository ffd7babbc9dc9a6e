using Headroom.Measurements.Statistics;

namespace Headroom.Measurements.Comparison;

/// <summary>One metric of one set of requests in every pair that has it on both sides, and what follows from that.</summary>
internal sealed record MetricPairs(ComparedMetric Metric, string? Endpoint, double[] Before, double[] After, double[]? Control)
{
    private const double Confidence = 0.95;

    /// <summary>Logarithms of after over before, so turned that above 0 is worse.</summary>
    public double[] Costs { get; } = Ratios(Metric, Before, After);

    private double[]? ControlCosts { get; } = Control is null ? null : Ratios(Metric, Before, Control);

    /// <summary>Of the exact test of no change.</summary>
    public double PValue => SignedRank.Test(Costs).PValue;

    /// <summary>Null where no pair has the figure on both sides.</summary>
    public static MetricPairs? Of(ComparedMetric metric, string? endpoint, IReadOnlyList<RunPair> pairs)
    {
        var withControl = pairs.All(pair => pair.Control is not null && metric.Of(pair.Control, endpoint) is not null);
        var known = pairs
            .Select(pair => (Before: metric.Of(pair.Before, endpoint), After: metric.Of(pair.After, endpoint), Control: withControl ? metric.Of(pair.Control!, endpoint) : null))
            .Where(pair => pair.Before is not null && pair.After is not null).ToList();
        return known.Count == 0 ? null : new MetricPairs(
            metric,
            endpoint,
            [.. known.Select(pair => pair.Before!.Value)],
            [.. known.Select(pair => pair.After!.Value)],
            withControl ? [.. known.Select(pair => pair.Control!.Value)] : null);
    }

    /// <summary>The verdict and all that stands beside it.</summary>
    /// <param name="adjusted">The corrected p value; null of what is advice only.</param>
    /// <param name="tests">How many were corrected together.</param>
    /// <param name="pairsForAll">Pairs that would let an advisory one decide, too.</param>
    /// <param name="options">How to judge.</param>
    public MetricComparison Judge(double? adjusted, int tests, int pairsForAll, ComparisonOptions options)
    {
        var threshold = Math.Log(1 + options.Threshold);
        var sign = Metric.CostSign();
        var test = SignedRank.Test(Costs);
        var estimate = SignedRank.Estimate(Costs, Confidence);
        var advisory = adjusted is null;
        var again = ControlCosts is { } costs ? SignedRank.Estimate(costs, Confidence) : null;
        var afterAgain = Control is null ? null : SignedRank.Estimate(Ratios(Metric, Control, After), Confidence);
        var control = again is null ? null : new ControlComparison(
            Fraction(again.Value, sign), IntervalOf(again, sign), ComparisonVerdict.IsNoisy(again, threshold), Fraction(afterAgain!.Value, sign), IntervalOf(afterAgain, sign));
        var (verdict, reason) = ComparisonVerdict.Of(estimate, adjusted ?? test.PValue, threshold, options, again, afterAgain);

        // What a verdict needs is an interval at the corrected level, and a change that is seen beside the costlier of the first side's two processes.
        var corrected = SignedRank.Estimate(Costs, 1 - (options.Alpha / (advisory ? 1 : Math.Max(1, tests)))).Interval;
        var pairsMin = advisory ? pairsForAll : SignedRank.PairsMin(options.Alpha);
        return new MetricComparison
        {
            Metric = Metric,
            Endpoint = Endpoint,
            Pairs = Costs.Length,
            BeforeMedian = Median.Of(Before),
            AfterMedian = Median.Of(After),
            Change = Fraction(estimate.Value, sign),
            Interval = IntervalOf(estimate, sign),
            PValue = test.PValue,
            AdjustedPValue = adjusted,
            Advisory = advisory,
            Verdict = verdict,
            Reason = reason,
            SmallestVisible = corrected is null ? null : Math.Exp(PairedPower.DetectableShift(corrected, threshold) + Math.Max(0, again?.Value ?? 0)) - 1,
            PairsToTell = verdict == Verdict.CannotTell ? PairsToTell(estimate, again, afterAgain, threshold, pairsMin) : null,
            EqualPairs = test.Zeros,
            Control = control,
        };
    }

    /// <summary>Pairs that would let a verdict fall if all estimates stay what they are. Two processes of one build that differ for good stay apart however many pairs there are: null.</summary>
    private static int? PairsToTell(ShiftEstimate estimate, ShiftEstimate? control, ShiftEstimate? overControl, double threshold, int pairsMin)
    {
        var pairs = PairedPower.PairsToTell(estimate, threshold, pairsMin);
        if (control?.Interval is null || overControl is null || pairs is null)
            return pairs;
        if (ComparisonVerdict.IsNoisy(control, threshold))
            pairs = Math.Abs(control.Value) > threshold ? null : Larger(pairs, PairedPower.PairsToTell(control with { Value = 0 }, threshold, pairsMin));
        if (Math.Abs(estimate.Value) <= threshold)
            return pairs;
        var standsBesideBoth = Math.Sign(overControl.Value) == Math.Sign(estimate.Value) && Math.Abs(overControl.Value) > threshold;
        return standsBesideBoth ? Larger(pairs, PairedPower.PairsToTell(overControl, threshold, pairsMin)) : null;

        static int? Larger(int? one, int? other) => one is null || other is null ? null : Math.Max(one.Value, other.Value);
    }

    private static double[] Ratios(ComparedMetric metric, double[] from, double[] to) => [.. from.Zip(to, (one, other) => metric.CostSign() * Math.Log(other / one))];

    private static ChangeInterval? IntervalOf(ShiftEstimate estimate, int sign)
    {
        if (estimate.Interval is not { } interval)
            return null;
        var (one, other) = (Fraction(interval.Lower, sign), Fraction(interval.Upper, sign));
        return new ChangeInterval(Math.Min(one, other), Math.Max(one, other), interval.Confidence);
    }

    /// <summary>The change of the metric itself, from the logarithm of its cost.</summary>
    private static double Fraction(double cost, int sign) => Math.Exp(sign * cost) - 1;
}
