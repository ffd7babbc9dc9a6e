using System.Runtime.CompilerServices;
using Headroom.Load.Wire;

namespace Headroom.Load.Executors;

/// <summary>What a scenario's workers share.</summary>
internal sealed class ScenarioClock
{
    /// <summary>Times are <see cref="MonotonicClock"/> nanoseconds.</summary>
    public required long StartNs { get; init; }

    /// <summary>Iterations due before this are warm-up.</summary>
    public required long MeasureFromNs { get; init; }

    /// <summary>Nothing becomes due from here on.</summary>
    public required long EndNs { get; init; }

    /// <summary>What is still under way then is ended.</summary>
    public required long GiveUpNs { get; init; }
}

/// <summary>Starts iterations on a worker's VUs.</summary>
internal interface IIterationStarter
{
    /// <summary>Begins an iteration of an idle VU; false when a feeder has no row for it, and it ends.</summary>
    bool Begin(VirtualUser vu, long dueNs);

    /// <summary>The generator was late with something by so much.</summary>
    void RecordLag(long dueNs, long lagNs);

    /// <summary>A ramp takes the VU away: its iteration is ended at that time if it still goes on.</summary>
    void EndIterationAt(VirtualUser vu, long ns);
}

/// <summary>Decides when a worker's VUs start iterations.</summary>
internal abstract class IterationSource
{
    public const long Never = long.MaxValue;

    /// <summary>Starts what is due. Returns when there will be more to start, or <see cref="Never"/> when only a VU that ends its iteration can bring something.</summary>
    public abstract long StartDue(long now, IIterationStarter starter);

    /// <summary>A VU has ended its iteration (and may start another at once).</summary>
    public abstract void Ended(VirtualUser vu, long now, IIterationStarter starter);

    /// <summary>Whether a VU that just ended an iteration is wanted for another: it need not rest otherwise.</summary>
    public abstract bool WantsMore(VirtualUser vu, long now);

    /// <summary>Measured iterations that were due before <paramref name="ns"/>, or had to be done, and were never started. Asked once, when the worker starts nothing any more.</summary>
    public abstract long NeverStarted(long ns);
}

/// <summary>
/// Open models: arrivals are due by the clock. An arrival that finds every VU busy starts late with its due time kept.
/// </summary>
internal sealed class OpenSource : IterationSource
{
    private readonly ScenarioClock _clock;
    private readonly ArrivalSchedule _schedule;
    private readonly int _workerIndex;
    private readonly int _workerCount;
    private readonly Stack<VirtualUser> _idle = new();
    private long _nextArrival;
    private long _nextDueNs;
    private long _idleSinceNs;

    /// <param name="clock">The scenario's times.</param>
    /// <param name="schedule">When arrivals are due.</param>
    /// <param name="vus">This worker's.</param>
    /// <param name="workerIndex">It takes the arrivals whose number modulo <paramref name="workerCount"/> is this.</param>
    /// <param name="workerCount">Workers of the scenario.</param>
    public OpenSource(ScenarioClock clock, ArrivalSchedule schedule, IReadOnlyList<VirtualUser> vus, int workerIndex, int workerCount)
    {
        _clock = clock;
        _schedule = schedule;
        _workerIndex = workerIndex;
        _workerCount = workerCount;
        _idleSinceNs = clock.StartNs;
        foreach (var vu in vus.Reverse())
            _idle.Push(vu);
        _nextArrival = workerIndex;
        _nextDueNs = DueNs(_nextArrival);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override long StartDue(long now, IIterationStarter starter)
    {
        while (_nextDueNs < _clock.EndNs)
        {
            if (_idle.Count == 0)
                return Never;
            if (_nextDueNs > now)
                return _nextDueNs;
            var due = _nextDueNs;
            starter.RecordLag(due, now - Math.Max(due, _idleSinceNs));
            _nextArrival += _workerCount;
            _nextDueNs = DueNs(_nextArrival);
            starter.Begin(_idle.Pop(), due);
        }

        return Never;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Ended(VirtualUser vu, long now, IIterationStarter starter)
    {
        if (vu.HasEnded)
            return;
        if (_idle.Count == 0)
            _idleSinceNs = now;
        _idle.Push(vu);
    }

    public override bool WantsMore(VirtualUser vu, long now) => false;

    public override long NeverStarted(long ns)
    {
        var last = _schedule.ArrivalsBefore(Math.Min(ns, _clock.EndNs) - _clock.StartNs);
        var measuredFrom = _schedule.ArrivalsBefore(_clock.MeasureFromNs - _clock.StartNs);
        var first = Math.Max(_nextArrival, measuredFrom + Modulo(_workerIndex - measuredFrom, _workerCount));
        return first >= last ? 0 : ((last - 1 - first) / _workerCount) + 1;
    }

    private long DueNs(long arrival) => _schedule.DueNs(arrival) is var due and < Never ? _clock.StartNs + due : Never;

    private static long Modulo(long value, long modulus) => ((value % modulus) + modulus) % modulus;
}

/// <summary>How many iterations closed models may do.</summary>
internal sealed class IterationBudget
{
    private readonly long _perVu;
    private readonly long _shared;
    private long _taken;
    private int _workers;

    private IterationBudget(int workers, long perVu, long shared)
    {
        _workers = workers;
        _perVu = perVu;
        _shared = shared;
    }

    public static IterationBudget For(Scenario scenario, int workers) => new(
        workers,
        scenario.Executor == ExecutorKind.PerVuIterations ? scenario.Iterations : long.MaxValue,
        scenario.Executor == ExecutorKind.SharedIterations ? scenario.Iterations : long.MaxValue);

    /// <summary>
    /// Iterations of the plan's number that nobody took; 0 where time is what ends the scenario. Each worker asks once, when it takes no more; of a number that all
    /// share only the last one is told what is left, since until then another may take it.
    /// </summary>
    public long LeftOf(IEnumerable<VirtualUser> vus)
    {
        var isLast = Interlocked.Decrement(ref _workers) == 0;
        if (_perVu != long.MaxValue)
            return vus.Sum(vu => Math.Max(0, _perVu - vu.IterationsStarted));
        return _shared != long.MaxValue && isLast ? _shared - Volatile.Read(ref _taken) : 0;
    }

    public bool TryTake(VirtualUser vu)
    {
        if (vu.IterationsStarted >= _perVu)
            return false;
        if (_shared == long.MaxValue)
            return true;
        var taken = Volatile.Read(ref _taken);
        while (taken < _shared)
        {
            var before = Interlocked.CompareExchange(ref _taken, taken + 1, taken);
            if (before == taken)
                return true;
            taken = before;
        }

        return false;
    }

    /// <summary>What was taken could not be begun.</summary>
    public void GiveBack()
    {
        if (_shared != long.MaxValue)
            Interlocked.Decrement(ref _taken);
    }

    public bool HasMore(VirtualUser vu) => vu.IterationsStarted < _perVu && (_shared == long.MaxValue || Volatile.Read(ref _taken) < _shared);
}

/// <summary>Closed models: a wanted VU starts its next iteration when the last one has ended, as long as time and budget last.</summary>
internal sealed class ClosedSource : IterationSource
{
    private readonly ScenarioClock _clock;
    private readonly VuSchedule _schedule;
    private readonly IterationBudget _budget;
    private readonly IReadOnlyList<VirtualUser> _vus;
    private readonly long _gracefulRampDownNs;
    private long _nextChangeNs;
    private int _wanted;

    public ClosedSource(Scenario scenario, ScenarioClock clock, VuSchedule schedule, IterationBudget budget, IReadOnlyList<VirtualUser> vus)
    {
        _clock = clock;
        _schedule = schedule;
        _budget = budget;
        _vus = vus;
        _gracefulRampDownNs = (long)scenario.GracefulRampDown.TotalNanoseconds;
        _nextChangeNs = clock.StartNs;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override long StartDue(long now, IIterationStarter starter)
    {
        while (_nextChangeNs <= now && _nextChangeNs < _clock.EndNs)
        {
            var at = _nextChangeNs;
            Change(at, now, starter);
            _nextChangeNs = _schedule.NextChangeNs(at - _clock.StartNs) is var next and < Never ? _clock.StartNs + next : Never;
        }

        return now >= _clock.EndNs || _nextChangeNs >= _clock.EndNs ? Never : _nextChangeNs;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Ended(VirtualUser vu, long now, IIterationStarter starter)
    {
        if (vu.IsWanted && !vu.HasEnded && now < _clock.EndNs && _budget.TryTake(vu) && !starter.Begin(vu, now))
            _budget.GiveBack();
    }

    public override bool WantsMore(VirtualUser vu, long now) => vu.IsWanted && !vu.HasEnded && now < _clock.EndNs && _budget.HasMore(vu);

    public override long NeverStarted(long ns) => _budget.LeftOf(_vus);

    /// <summary>VUs of this worker below the wanted number start, those above end. Both are in ascending order of their numbers.</summary>
    private void Change(long at, long now, IIterationStarter starter)
    {
        var vus = _schedule.VusAt(at - _clock.StartNs);
        while (_wanted < _vus.Count && _vus[_wanted].Number < vus)
        {
            var vu = _vus[_wanted++];
            vu.IsWanted = true;
            if (vu.IsBusy)
                continue;

            // The first VUs start when their worker does; only a ramp has times of its own.
            if (at > _clock.StartNs)
                starter.RecordLag(at, now - at);
            Ended(vu, at, starter);
        }

        while (_wanted > 0 && _vus[_wanted - 1].Number >= vus)
        {
            var vu = _vus[--_wanted];
            vu.IsWanted = false;
            if (vu.IsBusy)
                starter.EndIterationAt(vu, at + _gracefulRampDownNs);
        }
    }
}
