namespace Headroom.Http.Concurrency;

/// <summary>
/// Gathers latencies in windows, by samples and time, and steps a <see cref="GradientLimit"/> at the end of each. The gate's lock protects it.
/// </summary>
internal sealed class AdaptiveLimit
{
    // As in Netflix's WindowedLimit: fewer say little of the mean.
    const int SamplesLeast = 10;

    readonly GradientLimit gradient;
    readonly TimeProvider time;
    readonly long window;
    long windowBegan;
    long sum;
    int samples;
    int inFlightMost;

    public AdaptiveLimit(ConcurrencyPolicy policy, TimeProvider time)
    {
        gradient = new GradientLimit(policy.Limit, policy.MinLimit, policy.MaxLimit, policy.Tolerance);
        this.time = time;
        window = (long)(policy.Window.TotalSeconds * time.TimestampFrequency);
        windowBegan = time.GetTimestamp();
    }

    public int Limit => gradient.Limit;

    /// <summary>Takes a latency in.</summary>
    /// <returns>The limit from now on when a window is over, else null.</returns>
    public int? Add(long began, long ended, int inFlight)
    {
        inFlightMost = Math.Max(inFlightMost, inFlight);
        // What was let in before a probe has waited for more than the probe lets in.
        if (!gradient.IsProbing || began >= windowBegan)
        {
            sum += ended - began;
            samples++;
        }

        if (samples < SamplesLeast || ended - windowBegan < window)
            return null;

        gradient.Step((double)sum / samples / time.TimestampFrequency, inFlightMost);
        windowBegan = ended;
        (sum, samples, inFlightMost) = (0, 0, 0);
        return gradient.Limit;
    }
}
