using System.Reflection;
using System.Runtime.InteropServices;
using Headroom.Load.Plans;
using Headroom.Load.Recording;
using Headroom.Load.Target;
using Headroom.Load.Wire;
using Headroom.Measurements;

namespace Headroom.Load;

/// <summary>Puts what workers, watches and the series hold into one run file.</summary>
internal static class RunAssembly
{
    public static RunFile Assemble(
        LoadPlan plan,
        LoadOptions options,
        ScenarioSet run,
        SeriesBuilder series,
        TargetWatch? target,
        GeneratorWatch generator,
        bool interrupted)
    {
        var startNs = run.MeasureFromNs;
        var recorders = run.Scenarios.SelectMany(scenario => scenario.Recorders).ToArray();
        var endNs = EndOf(run.Scenarios, interrupted, startNs);
        var seconds = Math.Max(0, endNs - startNs) / 1e9;

        var byName = new Dictionary<string, RequestTally>(StringComparer.Ordinal);
        for (var row = 0; row < run.Rows.Count; row++)
        {
            var tallies = recorders.Select(recorder => recorder.Tallies[row]).OfType<RequestTally>().ToArray();
            if (tallies.Length > 0)
                byName[run.Rows[row]] = Sum(tallies);
        }

        var total = Sum(byName.Values);
        var lag = new LatencyHistogram();
        foreach (var recorder in recorders)
            lag.Add(recorder.Lag);

        var summary = total.Summarize(seconds, target?.CpuSecondsBetween(startNs, endNs));
        var points = series.Build(seconds);
        var file = new RunFile
        {
            Plan = Describe(plan),
            Environment = DescribeEnvironment(),
            StartedAt = TimeProvider.System.GetUtcNow() - TimeSpan.FromMicroseconds((MonotonicClock.NowNs - startNs) / 1000.0),
            DurationSeconds = seconds,
            Interrupted = interrupted,
            Summary = summary,
            RequestsByName = byName.ToDictionary(entry => entry.Key, entry => entry.Value.Summarize(seconds), StringComparer.Ordinal),
            Phases = [.. run.Scenarios.Where(scenario => scenario.Plan.Duration > TimeSpan.Zero && scenario.MeasureFromNs < endNs)
                .Select(scenario => DescribePhase(scenario, startNs, interrupted, target))],
            Statuses = summary.Statuses,
            ErrorsByKind = summary.ErrorsByKind,
            WarmUp = new WarmUpTotals
            {
                Requests = recorders.Sum(recorder => recorder.WarmUp.Requests),
                Errors = recorders.Sum(recorder => recorder.WarmUp.Errors),
                BytesReceived = recorders.Sum(recorder => recorder.WarmUp.BytesReceived),
            },
            Generator = generator.Usage(lag, total.Requests, run.Scenarios.Max(scenario => scenario.Workers.Count)),
            Target = target?.Usage(startNs, endNs, total.Requests),
            Series = target?.Annotate(points, startNs) ?? points,
        };
        file = file with { Warnings = RunFindings.Of(plan, file, WorkerSeconds(run, startNs, endNs), recorders.Sum(recorder => recorder.UnknownCodings), options) };
        return file with { Thresholds = [.. plan.Targets.Select(text => Evaluate(text, file))] };
    }

    private static ThresholdResult Evaluate(string text, RunFile file) =>
        ThresholdExpression.TryParse(text, out var expression, out var error)
            ? expression!.Evaluate(file)
            : throw new InvalidOperationException($"The plan was validated, and yet: {error}");

    private static RequestTally Sum(IEnumerable<RequestTally> tallies)
    {
        var sum = new RequestTally();
        foreach (var tally in tallies)
            sum.Add(tally);
        return sum;
    }

    /// <summary>How long sending threads were active while measuring, added up: what their CPU time can be at most.</summary>
    private static double WorkerSeconds(ScenarioSet run, long startNs, long endNs) => run.Scenarios.Sum(scenario =>
        Math.Max(0, Math.Min(endNs, scenario.EndNs) - Math.Max(startNs, run.StartNs + (scenario.Plan.StartTime.Ticks * 100))) / 1e9 * scenario.Workers.Count);

    /// <summary>The last completion, and not before the planned end unless the run was stopped.</summary>
    private static long EndOf(IEnumerable<ScenarioSet.RunningScenario> scenarios, bool interrupted, long startNs)
    {
        var measured = scenarios.Where(scenario => scenario.Plan.Duration > TimeSpan.Zero).ToArray();
        var lastCompletion = measured.SelectMany(scenario => scenario.Recorders).Max(recorder => recorder.LastCompletionNs);
        return interrupted
            ? Math.Max(startNs, Math.Max(lastCompletion, Math.Min(MonotonicClock.NowNs, measured.Max(scenario => scenario.EndNs))))
            : Math.Max(lastCompletion, measured.Max(scenario => scenario.EndNs));
    }

    private static RunPhase DescribePhase(ScenarioSet.RunningScenario scenario, long startNs, bool interrupted, TargetWatch? target)
    {
        var endNs = EndOf([scenario], interrupted, scenario.MeasureFromNs);
        var seconds = (endNs - scenario.MeasureFromNs) / 1e9;
        var tally = Sum(scenario.Recorders.SelectMany(recorder => recorder.Tallies).OfType<RequestTally>());
        return new RunPhase
        {
            Name = scenario.Plan.Name,
            StartSeconds = (scenario.MeasureFromNs - startNs) / 1e9,
            DurationSeconds = seconds,
            Summary = tally.Summarize(seconds, target?.CpuSecondsBetween(scenario.MeasureFromNs, endNs)),
        };
    }

    private static RunPlan Describe(LoadPlan plan) => new()
    {
        Name = plan.Name,
        Target = plan.Requests[0].Url.GetLeftPart(UriPartial.Authority).Replace(plan.Requests[0].Url.UserInfo + "@", "", StringComparison.Ordinal),
        Digest = PlanDigest.Of(plan),
        WarmUpSeconds = plan.Scenarios.Sum(scenario => scenario.WarmUp.TotalSeconds),
        Phases = [.. plan.Scenarios.Where(scenario => scenario.Duration > TimeSpan.Zero).Select(scenario => new PlannedPhase
        {
            Name = scenario.Name,
            Executor = ExecutorNames.Name(scenario.Executor),
            Connections = scenario.Connections,
            RatePerSecond = scenario.Executor == ExecutorKind.ConstantArrivalRate ? scenario.RatePerSecond : null,
            DurationSeconds = scenario.Duration.TotalSeconds,
        })],
    };

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
