using Headroom.Load.Wire;
using Headroom.Measurements;

namespace Headroom.Load.Capacity;

/// <summary>Carries out a search: sends what it asks for, step by step, and keeps what came of each.</summary>
internal sealed class CapacitySteps
{
    /// <summary>Where nothing is known of the target.</summary>
    private const double FromDefault = 10;

    private readonly CapacitySession _session;
    private readonly CapacityOptions _options;
    private readonly IProgress<CapacityProgress>? _progress;
    private readonly Objectives _objectives;
    private readonly StepPlan _plan;
    private readonly CoolDown _coolDown;
    private readonly List<CapacityObservation> _seen = [];
    private readonly List<CapacityStep> _figures = [];
    private long _startNs;
    private bool _shownMet;
    private double _shownRate;

    public CapacitySteps(CapacitySession session, CapacityOptions options, IProgress<CapacityProgress>? progress, TimeProvider? time = null)
    {
        _session = session;
        _options = options;
        _progress = progress;
        _objectives = new Objectives(options.Objectives);
        _plan = new StepPlan(options, _objectives.LatencyMax);
        _coolDown = new CoolDown(session, time ?? TimeProvider.System);
        Search = new CapacitySearch
        {
            FromPerSecond = Math.Min(options.FromPerSecond ?? Math.Max(CapacityOptions.RateMin, options.CurrentPerSecond / 2 ?? FromDefault), options.RateMaxPerSecond),
            RateMaxPerSecond = options.RateMaxPerSecond,
            Precision = options.Precision,
        };
    }

    public CapacitySearch Search { get; }

    public IReadOnlyList<CapacityObservation> Seen => _seen;

    public IReadOnlyList<CapacityStep> Figures => _figures;

    /// <summary>The run that the result shows: of the highest rate that met the objectives, or else of the lowest rate.</summary>
    public RunFile? Shown { get; private set; }

    /// <exception cref="TargetUnreachableException">Every request of the first step failed to connect.</exception>
    /// <exception cref="OperationCanceledException">It was ended before the first step had.</exception>
    public async Task<CapacityEnd> RunAsync(CancellationToken cancellation)
    {
        _startNs = MonotonicClock.NowNs;
        await _coolDown.MeasureBaselineAsync(cancellation);
        cancellation.ThrowIfCancellationRequested();
        while (true)
        {
            var next = Search.Next(_seen);
            if (next is CapacityMove.Stop stop)
                return stop.End;
            var move = (CapacityMove.Measure)next;
            var step = _plan.For(move.RatePerSecond, move.IsShort);
            if (_figures.Count > 0 && Elapsed + step.WarmUp + step.Duration > _options.MaxTime)
                return CapacityEnd.TimeOver;
            if (!await MeasureAsync(step, move.IsShort, cancellation))
                return _figures.Count > 0 ? CapacityEnd.Interrupted : throw new OperationCanceledException(cancellation);

            if (_figures.Count == 1 && LoadRun.NeverConnected(Shown!))
                throw new TargetUnreachableException($"Cannot reach {Shown!.Plan.Target} any more: every request of the first step failed to connect.");
            if (await RecoverAsync(cancellation) is { } end)
                return end;
        }
    }

    /// <returns>Null when the target is as it was; else how the search ends.</returns>
    private async Task<CapacityEnd?> RecoverAsync(CancellationToken cancellation)
    {
        var recovery = await _coolDown.WaitAsync(cancellation);
        var recovered = recovery.End == RecoveryEnd.Recovered;
        _figures[^1] = _figures[^1] with { CoolDownSeconds = recovered ? recovery.Waited.TotalSeconds : 0, TargetWentAway = _figures[^1].TargetWentAway || recovery.WentAway };
        _progress?.Report(new CapacityProgress { Ended = _figures[^1], Step = _figures.Count, Interval = Search.BeliefAfter(_seen)?.Interval });
        return recovery.End switch
        {
            RecoveryEnd.Recovered => null,
            RecoveryEnd.Gone => CapacityEnd.TargetGone,
            RecoveryEnd.Interrupted => CapacityEnd.Interrupted,
            _ => CapacityEnd.TargetCollapsed,
        };
    }

    private TimeSpan Elapsed => TimeSpan.FromMicroseconds((MonotonicClock.NowNs - _startNs) / 1000.0);

    /// <returns>False when whoever started it ended it.</returns>
    private async Task<bool> MeasureAsync(Scenario step, bool isShort, CancellationToken cancellation)
    {
        _progress?.Report(new CapacityProgress { RatePerSecond = step.RatePerSecond, Step = _figures.Count + 1, Interval = Search.BeliefAfter(_seen)?.Interval });
        var startSeconds = Elapsed.TotalSeconds;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watch = new CollapseWatch(_objectives.LatencyMax, ended.Cancel);
        var (run, runtime) = await _session.StepAsync(step, _plan.GracefulStop, watch, ended.Token);
        if (cancellation.IsCancellationRequested)
            return false;
        var verdict = StepJudgement.Of(run, _objectives, watch.Reason, _plan.HasTooFewInFlight(step));
        _seen.Add(new CapacityObservation(step.RatePerSecond, verdict.Outcome, isShort, verdict.IsDoubtful));
        _figures.Add(StepFigures.Of(step.RatePerSecond, run, runtime, startSeconds, verdict));
        Show(run, step.RatePerSecond, verdict.Outcome == CapacityOutcome.Met);
        return true;
    }

    private void Show(RunFile run, double rate, bool met)
    {
        if (Shown is not null && (met == _shownMet ? (met ? rate < _shownRate : rate > _shownRate) : !met))
            return;
        (Shown, _shownRate, _shownMet) = (run with { Interrupted = false }, rate, met);
    }
}
