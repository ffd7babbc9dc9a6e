namespace Headroom.Http.Concurrency;

/// <summary>
/// How many requests at once, from how long they take: Netflix's Gradient2 (concurrency-limits, Gradient2Limit.java) with another long-term latency. Pure: no clock, no randomness. One step a window:
/// <list type="number">
/// <item>Less than half of the limit was used: there was no need for it, so it stays, and the window says what latency is usual.</item>
/// <item>Otherwise the gradient is tolerance × usual / measured latency, within 0.5 to 1, and the limit goes a fifth of the way to limit × gradient + √limit: down as far as there is waiting, up by a little queue where there is none.</item>
/// <item>A window with many requests under way never raises the usual latency: in Gradient2 an overload that lasts becomes what is usual, and the limit rises to its maximum.</item>
/// <item>Where latency seems too high for long, or the limit has halved for it, a probe finds what is usual now: the limit is halved for a window, and again, until that makes nothing faster.</item>
/// </list>
/// Why so, with figures: docs/decisions/adaptive-concurrency.md.
/// </summary>
internal sealed class GradientLimit
{
    const double Smoothing = 0.2;
    const double GradientLeast = 0.5;

    // About ten minutes of windows of a second, as Gradient2's; the first ones count fully.
    const int LongWindows = 600;

    const int WindowsToProbe = 30;

    // Half the requests took half the time: they had been waiting for each other. Anything above this was noise or no queue.
    const double StillQueued = 0.75;

    readonly int least;
    readonly int most;
    readonly double tolerance;
    double limit;
    double usual;
    int learned;
    int congested;
    double limitAtProbe;
    double probeLimit;
    double probeLatency;

    public GradientLimit(int initial, int least, int most, double tolerance)
    {
        this.least = least;
        this.most = most;
        this.tolerance = tolerance;
        limit = limitAtProbe = initial;
    }

    public int Limit => (int)(IsProbing ? probeLimit : limit);

    /// <summary>The limit is lowered to see what latency is without waiting.</summary>
    public bool IsProbing => probeLimit > 0;

    /// <summary>Takes in a window.</summary>
    /// <param name="latency">The mean of the window, in seconds.</param>
    /// <param name="inFlight">The most requests that were under way in it.</param>
    public void Step(double latency, int inFlight)
    {
        // Below a microsecond there is nothing to limit, and nothing to divide by.
        latency = Math.Max(latency, 1e-6);
        if (IsProbing)
            Probe(latency);
        else if (inFlight < limit / 2)
            Learn(latency);
        else
            Adapt(latency);
    }

    void Learn(double latency)
    {
        congested = 0;
        learned = Math.Min(learned + 1, LongWindows);
        usual += (latency - usual) / learned;
        // Back to normal after a slow time: faster than by the mean.
        if (usual > 2 * latency)
            usual *= 0.95;
    }

    void Adapt(double latency)
    {
        if (learned == 0)
        {
            // Under load from the first window on: nothing is known yet. The window in which the queue filled is itself no measure: it is faster than the next, and would end the probe at once.
            BeginProbe(double.PositiveInfinity);
            return;
        }

        if (latency < usual)
            usual += (latency - usual) * Smoothing;

        var gradient = Math.Clamp(tolerance * usual / latency, GradientLeast, 1);
        var wanted = limit * gradient + Math.Sqrt(limit);
        limit = Math.Clamp(limit + (wanted - limit) * Smoothing, least, most);
        congested = gradient < 1 ? congested + 1 : 0;
        if (congested >= WindowsToProbe || (congested > 0 && limit <= limitAtProbe / 2))
            BeginProbe(latency);
        else if (congested == 0)
            limitAtProbe = limit;
    }

    void BeginProbe(double latency)
    {
        congested = 0;
        limitAtProbe = limit;
        probeLatency = latency;
        probeLimit = Math.Max(least, limit / 2);
    }

    void Probe(double latency)
    {
        if (latency < probeLatency * StillQueued && probeLimit > least)
        {
            probeLatency = latency;
            probeLimit = Math.Max(least, probeLimit / 2);
            return;
        }

        usual = Math.Min(latency, probeLatency);
        learned = Math.Max(learned, 1);
        probeLimit = 0;
    }
}
