using System.Runtime.CompilerServices;

namespace Headroom.Caching.Local;

/// <summary>
/// Milliseconds that only go forward, cheap enough for every lookup: a lookup compares with <see cref="Ticks"/>, a field, and asks the clock itself only when that says that an entry
/// is over. (Reading the system's clock costs 6 ns, a third of a hit; <see cref="TimeProvider.GetTimestamp"/> costs more than the whole of it.)
/// <list type="number">
/// <item>While lookups are many, a thread of its own writes the system's clock into <see cref="Ticks"/> every <see cref="Period"/>. Not a timer: those of the thread pool come late when
/// it has much to do, which is when caches matter.</item>
/// <item>While they are few, there is no such thread: <see cref="Ticks"/> is <see cref="Unknown"/>, later than every end of life, so that each lookup asks the clock.</item>
/// <item>The thread may be late: the process was stopped, or its processors have more to do than they can. So every <see cref="HitCells.CheckEvery"/>th hit that a thread counts compares with the clock and
/// moves <see cref="Ticks"/> on itself.</item>
/// </list>
/// So a hit is at most <see cref="Period"/> (and the grain of the system's clock, 1 to 16 ms) past its end. Where the ticking thread is late, it is until the thread comes, and for at most
/// 63 more hits of each other thread. (Also without all this a thread can be stopped between its look at the clock and its use of the value.)
/// With a clock other than the system's, <see cref="Ticks"/> is always <see cref="Unknown"/>.
/// </summary>
internal class CoarseClock
{
    /// <summary>How often time moves on while lookups are many.</summary>
    public const int Period = 10;

    /// <summary>Later than every end of life, even than <see cref="LocalEntry.Never"/>, which is not later than itself.</summary>
    public const long Unknown = long.MaxValue;

    readonly TimeProvider provider;
    readonly long started;
    long ticks = Unknown;

    protected CoarseClock(TimeProvider time)
    {
        provider = time;
        started = time.GetTimestamp();
    }

    public static CoarseClock Of(TimeProvider time) => ReferenceEquals(time, TimeProvider.System) ? SystemClock.Shared : new CoarseClock(time);

    /// <summary>The time that the last tick saw, or <see cref="Unknown"/>.</summary>
    public long Ticks
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref ticks);
    }

    /// <summary>The time.</summary>
    public virtual long Now => (long)provider.GetElapsedTime(started).TotalMilliseconds;

    /// <summary>To be told of hits that asked for the time: enough of them start the ticking.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public virtual void CountUse()
    {
    }

    /// <summary>Sets <see cref="Ticks"/>.</summary>
    public void MoveTo(long now) => Volatile.Write(ref ticks, now);

    /// <summary>Sets <see cref="Ticks"/>, unless somebody else did since <paramref name="seen"/> was read.</summary>
    protected void MoveTo(long now, long seen) => Interlocked.CompareExchange(ref ticks, now, seen);
}
