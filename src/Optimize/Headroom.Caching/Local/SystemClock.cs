using System.Runtime.CompilerServices;

namespace Headroom.Caching.Local;

/// <summary>The system's clock for all caches of the process, and the thread that ticks while they are used much.</summary>
#pragma warning disable CA1001 // It lives as long as the process.
internal sealed class SystemClock : CoarseClock
#pragma warning restore CA1001
{
    /// <summary>So many hits that ask the clock start the ticking.</summary>
    const int UsesToTick = 64;

    /// <summary>So many ticks, a second, without a use end it.</summary>
    const int TicksUnused = 100;

    readonly AutoResetEvent wake = new(initialState: false);
    bool isStarted;
    int uses;

    public SystemClock()
        : base(TimeProvider.System)
    {
    }

    public static SystemClock Shared { get; } = new();

    public override long Now => Environment.TickCount64;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public override void CountUse()
    {
        var seen = Ticks;
        if (seen == Unknown)
        {
            if (Interlocked.Increment(ref uses) >= UsesToTick)
                Start();
            return;
        }

        if (Volatile.Read(ref uses) < UsesToTick)
            Volatile.Write(ref uses, UsesToTick);
        var now = Now;
        if (now > seen)
            MoveTo(now, seen);
    }

    void Start()
    {
        Volatile.Write(ref uses, 0);
        lock (wake)
        {
            if (!isStarted)
            {
                isStarted = true;
                try
                {
                    new Thread(Tick) { IsBackground = true, Name = "Headroom.Caching clock" }.UnsafeStart();
                }
                catch (OutOfMemoryException)
                {
                    // No room for a thread: every lookup goes on asking the clock, and its caller gets the value.
                }
            }
        }

        wake.Set();
    }

    void Tick()
    {
        while (true)
        {
            wake.WaitOne();
            do
            {
                Volatile.Write(ref uses, 0);
                for (var i = 0; i < TicksUnused; i++)
                {
                    MoveTo(Now);
                    wake.WaitOne(Period);
                }
            }
            while (Volatile.Read(ref uses) >= UsesToTick);

            MoveTo(Unknown);
            Volatile.Write(ref uses, 0);
        }
    }
}
