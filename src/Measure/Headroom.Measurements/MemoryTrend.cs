namespace Headroom.Measurements;

/// <summary>A straight line through samples of memory, and how far its slope can be trusted.</summary>
/// <param name="BytesPerHour">The slope.</param>
/// <param name="MarginBytesPerHour">Half of the slope's 95 % confidence interval; null of fewer than 50 samples, which say more about the start than about a trend.</param>
public sealed record MemoryTrend(double BytesPerHour, double? MarginBytesPerHour)
{
    /// <summary>Two samples always lie on a line, whatever it means.</summary>
    private const int SamplesMin = 3;
    private const int SamplesForMargin = 50;

    /// <summary>Student's t at 97.5 % for 1, 2, … degrees of freedom; beyond the table the expansion of Cornish and Fisher is right to three digits.</summary>
    private static readonly double[] SmallT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];

    /// <summary>
    /// The noise's autocorrelation times its samples, below which it cannot be told from a walk that keeps each of its steps: the 5 % point of Dickey and Fuller's coefficient test with a trend
    /// (J. Am. Stat. Assoc. 74, 1979).
    /// </summary>
    private const double ReturnsMin = 21.8;

    /// <summary>
    /// Least squares. What the margin is depends on what memory does after it left the line.
    /// <para>
    /// It comes back: neighbouring samples are nearly the same sample, and are counted as so many fewer as their lag-1 autocorrelation r says, n (1 − r) / (1 + r), as Santer et al. do for
    /// temperatures (J. Geophys. Res. 105, 2000, eq. 6).
    /// </para>
    /// <para>
    /// It stays where it came to, as a heap does that was given back once, or a page that was touched: then n (1 − r) is small, and the samples behind a step say nothing new. Each step could
    /// as well have gone the other way; how far sums of steps with such signs go is bounded by Hoeffding's inequality (J. Am. Stat. Assoc. 58, 1963), however few and unequal the steps are.
    /// </para>
    /// </summary>
    /// <param name="samples">Seconds since any beginning, and bytes; in the order of time.</param>
    /// <returns>Null when there are too few samples to tell.</returns>
    public static MemoryTrend? Of(IReadOnlyList<(double Seconds, double Bytes)> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        if (samples.Count < SamplesMin)
            return null;
        var (meanSeconds, meanBytes) = (samples.Average(sample => sample.Seconds), samples.Average(sample => sample.Bytes));
        var variance = samples.Sum(sample => (sample.Seconds - meanSeconds) * (sample.Seconds - meanSeconds));
        if (variance <= 0)
            return null;
        var slope = samples.Sum(sample => (sample.Seconds - meanSeconds) * (sample.Bytes - meanBytes)) / variance;
        double[] residuals = [.. samples.Select(sample => sample.Bytes - meanBytes - (slope * (sample.Seconds - meanSeconds)))];
        return new MemoryTrend(slope * 3600, samples.Count < SamplesForMargin ? null : MarginOf(samples, meanSeconds, residuals, variance) * 3600);
    }

    /// <summary>
    /// How long a run must be for a slope as noisy as this one to be told from none: margins shrink with the time to the power of 3/2. Of memory that does not come back to the line it is more: there they
    /// shrink with the root of the time.
    /// </summary>
    /// <param name="bytesPerHour">The growth to be told; other than 0.</param>
    /// <param name="duration">Of the run that this trend is of.</param>
    /// <returns>At least <paramref name="duration"/>; null when there is no margin to go by.</returns>
    public TimeSpan? TimeToTell(double bytesPerHour, TimeSpan duration)
    {
        if (MarginBytesPerHour is not { } margin || bytesPerHour == 0)
            return null;
        var times = Math.Pow(Math.Max(1, margin / Math.Abs(bytesPerHour)), 2.0 / 3);
        return duration * times;
    }

    private static double MarginOf(IReadOnlyList<(double Seconds, double Bytes)> samples, double meanSeconds, double[] residuals, double variance)
    {
        var squares = residuals.Sum(residual => residual * residual);
        if (squares <= 0)
            return 0;
        var neighbours = residuals.Zip(residuals.Skip(1), (one, next) => one * next).Sum();

        // Noise that swings about the line would count as more samples than there are; that is not claimed.
        var correlation = Math.Clamp(neighbours / squares, 0, 0.9999);
        if (residuals.Length * (1 - correlation) < ReturnsMin)
            return MarginOfSteps(samples, meanSeconds, residuals, variance);
        var effective = residuals.Length * (1 - correlation) / (1 + correlation);
        return StudentT(effective - 2) * Math.Sqrt(squares / (effective - 2) / variance);
    }

    /// <summary>A step moves every sample behind it, and so the slope by the sum of their weights in it.</summary>
    private static double MarginOfSteps(IReadOnlyList<(double Seconds, double Bytes)> samples, double meanSeconds, double[] residuals, double variance)
    {
        var (weight, sum, sumOfSquares) = (0.0, 0.0, 0.0);
        for (var i = residuals.Length - 1; i > 0; i--)
        {
            weight += (samples[i].Seconds - meanSeconds) / variance;
            var moved = Math.Abs(weight * (residuals[i] - residuals[i - 1]));
            sum += moved;
            sumOfSquares += moved * moved;
        }

        // P(|Σ ± moved| > x) ≤ 2 exp(−x² / 2 Σ moved²), which is 5 % here; and no signs go further than all of them together.
        return Math.Min(Math.Sqrt(2 * Math.Log(2 / 0.05) * sumOfSquares), sum);
    }

    private static double StudentT(double freedom)
    {
        var whole = (int)Math.Floor(freedom);
        if (whole <= SmallT.Length)
            return SmallT[Math.Max(whole, 1) - 1];
        const double Z = 1.959964;
        return Z + ((Math.Pow(Z, 3) + Z) / (4 * freedom)) + (((5 * Math.Pow(Z, 5)) + (16 * Math.Pow(Z, 3)) + (3 * Z)) / (96 * freedom * freedom));
    }
}
