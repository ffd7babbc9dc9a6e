namespace Headroom.Http.Background;

/// <summary>Exponential backoff with jitter: the n-th wait is base × 2ⁿ⁻¹, at most the longest, of which the upper half is left to chance.</summary>
internal static class RetryBackoff
{
    /// <param name="failedAttempts">From 1 on.</param>
    /// <param name="first">The wait after the first.</param>
    /// <param name="longest">The longest wait.</param>
    /// <param name="chance">From 0 to 1.</param>
    public static TimeSpan After(int failedAttempts, TimeSpan first, TimeSpan longest, double chance)
    {
        var full = Math.Min(longest.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, failedAttempts - 1));
        return TimeSpan.FromMilliseconds(full * (0.5 + (0.5 * chance)));
    }
}
