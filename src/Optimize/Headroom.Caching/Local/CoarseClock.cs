using System.Runtime.CompilerServices;

namespace Headroom.Caching.Local;

/// <summary>
/// Milliseconds that only go forward, cheap enough for every lookup. With the system's clock they come from <see cref="Environment.TickCount64"/>
/// (a few nanoseconds, up to 16 ms coarse, where <see cref="TimeProvider.GetTimestamp"/> costs more than the lookup itself); with any other
/// clock, from its timestamps.
/// </summary>
internal readonly struct CoarseClock
{
    readonly TimeProvider? provider;
    readonly long started;

    public CoarseClock(TimeProvider time)
    {
        if (ReferenceEquals(time, TimeProvider.System))
            return;
        provider = time;
        started = time.GetTimestamp();
    }

    public long Now
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => provider is null ? Environment.TickCount64 : OfProvider();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    long OfProvider() => (long)provider!.GetElapsedTime(started).TotalMilliseconds;
}
