namespace Headroom.Measurements.Statistics;

/// <summary>
/// Several tests at once: with 20 of them at 5 % one is expected to cry wolf. Holm's step-down procedure keeps the chance of any false alarm at α, whatever the tests have in common.
/// </summary>
/// <remarks>Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6(2), 65–70.</remarks>
public static class HolmCorrection
{
    /// <summary>
    /// The adjusted p values, in the order of the given ones: a test is significant at α when its adjusted value is at most α. The smallest is multiplied by how many there are, the
    /// next by one less, and so on; none is below the one before it, none above 1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A p value is not from 0 to 1.</exception>
    public static IReadOnlyList<double> Adjust(IReadOnlyList<double> pValues)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        var adjusted = new double[pValues.Count];
        var largest = 0.0;
        var left = pValues.Count;
        foreach (var i in Enumerable.Range(0, pValues.Count).OrderBy(i => pValues[i]))
        {
            if (!(pValues[i] is >= 0 and <= 1))
                throw new ArgumentOutOfRangeException(nameof(pValues), pValues[i], "A p value is from 0 to 1.");
            largest = Math.Max(largest, Math.Min(1, left-- * pValues[i]));
            adjusted[i] = largest;
        }

        return adjusted;
    }
}
