using System.Diagnostics;

namespace Headroom.Load.Wire;

/// <summary>Nanoseconds of the monotonic clock. A change of the wall clock during a run does not touch it.</summary>
internal static class MonotonicClock
{
    public static long NowNs
    {
        get
        {
            var ticks = Stopwatch.GetTimestamp();
            return Stopwatch.Frequency == 1_000_000_000
                ? ticks
                : (long)((Int128)ticks * 1_000_000_000 / Stopwatch.Frequency);
        }
    }
}
