using System.CommandLine;
using Headroom.Cli.CommandLine;
using Headroom.Cli.Live;
using Headroom.Load;
using Headroom.Load.Plans;
using Headroom.Measurements;
using Headroom.Reports;

namespace Headroom.Cli.Bench;

/// <summary><c>headroom bench URL|PLAN</c>: measure an API and judge it against targets.</summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var options = new BenchOptions();
        var command = new Command("bench", "Measures an API: latency, throughput, errors, cache hits, and what its process uses.");
        options.AddTo(command);
        command.SetAction((result, cancellation) => RunAsync(options.Read(result), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(BenchRequest request, CancellationToken cancellation)
    {
        var plan = BenchPlan.From(request);
        request.Outputs.CheckWritable();
        RefuseMistakes(plan);

        RunFile run;
        await using (var view = LiveView.Create(request.Quiet, plan))
            run = await LoadRun.RunAsync(plan, request.LoadOptions, view, cancellation);

        ConsoleReport.WriteRun(Console.Out, run, Terminal.Width, Terminal.Colour);
        var written = await request.Outputs.WriteAsync(new ReportInput(run.Plan.Name, [new LabeledRun(run.Plan.Name, run)]));
        return ExitCodeOf(run, written);
    }

    /// <summary>Mistakes are told before anything else happens.</summary>
    private static void RefuseMistakes(LoadPlan plan)
    {
        var problems = plan.Validate();
        if (problems.Count > 0)
            throw new UsageException(string.Join('\n', problems));
    }

    private static int ExitCodeOf(RunFile run, bool written)
    {
        if (run.Interrupted)
            return ExitCode.Interrupted;
        if (!written)
            return ExitCode.Usage;
        if (LoadRun.NeverConnected(run))
        {
            Console.Error.WriteLine($"Cannot reach {run.Plan.Target} any more: every request failed to connect ({string.Join(", ", run.ErrorsByKind.Keys)}).");
            return ExitCode.Unreachable;
        }

        var wasCutOff = run.AbortedBy is not null || run.Warnings.Any(warning => warning is { Code: "feeder-exhausted", Severity: FindingSeverity.Critical });
        return !wasCutOff && run.Thresholds.All(threshold => threshold.Passed || threshold.Undecided) ? ExitCode.Fine : ExitCode.Missed;
    }
}
