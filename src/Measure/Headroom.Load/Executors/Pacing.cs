namespace Headroom.Load.Executors;

/// <summary>
/// When the arrivals of a constant rate are due: a pure function of their number, so that neither rounding nor a late start
/// accumulates, and workers can share one schedule by taking every n-th arrival.
/// </summary>
internal static class Pacing
{
    /// <summary>Due time of arrival <paramref name="arrival"/> (from 0) in nanoseconds after the start.</summary>
    public static long DueNs(long arrival, double ratePerSecond) =>
        (long)Math.Round(arrival * (1e9 / ratePerSecond), MidpointRounding.AwayFromZero);

    /// <summary>How many arrivals are due before <paramref name="durationNs"/>.</summary>
    public static long ArrivalsBefore(long durationNs, double ratePerSecond)
    {
        if (durationNs <= 0)
            return 0;
        var arrivals = (long)Math.Ceiling(durationNs * (ratePerSecond / 1e9));

        // The product is rounded; the due times decide.
        while (arrivals > 0 && DueNs(arrivals - 1, ratePerSecond) >= durationNs)
            arrivals--;
        while (DueNs(arrivals, ratePerSecond) < durationNs)
            arrivals++;
        return arrivals;
    }
}
