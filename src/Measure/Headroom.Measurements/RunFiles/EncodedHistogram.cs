namespace Headroom.Measurements.RunFiles;

/// <summary>A histogram of a run file, with the exact extremes that stand beside it.</summary>
internal static class EncodedHistogram
{
    /// <param name="encoded">HdrHistogram V2 compressed encoding, base64; null when the run has none.</param>
    /// <param name="exact">The figures beside it, in milliseconds.</param>
    /// <param name="runName">What to call the run in errors.</param>
    /// <param name="path">Where in the run it stands, as JSON path.</param>
    /// <exception cref="RunFileException">It is missing or damaged.</exception>
    public static LatencyHistogram Decode(string? encoded, LatencySummary exact, string runName, string path)
    {
        if (encoded is null)
            throw new RunFileException(runName, $"{path}: is missing; percentiles cannot be merged without it.");

        try
        {
            var histogram = LatencyHistogram.Decode(encoded);

            // Milliseconds have six decimals, so the extremes come back to the nanosecond.
            histogram.RestoreExtremes((long)Math.Round(exact.Min * 1e6), (long)Math.Round(exact.Max * 1e6));
            return histogram;
        }
        catch (FormatException e)
        {
            throw new RunFileException(runName, $"{path}: {e.Message}", e);
        }
    }
}
