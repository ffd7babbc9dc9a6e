namespace Headroom.Measurements.Statistics;

/// <summary>The standard normal distribution, to seven digits after the point.</summary>
public static class NormalDistribution
{
    private const double QuantileMax = 8;

    /// <summary>P(Z ≤ z). Abramowitz and Stegun (1964), formula 26.2.17; off by at most 7.5e-8.</summary>
    public static double AtMost(double z)
    {
        var t = 1 / (1 + (0.2316419 * Math.Abs(z)));
        var polynomial = t * (0.319381530 + (t * (-0.356563782 + (t * (1.781477937 + (t * (-1.821255978 + (t * 1.330274429))))))));
        var tail = Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI) * polynomial;
        return z >= 0 ? 1 - tail : tail;
    }

    /// <summary>The z below which a share of the distribution lies, by bisection; the share is above 0 and below 1.</summary>
    public static double Quantile(double share)
    {
        var (low, high) = (-QuantileMax, QuantileMax);
        while (high - low > 1e-9)
        {
            var middle = (low + high) / 2;
            if (AtMost(middle) < share)
                low = middle;
            else
                high = middle;
        }

        return (low + high) / 2;
    }
}
