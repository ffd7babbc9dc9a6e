using Headroom.Load.Flows;
using Headroom.Load.Recording;
using Headroom.Measurements;

namespace Headroom.Load;

/// <summary>Looks, while a run goes on, whether a target that ends it is missed: the same evaluation as at the end, over the seconds that have ended.</summary>
internal sealed class AbortWatch
{
    private readonly LoadPlan _plan;
    private readonly CompiledPlan _compiled;
    private readonly LiveFigures[] _scenarios;
    private readonly SortedDictionary<long, LiveFigures[]> _open = [];
    private readonly Stack<LiveFigures[]> _spare = new();

    /// <summary>Seconds from the beginning of measuring to the end of the last one in which a request of the scenario ended.</summary>
    private readonly double[] _lastSeconds;
    private double _lookedAtSeconds;

    public AbortWatch(LoadPlan plan, CompiledPlan compiled)
    {
        _plan = plan;
        _compiled = compiled;
        _scenarios = NewFigures();
        _lastSeconds = new double[plan.Scenarios.Count];
    }

    /// <summary>Takes what a worker of the scenario counted in a second of the run.</summary>
    public void Add(int scenario, long second, LiveFigures figures)
    {
        if (!_open.TryGetValue(second, out var open))
            _open.Add(second, open = _spare.TryPop(out var spare) ? spare : NewFigures());
        open[scenario].Add(figures);
    }

    /// <summary>
    /// The first target that is missed, looked for once a second; null when there is none. Only seconds that every worker has handed over are looked at: rates
    /// and counts of one that some have not would be too low.
    /// </summary>
    /// <param name="seconds">Since measuring began.</param>
    public string? Missed(double seconds)
    {
        var whole = Math.Floor(seconds - SeriesBuilder.HandOverSeconds);
        if (whole <= _lookedAtSeconds)
            return null;
        _lookedAtSeconds = whole;
        TakeSecondsBefore(whole);
        var due = _plan.AbortingTargets.Where(target => whole >= target.Delay.TotalSeconds).ToArray();
        if (due.Length == 0)
            return null;
        var run = Figures(whole);
        if (run.Summary.Requests == 0)
            return null;
        return due.FirstOrDefault(target => ThresholdExpression.TryParse(target.Expression, out var expression, out _) && expression.Evaluate(run) is { Passed: false, Undecided: false, Observed: not null })?.Expression;
    }

    private void TakeSecondsBefore(double whole)
    {
        while (_open.Count > 0 && _open.First() is var (second, figures) && second < whole)
        {
            _open.Remove(second);
            for (var i = 0; i < figures.Length; i++)
            {
                if (figures[i].Rows.Values.Any(row => row.Requests > 0))
                    _lastSeconds[i] = second + 1;
                _scenarios[i].Add(figures[i]);
                figures[i].Reset();
            }

            _spare.Push(figures);
        }
    }

    private LiveFigures[] NewFigures() => [.. _plan.Scenarios.Select(_ => new LiveFigures())];

    private RunFile Figures(double seconds)
    {
        var all = new LiveFigures();
        foreach (var scenario in _scenarios)
            all.Add(scenario);
        var summary = RunFigures.Sum(all.Rows.Values).Summarize(seconds);
        var rows = all.Rows.ToDictionary(row => row.Key, row => (RequestTally?)row.Value);
        var tallies = Enumerable.Range(0, _compiled.Rows.Count).Select(row => rows.GetValueOrDefault(row)).ToArray();
        return new RunFile
        {
            Plan = new RunPlan { Name = _plan.Name, Target = "" },
            Environment = new RunEnvironment { HeadroomVersion = "", Runtime = "", OperatingSystem = "", Architecture = "", ProcessorCount = 1 },
            StartedAt = default,
            DurationSeconds = seconds,
            Summary = summary,
            RequestsByName = RunFigures.ByName(_compiled, tallies, seconds),
            RequestsByTag = RunFigures.ByTag(_compiled, tallies, seconds),
            Checks = RunFigures.Checks(_compiled, check => all.Checks.GetValueOrDefault(check)),
            Phases = [.. _plan.Scenarios.Select((scenario, index) => PhaseAt(seconds, scenario, index)).OfType<RunPhase>()],
            Statuses = summary.Statuses,
            ErrorsByKind = summary.ErrorsByKind,
            Generator = new GeneratorUsage { CpuSeconds = 0, CpuMicrosecondsPerRequest = 0, PeakRssBytes = 0, LagMs = all.Lag.Summarize(), LagHistogram = all.Lag.Encode() },
        };
    }
    /// <summary>A scenario over the time that it has been measured; null before that.</summary>
    private RunPhase? PhaseAt(double seconds, Scenario scenario, int index)
    {
        static double Start(Scenario one) => (one.StartTime + one.WarmUp).TotalSeconds;
        var start = Start(scenario) - _plan.Scenarios.Where(one => one.Duration > TimeSpan.Zero).Min(Start);
        var end = scenario.TotalIterations is null ? start + scenario.Duration.TotalSeconds : _lastSeconds[index];
        var length = Math.Min(seconds, end) - start;
        return length <= 0 ? null : new RunPhase
        {
            Name = scenario.Name,
            StartSeconds = start,
            DurationSeconds = length,
            Summary = RunFigures.Sum(_scenarios[index].Rows.Values).Summarize(length),
        };
    }
}
