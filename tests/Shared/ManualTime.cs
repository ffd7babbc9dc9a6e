namespace Headroom.Testing;

/// <summary>A clock that stands still until a test moves it; timers fire while it moves, in order of their time.</summary>
internal sealed class ManualTime : TimeProvider
{
    readonly Lock gate = new();
    readonly List<ManualTimer> timers = [];
    long ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref ticks);

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        var until = GetTimestamp() + by.Ticks;
        while (NextDue(until) is { } timer)
            timer.Fire();
        Interlocked.Exchange(ref ticks, until);
    }

    ManualTimer? NextDue(long until)
    {
        lock (gate)
        {
            var timer = timers.Where(each => each.Due <= until).MinBy(each => each.Due);
            if (timer is not null)
                Interlocked.Exchange(ref ticks, Math.Max(ticks, timer.Due));
            return timer;
        }
    }

    sealed class ManualTimer(ManualTime time, Action callback) : ITimer
    {
        TimeSpan period;

        public long Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan newPeriod)
        {
            lock (time.gate)
            {
                time.timers.Remove(this);
                period = newPeriod;
                Due = time.ticks + dueTime.Ticks;
                if (dueTime >= TimeSpan.Zero)
                    time.timers.Add(this);
                return true;
            }
        }

        public void Fire()
        {
            lock (time.gate)
            {
                if (period > TimeSpan.Zero)
                    Due += period.Ticks;
                else
                    time.timers.Remove(this);
            }

            callback();
        }

        public void Dispose()
        {
            lock (time.gate)
                time.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
