using System.Collections.Concurrent;

namespace Headroom.Http.Limits;

/// <summary>Timers for deadlines, used again and again: one that is set already is moved only to fire earlier, so that most requests move none.</summary>
internal sealed class DeadlineTimers(TimeProvider time)
{
    // As many as are under way at once on a busy server; more are made and let go.
    const int KeptMost = 1024;

    readonly ConcurrentQueue<DeadlineTimer> kept = new();
    readonly bool isSystems = time == TimeProvider.System;
    int count;

    /// <summary>Milliseconds. The system's timers go by the same clock, which is read at a third of the price of the exact one.</summary>
    public long Now() => isSystems ? Environment.TickCount64 : (long)time.GetElapsedTime(0).TotalMilliseconds;

    public DeadlineTimer Rent(RequestDeadline deadline)
    {
        if (kept.TryDequeue(out var timer))
            Interlocked.Decrement(ref count);
        else
            timer = new DeadlineTimer(this, time);
        timer.Begin(deadline);
        return timer;
    }

    public void Return(DeadlineTimer timer)
    {
        timer.End();
        if (Interlocked.Increment(ref count) <= KeptMost)
        {
            kept.Enqueue(timer);
            return;
        }

        Interlocked.Decrement(ref count);
        timer.Dispose();
    }
}

/// <summary>
/// Tells a deadline that its time is over. A timer that fires finds that it is nobody's (it does nothing), that its deadline is not due yet because it was set for an earlier one (it is set again), or that it is.
/// </summary>
internal sealed class DeadlineTimer : IDisposable
{
    readonly Lock sync = new();
    readonly DeadlineTimers all;
    readonly ITimer timer;
    RequestDeadline? of;
    long due = long.MaxValue;

    public DeadlineTimer(DeadlineTimers all, TimeProvider time)
    {
        this.all = all;

        // Used for many requests, so nothing flows into it from the one that happens to make it: neither its activity nor its log scopes.
        using var flow = ExecutionContext.SuppressFlow();
        timer = time.CreateTimer(static state => ((DeadlineTimer)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Begin(RequestDeadline deadline)
    {
        lock (sync)
        {
            of = deadline;
            Set(deadline.Remaining);
        }
    }

    public void End()
    {
        lock (sync)
            of = null;
    }

    public void Dispose() => timer.Dispose();

    void Set(TimeSpan remaining)
    {
        remaining = remaining < LimitsOptions.TimeoutLeast ? LimitsOptions.TimeoutLeast : remaining;
        var wanted = all.Now() + (long)remaining.TotalMilliseconds;
        if (wanted >= due)
            return;
        due = wanted;
        timer.Change(remaining, Timeout.InfiniteTimeSpan);
    }

    void Fire()
    {
        RequestDeadline? late;
        lock (sync)
        {
            due = long.MaxValue;
            late = of;
            if (late?.Remaining is { } remaining && remaining > TimeSpan.Zero)
            {
                Set(remaining);
                return;
            }
        }

        late?.Expire();
    }
}
