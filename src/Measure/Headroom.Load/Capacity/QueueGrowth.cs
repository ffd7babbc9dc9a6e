using System.Globalization;
using Headroom.Measurements;

namespace Headroom.Load.Capacity;

/// <summary>
/// Whether a queue grew all through a step: then the rate is above the capacity, however short the step is to show it in a percentile. The slope of the seconds' median latencies is
/// that of Theil and Sen, the median of the slopes between every two seconds, so that one slow second is not taken for growth.
/// </summary>
internal static class QueueGrowth
{
    private const int SecondsMin = 4;

    /// <summary>Growth over the step, as a part of what the objectives allow.</summary>
    private const double PartMax = 0.25;

    /// <summary>Why the queue was not at rest; null when it was, or the step was too short to tell.</summary>
    public static string? Of(RunFile run, TimeSpan latencyMax)
    {
        var planned = run.Plan.Phases is [var phase, ..] ? phase.DurationSeconds : run.DurationSeconds;
        var seconds = run.Series.Where(point => point.Requests > 0 && point.Second < planned).ToArray();
        if (seconds.Length < SecondsMin)
            return null;
        var slopes = seconds.SelectMany((early, i) => seconds.Skip(i + 1).Select(late => (late.LatencyMs.P50 - early.LatencyMs.P50) / (late.Second - early.Second))).Order().ToArray();
        var slope = slopes[slopes.Length / 2];
        return slope * planned > PartMax * latencyMax.TotalMilliseconds
            ? string.Create(CultureInfo.InvariantCulture, $"median latency grew by {slope:0.#} ms a second all through the step: a queue was filling")
            : null;
    }
}
