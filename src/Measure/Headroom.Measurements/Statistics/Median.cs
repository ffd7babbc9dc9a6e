namespace Headroom.Measurements.Statistics;

/// <summary>The middle value.</summary>
internal static class Median
{
    /// <summary>Of an even number the mean of the two in the middle; at least one value.</summary>
    public static double Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : sorted[middle - 1] + ((sorted[middle] - sorted[middle - 1]) / 2);
    }
}
