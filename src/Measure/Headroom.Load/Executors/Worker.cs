using System.Runtime.CompilerServices;
using Headroom.Load.Flows;
using Headroom.Load.Recording;
using Headroom.Load.Responses;
using Headroom.Load.Wire;

namespace Headroom.Load.Executors;

/// <summary>What a worker needs to know of its scenario.</summary>
internal sealed record WorkerPlan
{
    public required ScenarioClock Clock { get; init; }

    public required CompiledPlan Plan { get; init; }

    /// <summary>The flows that the scenario chooses from.</summary>
    public required IReadOnlyList<CompiledFlow> Flows { get; init; }

    public required RequestChoice Choice { get; init; }

    /// <summary>By slot.</summary>
    public required IReadOnlyList<VirtualUser> Vus { get; init; }

    public required IterationSource Source { get; init; }

    public required RunHalt Halt { get; init; }

    public ThinkTime? PauseAfterIteration { get; init; }

    public bool ClosesAfterIteration { get; init; }

    public int RedirectsMax { get; init; }

    public long CaptureBytesMax { get; init; } = 1024 * 1024;
}

/// <summary>
/// One thread that moves a scenario's VUs through their iterations:
/// <list type="number">
/// <item>wake VUs whose think time is over;</item>
/// <item>start iterations that are due, as the scenario's <see cref="IterationSource"/> says;</item>
/// <item>poll the wire until the next thing is due; each response that comes is recorded, checked, and moves its VU to its next step;</item>
/// <item>after the end, let iterations under way (and arrivals that are late) finish, until it is time to give up.</item>
/// </list>
/// What was never started is counted as dropped.
/// </summary>
internal sealed class Worker : IExchangeSink, IIterationStarter, IDisposable
{
    /// <summary>A VU does not spin on a target that refuses connections: it rests, twice as long each time.</summary>
    private const long RestNsMin = 10_000_000;
    private const long RestNsMax = 1_000_000_000;

    /// <summary>Nor on a flow that chose to do nothing: its next iteration would be due at the same time, and so on without end.</summary>
    private const long TimelessRestNs = 1_000_000;

    /// <summary>Dropped iterations are spread over the requests by at most so many draws, however many there are.</summary>
    private const long DrawnMax = 100_000;

    private enum Timer : byte
    {
        /// <summary>A think time is over.</summary>
        Step,

        /// <summary>The wait after an iteration is over.</summary>
        Pause,

        /// <summary>A VU that a ramp took away has had its time.</summary>
        EndIteration,
    }

    private readonly WorkerPlan _plan;
    private readonly ScenarioClock _clock;
    private readonly IWire _wire;
    private readonly Recorder _recorder;
    private readonly ResponseView _view;
    private readonly RequestBuffer _scratch = new();
    private readonly PriorityQueue<(VirtualUser Vu, Timer Kind, int Wait), long> _timers = new();
    private int _busy;
    private volatile bool _stopRequested;

    public Worker(WorkerPlan plan, IWire wire, Recorder recorder)
    {
        _plan = plan;
        _clock = plan.Clock;
        _wire = wire;
        _recorder = recorder;
        _view = new ResponseView(plan.CaptureBytesMax);
    }

    /// <summary>VUs in an iteration, for whoever watches from another thread.</summary>
    public int Busy => Volatile.Read(ref _busy);

    public IReadOnlyList<VirtualUser> Vus => _plan.Vus;

    /// <summary>Bodies of which checks and extractions saw only the beginning.</summary>
    public long TruncatedBodies => _view.Truncated;

    /// <summary>Asks the worker, from any thread, to end at once; what is under way is forgotten, what was recorded stays.</summary>
    public void Stop() => _stopRequested = true;

    /// <summary>Closes the worker's connections. By the thread that runs it, once it has run.</summary>
    public void Dispose() => _wire.Dispose();

    /// <summary>Runs the schedule to its end on the calling thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run()
    {
        WaitForStart();
        while (!_stopRequested)
        {
            var now = MonotonicClock.NowNs;
            _recorder.Advance(now, _busy);
            FireTimers(now);
            var nextDue = _plan.Source.StartDue(now, this);
            if ((_busy == 0 && nextDue == IterationSource.Never) || now >= _clock.GiveUpNs)
                break;
            if (_timers.TryPeek(out _, out var timer))
                nextDue = Math.Min(nextDue, timer);
            _wire.Poll(Math.Min(nextDue, Math.Min(_clock.GiveUpNs, _recorder.NextAdvanceNs)), this);
        }

        // When stopped, what is under way is forgotten, but what was due and not sent was the target's doing all the same.
        var end = MonotonicClock.NowNs;
        var stopped = _stopRequested;
        _stopRequested = true;
        if (!stopped)
            _wire.AbortAll(WireError.Interrupted, this);
        foreach (var vu in _plan.Vus)
        {
            if (vu.IsBusy && !vu.IsPausing)
                _recorder.IterationInterrupted(vu.IterationDueNs);
        }

        CountDropped(_plan.Source.NeverStarted(stopped ? Math.Min(end, _clock.EndNs) : _clock.EndNs));
        _recorder.Finish(end);
    }

    /// <summary>A response, or why there is none: record → follow a redirect → check → extract → go on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Completed(in Exchange exchange, CapturedResponse? response)
    {
        var vu = _plan.Vus[exchange.Slot];
        var request = vu.Request;
        var now = exchange.CompletedNs;
        vu.IsSending = false;
        _recorder.Record(request.Image.Row, vu.RequestDueNs, in exchange);
        if (exchange.Error == WireError.Interrupted)
        {
            Interrupt(vu, now);
            return;
        }

        if (exchange.Error != WireError.None)
            vu.ConnectFailed |= exchange.Error.IsConnectFailure();
        else if (response is not null && TryRedirect(vu, in exchange, response, now))
            return;

        if (request.Checks.Length > 0 || request.Extractions.Length > 0)
        {
            _view.Show(in exchange, now - vu.RequestDueNs, response);
            Check(vu, request);
            if (!Extract(vu, request))
            {
                _recorder.IterationCutShort(vu.IterationDueNs, vu.Flow.Steps[vu.Step].RequestsAfter);
                EndIteration(vu, now);
                return;
            }
        }

        vu.Step++;
        GoOn(vu, now, now);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool Begin(VirtualUser vu, long dueNs)
    {
        _busy++;
        vu.IsBusy = true;
        vu.Wait++;
        vu.IterationDueNs = dueNs;
        vu.Step = 0;
        vu.ConnectFailed = false;
        vu.Flow = _plan.Flows[_plan.Choice.Next()];
        if (vu.Values is not null && !TryBeginValues(vu))
        {
            vu.HasEnded = true;
            Release(vu);
            if (_plan.Source is OpenSource && dueNs >= _clock.MeasureFromNs)
                CountDropped(1);
            return false;
        }

        vu.IterationsStarted++;
        vu.Cookies = null;
        GoOn(vu, dueNs, dueNs);
        return true;
    }

    public void RecordLag(long dueNs, long lagNs)
    {
        if (dueNs >= _clock.MeasureFromNs)
            _recorder.RecordLag(lagNs);
    }

    public void EndIterationAt(VirtualUser vu, long ns) => _timers.Enqueue((vu, Timer.EndIteration, vu.Wait), ns);

    private void WaitForStart()
    {
        while (!_stopRequested && MonotonicClock.NowNs < _clock.StartNs)
            _wire.Poll(_clock.StartNs, this);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FireTimers(long now)
    {
        while (_timers.TryPeek(out var timer, out var due) && due <= now)
        {
            _timers.Dequeue();
            var (vu, kind, wait) = timer;
            if (wait != vu.Wait || !vu.IsBusy)
                continue;
            switch (kind)
            {
                case Timer.Step:
                    RecordLag(due, now - due);
                    GoOn(vu, due, due);
                    break;
                case Timer.Pause:
                    Release(vu);
                    _plan.Source.Ended(vu, due, this);
                    break;
                case Timer.EndIteration when vu.IsWanted || vu.IsPausing:
                    break;
                case Timer.EndIteration when vu.IsSending:
                    _wire.Abort(vu.Slot, WireError.Interrupted, this);
                    break;
                default:
                    Interrupt(vu, now);
                    break;
            }
        }
    }

    /// <summary>From the step that the VU is at to the next one that takes time.</summary>
    /// <param name="vu">In an iteration.</param>
    /// <param name="dueNs">When the next request is due, if nothing is waited for before it.</param>
    /// <param name="now">From when a think time counts.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void GoOn(VirtualUser vu, long dueNs, long now)
    {
        while (true)
        {
            var step = vu.Flow.Steps[vu.Step];
            switch (step.Operation)
            {
                case FlowOperation.Request:
                    vu.RedirectsFollowed = 0;
                    Send(vu, _plan.Plan.Requests[step.Target], dueNs);
                    return;
                case FlowOperation.Think:
                    vu.Step++;
                    _timers.Enqueue((vu, Timer.Step, vu.Wait), now + (long)vu.Random.Next(step.Time!).TotalNanoseconds);
                    return;
                case FlowOperation.Choose:
                    var weight = vu.Random.NextDouble() * step.Ways[^1].WeightUpTo;
                    var way = 0;
                    while (way < step.Ways.Length - 1 && weight >= step.Ways[way].WeightUpTo)
                        way++;
                    vu.Step = step.Ways[way].Target;
                    break;
                case FlowOperation.Jump:
                    vu.Step = step.Target;
                    break;
                default:
                    _recorder.IterationEnded(vu.IterationDueNs, now);
                    EndIteration(vu, now);
                    return;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Send(VirtualUser vu, CompiledRequest request, long dueNs)
    {
        vu.Request = request;
        vu.RequestDueNs = dueNs;
        vu.IsSending = true;
        var image = request.Image;
        var bytes = image.Bytes;
        if (image.Template is { } template)
        {
            vu.Buffer ??= new RequestBuffer();
            var cookies = vu.Cookies is null ? "" : CookieJar.HeaderFor(vu.Cookies, request.Plan.Url);
            template.Render(vu.Values!, ref vu.Random, cookies, vu.Buffer, _scratch);
            bytes = vu.Buffer.Memory;
        }

        _wire.Start(vu.Slot, image, bytes);
    }

    /// <summary>Takes a row of every feeder that the flow uses; false when one has none left.</summary>
    private bool TryBeginValues(VirtualUser vu)
    {
        var values = vu.Values!;
        values.BeginIteration();
        values.Iteration = vu.IterationsStarted;
        foreach (var index in vu.Flow.Feeders)
        {
            var feeder = _plan.Plan.Variables.Feeders[index];
            if (feeder.TryTake(vu.FeederNumbers[index], ref vu.Random, out var row))
            {
                values.TakeRow(index, row);
                continue;
            }

            _plan.Halt.FeederEnded(feeder.Name, isError: feeder.AtEnd == FeederEnd.Error);
            return false;
        }

        return true;
    }

    private bool TryRedirect(VirtualUser vu, in Exchange exchange, CapturedResponse response, long now)
    {
        var sent = vu.Request.Image.Template is null ? vu.Request.Image.Bytes : vu.Buffer!.Memory;
        if (vu.Cookies is not null || _plan.Plan.KeepsCookies)
            CookieJar.Take(vu.Cookies ??= new System.Net.CookieContainer(), vu.Request.Plan.Url, response);
        if (vu.RedirectsFollowed >= _plan.RedirectsMax || !Redirect.Is(exchange.Status))
            return false;
        if (Redirect.Next(vu.Request, sent.Span, exchange.Status, response, vu.Cookies, _plan.Plan.Origins) is not { } next)
            return false;
        vu.RedirectsFollowed++;
        Send(vu, next, now);
        return true;
    }

    private void Check(VirtualUser vu, CompiledRequest request)
    {
        for (var i = 0; i < request.Checks.Length; i++)
            _recorder.RecordCheck(vu.RequestDueNs, request.FirstCheck + i, request.Checks[i].Holds(_view, _scratch));
    }

    /// <summary>False when something that has no default was not found.</summary>
    private bool Extract(VirtualUser vu, CompiledRequest request)
    {
        var all = true;
        for (var i = 0; i < request.Extractions.Length; i++)
        {
            var extraction = request.Extractions[i];
            if (extraction.TryExtract(_view, _scratch))
            {
                vu.Values!.Set(extraction.Slot, _scratch.Written);
                continue;
            }

            _recorder.RecordFailedExtraction(vu.RequestDueNs, request.FirstExtraction + i);
            all = false;
        }

        return all;
    }

    /// <summary>The iteration has come to its end. The VU pauses, rests, or is free for the next one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void EndIteration(VirtualUser vu, long now)
    {
        if (_plan.ClosesAfterIteration)
            _wire.CloseIdle(vu.Slot);
        vu.RestNs = vu.ConnectFailed ? Math.Clamp(vu.RestNs * 2, RestNsMin, RestNsMax) : 0;
        var rest = now == vu.IterationDueNs ? TimelessRestNs : vu.RestNs;
        var pause = rest > 0 && _plan.Source.WantsMore(vu, now) ? rest : 0;
        if (_plan.PauseAfterIteration is { } time)
            pause = Math.Max(pause, (long)vu.Random.Next(time).TotalNanoseconds);
        if (pause > 0 && now < _clock.EndNs && !_stopRequested)
        {
            vu.IsPausing = true;
            vu.Wait++;
            _timers.Enqueue((vu, Timer.Pause, vu.Wait), Math.Min(now + pause, _clock.EndNs));
            return;
        }

        Release(vu);
        if (!_stopRequested)
            _plan.Source.Ended(vu, now, this);
    }

    private void Interrupt(VirtualUser vu, long now)
    {
        _recorder.IterationInterrupted(vu.IterationDueNs);
        Release(vu);
        if (!_stopRequested)
            _plan.Source.Ended(vu, now, this);
    }

    private void Release(VirtualUser vu)
    {
        _busy--;
        vu.IsBusy = false;
        vu.IsPausing = false;
        vu.Wait++;
    }

    private void CountDropped(long count)
    {
        if (count == 0)
            return;
        _recorder.IterationsDropped(count);

        // Each would have sent at least its flow's first request.
        var drawn = Math.Min(count, DrawnMax);
        for (long i = 0; i < drawn; i++)
        {
            var first = _plan.Flows[_plan.Choice.Next()].Steps.FirstOrDefault(step => step.Operation == FlowOperation.Request);
            if (first is not null)
                _recorder.RecordDropped(_plan.Plan.Requests[first.Target].Image.Row, (count / drawn) + (i < count % drawn ? 1 : 0));
        }
    }
}
