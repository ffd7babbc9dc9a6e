using System.Reflection;
using System.Runtime.InteropServices;
using Headroom.Load.Flows;
using Headroom.Load.Plans;
using Headroom.Load.Recording;
using Headroom.Load.Target;
using Headroom.Load.Wire;
using Headroom.Measurements;

namespace Headroom.Load;

/// <summary>Puts what workers, watches and the series hold into one run file.</summary>
internal static class RunAssembly
{
    /// <param name="plan">What was asked for.</param>
    /// <param name="options">How it was run.</param>
    /// <param name="run">Its workers have ended.</param>
    /// <param name="collected">What was collected meanwhile.</param>
    /// <param name="target">Its process, if it could be seen.</param>
    /// <param name="teardownFailures">One sentence each.</param>
    public static RunFile Assemble(
        LoadPlan plan, LoadOptions options, ScenarioSet run, RunCollection collected, TargetWatch? target, IReadOnlyList<string> teardownFailures)
    {
        var endedEarly = collected.Interrupted || collected.AbortedBy is not null || run.Halt.FaultyFeeder is not null;
        var startNs = run.MeasureFromNs;
        var recorders = run.Scenarios.SelectMany(scenario => scenario.Recorders).ToArray();
        var endNs = EndOf(run.Scenarios, endedEarly, startNs);
        var seconds = Math.Max(0, endNs - startNs) / 1e9;
        var rows = Enumerable.Range(0, run.Compiled.Rows.Count).Select(row => SumOrNull(recorders.Select(recorder => recorder.Tallies[row]))).ToArray();
        var total = RunFigures.Sum(rows.OfType<RequestTally>());
        var lag = new LatencyHistogram();
        var iterations = new IterationTally();
        foreach (var recorder in recorders)
        {
            lag.Add(recorder.Lag);
            iterations.Add(recorder.Iterations);
        }

        var summary = total.Summarize(seconds, target?.CpuSecondsBetween(startNs, endNs));
        var points = collected.Series.Build(seconds);
        var file = new RunFile
        {
            Plan = Describe(plan),
            Environment = DescribeEnvironment(),
            StartedAt = collected.WallClockAt(startNs),
            DurationSeconds = seconds,
            Interrupted = collected.Interrupted,
            AbortedBy = collected.AbortedBy,
            Summary = summary,
            RequestsByName = RunFigures.ByName(run.Compiled, rows, seconds),
            RequestsByTag = RunFigures.ByTag(run.Compiled, rows, seconds),
            Iterations = iterations.Summarize(seconds),
            Checks = RunFigures.Checks(run.Compiled, check => (recorders.Sum(recorder => recorder.ChecksPassed[check]), recorders.Sum(recorder => recorder.ChecksFailed[check]))),
            FailedExtractions = FailedExtractions(run.Compiled, recorders),
            Phases = [.. run.Scenarios.Where(scenario => scenario.Plan.Duration > TimeSpan.Zero && scenario.Clock.MeasureFromNs < endNs)
                .Select(scenario => DescribePhase(scenario, startNs, endedEarly, target))],
            Statuses = summary.Statuses,
            ErrorsByKind = summary.ErrorsByKind,
            WarmUp = new WarmUpTotals
            {
                Requests = recorders.Sum(recorder => recorder.WarmUp.Requests),
                Errors = recorders.Sum(recorder => recorder.WarmUp.Errors),
                BytesReceived = recorders.Sum(recorder => recorder.WarmUp.BytesReceived),
            },
            Generator = collected.Generator.Usage(lag, total.Requests, run.Scenarios.Max(scenario => scenario.Workers.Count)),
            Target = target?.Usage(startNs, endNs, total.Requests),
            TargetMetrics = collected.TargetMetrics,
            Series = target?.Annotate(points, startNs) ?? points,
        };
        var facts = new RunFacts
        {
            WorkerSeconds = WorkerSeconds(run, startNs, endNs),
            UnknownCodings = recorders.Sum(recorder => recorder.UnknownCodings),
            TruncatedBodies = run.Scenarios.SelectMany(scenario => scenario.Workers).Sum(worker => worker.TruncatedBodies),
            TeardownFailures = teardownFailures,
            Halt = run.Halt,
            ClockStep = collected.ClockStep,
        };
        file = file with { Warnings = RunFindings.Of(plan, file, facts, options) };
        return file with { Thresholds = [.. plan.Targets.Select(text => Evaluate(text, file))] };
    }

    private static List<FailedExtraction> FailedExtractions(CompiledPlan plan, IReadOnlyList<Recorder> recorders) =>
    [
        .. plan.Extractions.Select((extraction, i) => (extraction, count: recorders.Sum(recorder => recorder.FailedExtractions[i])))
            .GroupBy(entry => entry.extraction, entry => entry.count)
            .Select(group => new FailedExtraction { Request = group.Key.Request, Variable = group.Key.Variable, Count = group.Sum() })
            .Where(failed => failed.Count > 0),
    ];

    private static RequestTally? SumOrNull(IEnumerable<RequestTally?> tallies)
    {
        var some = tallies.OfType<RequestTally>().ToArray();
        return some.Length > 0 ? RunFigures.Sum(some) : null;
    }

    private static ThresholdResult Evaluate(string text, RunFile file) =>
        ThresholdExpression.TryParse(text, out var expression, out var error)
            ? expression!.Evaluate(file)
            : throw new InvalidOperationException($"The plan was validated, and yet: {error}");

    /// <summary>How long sending threads were active while measuring, added up: what their CPU time can be at most.</summary>
    private static double WorkerSeconds(ScenarioSet run, long startNs, long endNs) => run.Scenarios.Sum(scenario =>
        Math.Max(0, Math.Min(endNs, scenario.Clock.EndNs) - Math.Max(startNs, run.StartNs + (scenario.Plan.StartTime.Ticks * 100))) / 1e9 * scenario.Workers.Count);

    /// <summary>The last completion, and not before the planned end unless the run was stopped: then when the workers did, whatever was sent to clean up after them.</summary>
    private static long EndOf(IEnumerable<ScenarioSet.RunningScenario> scenarios, bool interrupted, long startNs)
    {
        var measured = scenarios.Where(scenario => scenario.Plan.Duration > TimeSpan.Zero).ToArray();
        var lastCompletion = measured.SelectMany(scenario => scenario.Recorders).Max(recorder => recorder.LastCompletionNs);
        return interrupted
            ? Math.Max(startNs, Math.Max(lastCompletion, measured.Max(scenario => Math.Min(scenario.EndNs, scenario.FinishedNs))))
            : Math.Max(lastCompletion, measured.Max(scenario => scenario.EndNs));
    }

    private static RunPhase DescribePhase(ScenarioSet.RunningScenario scenario, long startNs, bool interrupted, TargetWatch? target)
    {
        var endNs = EndOf([scenario], interrupted, scenario.Clock.MeasureFromNs);
        var seconds = (endNs - scenario.Clock.MeasureFromNs) / 1e9;
        var tally = RunFigures.Sum(scenario.Recorders.SelectMany(recorder => recorder.Tallies).OfType<RequestTally>());
        return new RunPhase
        {
            Name = scenario.Plan.Name,
            StartSeconds = (scenario.Clock.MeasureFromNs - startNs) / 1e9,
            DurationSeconds = seconds,
            Summary = tally.Summarize(seconds, target?.CpuSecondsBetween(scenario.Clock.MeasureFromNs, endNs)),
        };
    }

    private static RunPlan Describe(LoadPlan plan) => new()
    {
        Name = plan.Name,
        Target = CompiledPlan.TargetOf(plan),
        Digest = PlanDigest.Of(plan),
        WarmUpSeconds = plan.Scenarios.Sum(scenario => scenario.WarmUp.TotalSeconds),
        Phases = [.. plan.Scenarios.Where(scenario => scenario.Duration > TimeSpan.Zero).Select(scenario => new PlannedPhase
        {
            Name = scenario.Name,
            Executor = ExecutorNames.Name(scenario.Executor),
            Connections = scenario.Connections,
            RatePerSecond = scenario.Executor == ExecutorKind.ConstantArrivalRate ? scenario.RatePerSecond : null,
            StartSeconds = (scenario.StartTime + scenario.WarmUp).TotalSeconds,
            Levels = Levels(scenario),
            Iterations = scenario.TotalIterations,
            DurationSeconds = scenario.Duration.TotalSeconds,
        })],
    };

    private static List<LevelPoint> Levels(Scenario scenario)
    {
        var levels = new List<LevelPoint>();
        if (scenario.Stages.Count == 0)
            return levels;
        var second = 0.0;
        levels.Add(new LevelPoint(0, scenario.StartLevel));
        foreach (var stage in scenario.Stages)
            levels.Add(new LevelPoint(second += stage.Duration.TotalSeconds, stage.Target));
        return levels;
    }

    private static RunEnvironment DescribeEnvironment() => new()
    {
        HeadroomVersion = typeof(RunAssembly).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown",
        Runtime = RuntimeInformation.FrameworkDescription,
        OperatingSystem = RuntimeInformation.OSDescription,
        Architecture = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
        Processor = ProcessorName(),
        ProcessorCount = Environment.ProcessorCount,
        MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
    };

    private static string? ProcessorName()
    {
        const string CpuInfo = "/proc/cpuinfo";
        if (!File.Exists(CpuInfo))
            return null;
        var line = File.ReadLines(CpuInfo).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
