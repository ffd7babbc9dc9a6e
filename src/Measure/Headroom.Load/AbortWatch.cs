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
    private double _nextLookSeconds = 1;

    public AbortWatch(LoadPlan plan, CompiledPlan compiled)
    {
        _plan = plan;
        _compiled = compiled;
        _scenarios = [.. plan.Scenarios.Select(_ => new LiveFigures())];
    }

    public void Add(int scenario, LiveFigures figures) => _scenarios[scenario].Add(figures);

    /// <summary>The first target that is missed, looked for once a second; null when there is none.</summary>
    /// <param name="seconds">Since measuring began.</param>
    public string? Missed(double seconds)
    {
        if (seconds < _nextLookSeconds)
            return null;
        _nextLookSeconds = Math.Floor(seconds) + 1;
        var due = _plan.AbortingTargets.Where(target => seconds >= target.Delay.TotalSeconds).ToArray();
        if (due.Length == 0)
            return null;
        var run = Figures(seconds);
        if (run.Summary.Requests == 0)
            return null;
        return due.FirstOrDefault(target => ThresholdExpression.TryParse(target.Expression, out var expression, out _) && expression.Evaluate(run) is { Passed: false, Undecided: false, Observed: not null })?.Expression;
    }

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
            Phases = [.. _plan.Scenarios.Select((scenario, index) => new RunPhase
            {
                Name = scenario.Name,
                StartSeconds = 0,
                DurationSeconds = seconds,
                Summary = RunFigures.Sum(_scenarios[index].Rows.Values).Summarize(seconds),
            })],
            Statuses = summary.Statuses,
            ErrorsByKind = summary.ErrorsByKind,
            Generator = new GeneratorUsage { CpuSeconds = 0, CpuMicrosecondsPerRequest = 0, PeakRssBytes = 0, LagMs = new LatencySummary() },
        };
    }
}
