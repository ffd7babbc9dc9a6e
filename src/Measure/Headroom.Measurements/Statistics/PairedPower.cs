namespace Headroom.Measurements.Statistics;

/// <summary>
/// What a comparison of so many pairs could have seen at all, and how many pairs another would take. Both rest on the length of the exact interval, which estimates
/// the standard error of the Hodges–Lehmann estimate without assuming a distribution, and which one wild pair does not blow up as it does a standard deviation.
/// </summary>
/// <remarks>
/// Lehmann (1963), Nonparametric confidence intervals for a shift parameter, Annals of Mathematical Statistics 34(4), 1507–1512: the length of the interval over twice the
/// normal quantile is a consistent estimate of the standard error. That it holds at 6 to 30 pairs is what the tests of this class simulate.
/// </remarks>
public static class PairedPower
{
    /// <summary>The share of true changes that the smallest detectable one would be found with.</summary>
    public const double UsualPower = 0.8;

    /// <summary>More pairs than anybody would measure: an answer beyond it is that longer or quieter runs are needed.</summary>
    public const int PairsToTellMax = 200;

    /// <summary>Standard error of the estimate whose interval this is.</summary>
    public static double StandardError(ShiftInterval interval)
    {
        ArgumentNullException.ThrowIfNull(interval);
        return interval.HalfWidth / NormalDistribution.Quantile((1 + interval.Confidence) / 2);
    }

    /// <summary>
    /// The smallest true shift that a comparison with this interval would have found with the given <paramref name="power"/>: the interval then lies above 0, and the
    /// estimate above what matters.
    /// </summary>
    /// <param name="interval">At the confidence that is needed for a verdict, corrections for several tests included.</param>
    /// <param name="threshold">The smallest shift that matters; at least 0.</param>
    /// <param name="power">Above 0.5 and below 1.</param>
    public static double DetectableShift(ShiftInterval interval, double threshold = 0, double power = UsualPower)
    {
        ArgumentNullException.ThrowIfNull(interval);
        ArgumentOutOfRangeException.ThrowIfNegative(threshold);
        if (!(power > 0.5 && power < 1))
            throw new ArgumentOutOfRangeException(nameof(power), power, "Must be above 0.5 and below 1.");
        var margin = StandardError(interval) * NormalDistribution.Quantile(power);
        return Math.Max(interval.HalfWidth, threshold) + margin;
    }

    /// <summary>
    /// How many pairs in all would let a verdict fall if the estimate stays what it is: inside the threshold until the interval is inside as well, beyond it until the interval has left 0.
    /// Null when that is more than <see cref="PairsToTellMax"/>.
    /// </summary>
    /// <param name="estimate">What was seen.</param>
    /// <param name="threshold">The smallest shift that matters; at least 0.</param>
    /// <param name="pairsMin">What the tests need whatever the figures are.</param>
    public static int? PairsToTell(ShiftEstimate estimate, double threshold, int pairsMin)
    {
        ArgumentNullException.ThrowIfNull(estimate);
        ArgumentOutOfRangeException.ThrowIfNegative(threshold);
        if (estimate.Interval is not { } interval)
            return pairsMin;
        var size = Math.Abs(estimate.Value);
        var room = size < threshold ? threshold - size : size;
        if (room <= 0)
            return null;

        // The interval shrinks with the square root of the number of pairs.
        var pairs = Math.Ceiling(estimate.Pairs * Math.Pow(interval.HalfWidth / room, 2));
        return pairs <= PairsToTellMax ? Math.Max(pairsMin, Math.Max((int)pairs, estimate.Pairs + 1)) : null;
    }
}
