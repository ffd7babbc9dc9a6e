using System.Globalization;
using Headroom.Load.Executors;
using Headroom.Load.Flows;
using Headroom.Load.Recording;
using Headroom.Load.Wire;

namespace Headroom.Load;

/// <summary>Sends a plan's setup or teardown: one VU, one iteration, by the same means as the load.</summary>
internal static class SequenceRun
{
    private const int FirstFailedStatus = 400;

    /// <summary>Sends the requests in turn and returns what went wrong, one sentence each.</summary>
    /// <param name="plan">For its limits.</param>
    /// <param name="options">How to connect.</param>
    /// <param name="compiled">What was extracted becomes known to all VUs.</param>
    /// <param name="flow">Setup or teardown.</param>
    /// <param name="cancellation">Ends it early.</param>
    public static async Task<IReadOnlyList<string>> RunAsync(
        LoadPlan plan, LoadOptions options, CompiledPlan compiled, CompiledFlow flow, CancellationToken cancellation)
    {
        var now = MonotonicClock.NowNs;
        var longest = LongestNs(plan, compiled, flow);
        var scenario = new Scenario
        {
            Name = flow.Name,
            Executor = ExecutorKind.PerVuIterations,
            Connections = 1,
            Iterations = 1,
            Duration = TimeSpan.FromMicroseconds(longest / 1000.0),
        };
        var clock = new ScenarioClock { StartNs = now, MeasureFromNs = now, EndNs = now + longest, GiveUpNs = now + longest };
        var vu = new VirtualUser(0, 0, new SeededRandom(plan.Seed, -1, 0))
        {
            Values = compiled.UsesVariables ? new VariableValues(compiled.Variables) { Vu = 1 } : null,
            FeederNumbers = [.. compiled.Variables.Feeders.Select(_ => 0)],
        };
        var recorder = new Recorder(compiled.Rows.Count, compiled.Checks.Count, compiled.Extractions.Count, 0, now, now, new SliceExchange());
        var worker = new Worker(
            new WorkerPlan
            {
                Clock = clock,
                Plan = compiled,
                Flows = [flow],
                Choice = new RequestChoice([(0, 1)], plan.Seed),
                Vus = [vu],
                Source = new ClosedSource(scenario, clock, VuSchedule.For(scenario), IterationBudget.For(scenario, workers: 1), [vu]),
                Halt = new RunHalt(),
                RedirectsMax = plan.RedirectsMax,
                CaptureBytesMax = plan.CaptureBytesMax,
            },
            Wires.Create(plan, options, compiled.Origins, 1),
            recorder);
        using (cancellation.Register(worker.Stop))
            await WorkerThread.RunAsync(worker, flow.Name);
        cancellation.ThrowIfCancellationRequested();
        ShareValues(compiled, flow, vu);
        return Failures(compiled, recorder);
    }

    /// <summary>What its requests may take, each with a time of its own, all of their redirects followed.</summary>
    private static long LongestNs(LoadPlan plan, CompiledPlan compiled, CompiledFlow flow) => (plan.RedirectsMax + 1) * flow.Steps
        .Where(step => step.Operation == FlowOperation.Request)
        .Sum(step => (long)plan.ConnectTimeout.TotalNanoseconds + (compiled.Requests[step.Target].Image.TimeoutNs ?? (long)plan.Timeout.TotalNanoseconds));

    private static void ShareValues(CompiledPlan compiled, CompiledFlow flow, VirtualUser vu)
    {
        foreach (var request in flow.Steps.Where(step => step.Operation == FlowOperation.Request).Select(step => compiled.Requests[step.Target]))
        {
            foreach (var extraction in request.Extractions)
            {
                if (vu.Values!.TryGet(extraction.Slot, out var value))
                    compiled.Variables.SetCommon(extraction.Slot, value.ToArray());
            }
        }
    }

    private static List<string> Failures(CompiledPlan compiled, Recorder recorder)
    {
        var failures = new List<string>();
        for (var row = 0; row < recorder.Tallies.Length; row++)
        {
            if (recorder.Tallies[row] is not { Errors: > 0 } tally)
                continue;
            var status = Array.FindIndex(tally.StatusCounts, FirstFailedStatus, count => count > 0);
            failures.Add(status > 0
                ? string.Create(CultureInfo.InvariantCulture, $"'{compiled.Rows[row].Name}' was answered with status {status}")
                : $"'{compiled.Rows[row].Name}' failed: {string.Join(", ", tally.ErrorsByKind.Keys)}");
        }

        for (var check = 0; check < recorder.ChecksFailed.Length; check++)
        {
            if (recorder.ChecksFailed[check] > 0)
                failures.Add($"the check '{compiled.Checks[check].Name}' of '{compiled.Checks[check].Request}' did not hold");
        }

        for (var extraction = 0; extraction < recorder.FailedExtractions.Length; extraction++)
        {
            if (recorder.FailedExtractions[extraction] > 0)
                failures.Add($"'{compiled.Extractions[extraction].Request}' had nothing to extract as '{compiled.Extractions[extraction].Variable}'");
        }

        return failures;
    }
}

/// <summary>A request of the plan's setup failed, so that no load was sent.</summary>
public sealed class LoadSetupException : Exception
{
    internal LoadSetupException(IReadOnlyList<string> failures)
        : base($"The plan's setup failed, so no load was sent: {string.Join("; ", failures)}.") => Failures = failures;

    /// <summary>One sentence each.</summary>
    public IReadOnlyList<string> Failures { get; }
}
