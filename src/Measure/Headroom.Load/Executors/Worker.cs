using Headroom.Load.Recording;
using Headroom.Load.Wire;

namespace Headroom.Load.Executors;

/// <summary>What a worker needs to know of its scenario. Times are <see cref="MonotonicClock"/> nanoseconds.</summary>
internal sealed record WorkerPlan
{
    public required ExecutorKind Executor { get; init; }

    public required int Slots { get; init; }

    public double RatePerSecond { get; init; }

    public required long StartNs { get; init; }

    /// <summary>Exchanges due before this are warm-up.</summary>
    public required long MeasureFromNs { get; init; }

    /// <summary>Nothing becomes due from here on.</summary>
    public required long EndNs { get; init; }

    /// <summary>What is still under way then is ended.</summary>
    public required long GiveUpNs { get; init; }

    /// <summary>This worker takes the arrivals whose number modulo <see cref="WorkerCount"/> is its index.</summary>
    public int WorkerIndex { get; init; }

    public int WorkerCount { get; init; } = 1;
}

/// <summary>
/// One thread that keeps a wire's slots busy by a scenario's schedule:
/// <list type="number">
/// <item>start what is due on idle slots: in a closed loop every idle slot is due, in an open model arrivals are due by the clock;</item>
/// <item>poll the wire until the next arrival is due, recording what ends;</item>
/// <item>after the end, let what is under way (and arrivals that are late) finish, until it is time to give up.</item>
/// </list>
/// An arrival that finds every slot busy starts late with its due time kept. What was never started is counted as dropped.
/// </summary>
internal sealed class Worker : IExchangeSink, IDisposable
{
    /// <summary>A closed loop does not spin on a target that refuses connections: a failed slot rests, twice as long each time.</summary>
    private const long RestNsMin = 10_000_000;
    private const long RestNsMax = 1_000_000_000;

    /// <summary>Dropped arrivals are spread over the requests by at most so many draws, however many there are.</summary>
    private const long DrawnMax = 100_000;

    private readonly WorkerPlan _plan;
    private readonly IWire _wire;
    private readonly RequestImage[] _images;
    private readonly RequestChoice _choice;
    private readonly Recorder _recorder;
    private readonly int[] _requestOfSlot;
    private readonly long[] _dueOfSlot;
    private readonly long[] _restOfSlot;
    private readonly Stack<int> _idle;
    private readonly PriorityQueue<int, long> _resting = new();
    private long _nextArrival;
    private long _idleSinceNs;
    private int _underWay;
    private volatile bool _stopRequested;

    public Worker(WorkerPlan plan, IWire wire, RequestImage[] images, RequestChoice choice, Recorder recorder)
    {
        _plan = plan;
        _wire = wire;
        _images = images;
        _choice = choice;
        _recorder = recorder;
        _requestOfSlot = new int[plan.Slots];
        _dueOfSlot = new long[plan.Slots];
        _restOfSlot = new long[plan.Slots];
        _idle = new Stack<int>(Enumerable.Range(0, plan.Slots).Reverse());
        _nextArrival = plan.WorkerIndex;
        _idleSinceNs = plan.StartNs;
    }

    /// <summary>Asks the worker, from any thread, to end at once; what is under way is forgotten, what was recorded stays.</summary>
    public void Stop() => _stopRequested = true;

    /// <summary>Closes the worker's connections. By the thread that runs it, once it has run.</summary>
    public void Dispose() => _wire.Dispose();

    /// <summary>Runs the schedule to its end on the calling thread.</summary>
    public void Run()
    {
        WaitForStart();
        while (!_stopRequested)
        {
            var now = MonotonicClock.NowNs;
            _recorder.Advance(now);
            var nextDue = _plan.Executor == ExecutorKind.ConstantVus ? StartClosed(now) : StartOpen(now);
            if (_underWay == 0 && nextDue == long.MaxValue)
                break;
            if (now >= _plan.GiveUpNs)
                break;
            _wire.Poll(Math.Min(nextDue, Math.Min(_plan.GiveUpNs, _recorder.NextAdvanceNs)), this);
        }

        // When stopped, what is under way is forgotten, but what was due and not sent was the target's doing all the same.
        var end = MonotonicClock.NowNs;
        if (!_stopRequested)
            _wire.AbortAll(WireError.Interrupted, this);
        CountDropped(_stopRequested ? Math.Min(end, _plan.EndNs) : _plan.EndNs);
        _recorder.Finish(end);
    }

    public void Completed(in Exchange exchange, CapturedResponse? response)
    {
        var slot = exchange.Slot;
        _underWay--;
        _recorder.Record(_images[_requestOfSlot[slot]].Row, _dueOfSlot[slot], in exchange);
        if (_plan.Executor == ExecutorKind.ConstantVus)
        {
            if (exchange.Error.IsConnectFailure())
            {
                _restOfSlot[slot] = Math.Clamp(_restOfSlot[slot] * 2, RestNsMin, RestNsMax);
                _resting.Enqueue(slot, exchange.CompletedNs + _restOfSlot[slot]);
                return;
            }

            _restOfSlot[slot] = 0;
            if (exchange.CompletedNs < _plan.EndNs && !_stopRequested)
            {
                Start(slot, exchange.CompletedNs);
                return;
            }
        }

        if (_idle.Count == 0)
            _idleSinceNs = exchange.CompletedNs;
        _idle.Push(slot);
    }

    private void WaitForStart()
    {
        while (!_stopRequested)
        {
            var now = MonotonicClock.NowNs;
            if (now >= _plan.StartNs)
                return;
            _wire.Poll(_plan.StartNs, this);
        }
    }

    /// <summary>Starts every idle slot, and those that have rested. Returns when the next one is due.</summary>
    private long StartClosed(long now)
    {
        if (now >= _plan.EndNs)
            return long.MaxValue;
        while (_idle.TryPop(out var slot))
            Start(slot, now);
        while (_resting.TryPeek(out var slot, out var due))
        {
            if (due > now)
                return Math.Min(due, _plan.EndNs);
            _resting.Dequeue();
            Start(slot, now);
        }

        return _underWay > 0 ? _plan.EndNs : long.MaxValue;
    }

    /// <summary>Starts due arrivals while slots are idle. Returns when the next arrival is due, or never when none is left or no slot is idle.</summary>
    private long StartOpen(long now)
    {
        while (true)
        {
            var due = _plan.StartNs + Pacing.DueNs(_nextArrival, _plan.RatePerSecond);
            if (due >= _plan.EndNs)
                return long.MaxValue;
            if (_idle.Count == 0)
                return long.MaxValue - 1;
            if (due > now)
                return due;
            if (due >= _plan.MeasureFromNs)
                _recorder.RecordLag(now - Math.Max(due, _idleSinceNs));
            _nextArrival += _plan.WorkerCount;
            Start(_idle.Pop(), due);
        }
    }

    private void Start(int slot, long due)
    {
        var request = _choice.Next();
        _requestOfSlot[slot] = request;
        _dueOfSlot[slot] = due;
        _underWay++;
        _wire.Start(slot, _images[request], _images[request].Bytes);
    }

    private void CountDropped(long dueBeforeNs)
    {
        if (_plan.Executor != ExecutorKind.ConstantArrivalRate)
            return;
        var last = Pacing.ArrivalsBefore(dueBeforeNs - _plan.StartNs, _plan.RatePerSecond);
        var measuredFrom = Pacing.ArrivalsBefore(_plan.MeasureFromNs - _plan.StartNs, _plan.RatePerSecond);
        var first = Math.Max(_nextArrival, measuredFrom + Modulo(_plan.WorkerIndex - measuredFrom, _plan.WorkerCount));
        if (first >= last)
            return;
        var count = ((last - 1 - first) / _plan.WorkerCount) + 1;
        var drawn = Math.Min(count, DrawnMax);
        for (long i = 0; i < drawn; i++)
            _recorder.RecordDropped(_images[_choice.Next()].Row, (count / drawn) + (i < count % drawn ? 1 : 0));
    }

    private static long Modulo(long value, long modulus) => ((value % modulus) + modulus) % modulus;
}
