using Headroom.Load.Executors;
using Headroom.Load.Recording;
using Headroom.Load.Target;
using Headroom.Load.Wire;
using Headroom.Measurements;

namespace Headroom.Load;

/// <summary>What was collected while the workers of a run were sending.</summary>
internal sealed class RunCollection
{
    private static readonly TimeSpan CollectEvery = TimeSpan.FromMilliseconds(200);

    private readonly LoadPlan _plan;
    private readonly ScenarioSet _run;
    private readonly AbortWatch? _abort;
    private readonly long[] _iterations;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _startedAt;
    private readonly long _startedNs;
    private long _requests;
    private long _errors;

    private RunCollection(LoadPlan plan, ScenarioSet run, TimeProvider time)
    {
        _time = time;
        _startedAt = time.GetUtcNow();
        _startedNs = MonotonicClock.NowNs;
        _plan = plan;
        _run = run;
        _iterations = new long[plan.Scenarios.Count];
        Series = new SeriesBuilder([.. plan.Scenarios.Select(scenario => scenario.Name)]);
        _abort = plan.AbortingTargets.Count > 0 ? new AbortWatch(plan, run.Compiled) : null;
    }

    public SeriesBuilder Series { get; }

    public GeneratorWatch Generator { get; } = GeneratorWatch.Start();

    /// <summary>Whoever started the run ended it before its time.</summary>
    public bool Interrupted { get; private set; }

    /// <summary>By how much the wall clock moved against the monotonic one, by which everything is measured.</summary>
    public TimeSpan ClockStep { get; private set; }

    /// <summary>What the target's own metrics showed.</summary>
    public IReadOnlyList<TargetMetric> TargetMetrics { get; private set; } = [];

    /// <summary>The target whose miss ended the run.</summary>
    public string? AbortedBy { get; private set; }

    /// <summary>Until every worker has finished: moves ended seconds from workers to the series, samples the target, looks at targets that end the run, reports progress.</summary>
    public static async Task<RunCollection> CollectAsync(
        LoadPlan plan, ScenarioSet run, TargetWatch? target, IProgress<LoadProgress>? progress, CancellationToken cancellation, MetricsWatch? metrics = null, TimeProvider? time = null)
    {
        var collection = new RunCollection(plan, run, time ?? TimeProvider.System);
        using var stopping = cancellation.Register(run.Stop);
        while (true)
        {
            var finished = run.Finished;
            await Task.WhenAny(finished, Task.Delay(UntilNextLook(run.MeasureFromNs), CancellationToken.None));
            target?.TakeSample();
            var now = MonotonicClock.NowNs;
            if (now >= run.MeasureFromNs)
                _ = metrics?.BeginAsync();
            collection.Generator.MeasureFrom(now, run.MeasureFromNs);
            collection.TakeSlices();
            if (finished.IsCompleted)
            {
                await finished;
                collection.Generator.Stop();
                collection.ClockStep = collection._time.GetUtcNow() - collection.WallClockAt(MonotonicClock.NowNs);
                collection.Interrupted = cancellation.IsCancellationRequested;
                collection.TargetMetrics = metrics is null ? [] : await metrics.EndAsync();
                return collection;
            }

            collection.LookForEnd(now);
            progress?.Report(collection.ProgressAt(now));
        }
    }

    /// <summary>The wall clock at a time of the monotonic one, as it was set when the run began.</summary>
    public DateTimeOffset WallClockAt(long ns) => _startedAt + TimeSpan.FromMicroseconds((ns - _startedNs) / 1000.0);

    private void TakeSlices()
    {
        while (_run.Slices.TryTake(out var slice))
        {
            _requests += slice.Requests;
            _errors += slice.Errors;
            _iterations[slice.Scenario] += slice.Iterations;
            Series.Add(slice);
            if (slice.Live is not null)
                _abort?.Add(slice.Scenario, slice.Second, slice.Live);
            _run.Slices.Return(slice);
        }
    }

    private void LookForEnd(long now)
    {
        if (_run.Halt.FaultyFeeder is not null)
            _run.Stop();
        if (AbortedBy is null && _abort?.Missed((now - _run.MeasureFromNs) / 1e9) is { } missed)
        {
            AbortedBy = missed;
            _run.Stop();
        }
    }

    /// <summary>The look at which measuring begins comes in time, so that all of its CPU is counted.</summary>
    private static TimeSpan UntilNextLook(long measureFromNs)
    {
        var rest = TimeSpan.FromMicroseconds((measureFromNs - MonotonicClock.NowNs) / 1000.0);
        return rest > TimeSpan.Zero && rest < CollectEvery ? rest + TimeSpan.FromMilliseconds(1) : CollectEvery;
    }

    private LoadProgress ProgressAt(long now)
    {
        var scenarios = _run.Scenarios.Select((scenario, index) => ProgressOf(scenario, _iterations[index], now)).ToArray();
        return new LoadProgress
        {
            Active = [.. scenarios.Where(scenario => scenario.State is not (ScenarioState.Waiting or ScenarioState.Ended)).Select(scenario => scenario.Name)],
            WarmingUp = now < _run.MeasureFromNs,
            Elapsed = TimeSpan.FromMicroseconds((now - _run.StartNs) / 1000.0),
            Total = _plan.Scenarios.Max(scenario => scenario.End),
            Requests = _requests,
            Errors = _errors,
            LatestSecond = Series.LatestAt((now - _run.MeasureFromNs) / 1e9),
            Vus = scenarios.Sum(scenario => scenario.Vus),
            Scenarios = scenarios,
        };
    }

    private static ScenarioProgress ProgressOf(ScenarioSet.RunningScenario running, long iterations, long now)
    {
        var plan = running.Plan;
        var clock = running.Clock;
        var total = plan.WarmUp + plan.Duration;
        var elapsed = TimeSpan.FromMicroseconds(Math.Clamp((now - clock.StartNs) / 1000.0, 0, total.TotalMicroseconds));
        return new ScenarioProgress
        {
            Name = plan.Name,
            Executor = plan.Executor,
            State = running.Finished.IsCompleted ? ScenarioState.Ended
                : now < clock.StartNs ? ScenarioState.Waiting
                : now < clock.MeasureFromNs ? ScenarioState.WarmingUp
                : now < clock.EndNs ? ScenarioState.Running
                : ScenarioState.Stopping,
            Elapsed = elapsed,
            Total = total,
            Vus = running.Workers.Sum(worker => worker.Busy),
            VusMax = plan.Connections,
            RatePerSecond = plan.IsOpen ? RateAt(plan, now - clock.StartNs) : null,
            IterationsDone = iterations,
            IterationsTotal = plan.TotalIterations,
        };
    }

    /// <summary>Arrivals of the second that has just begun.</summary>
    private static double RateAt(Scenario plan, long elapsedNs)
    {
        var schedule = ArrivalSchedule.For(plan);
        return plan.Executor == ExecutorKind.ConstantArrivalRate
            ? plan.RatePerSecond
            : schedule.ArrivalsBefore(elapsedNs + 1_000_000_000) - schedule.ArrivalsBefore(elapsedNs);
    }
}
