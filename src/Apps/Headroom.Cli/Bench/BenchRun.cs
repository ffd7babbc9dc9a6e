using Headroom.Cli.CommandLine;
using Headroom.Cli.Live;
using Headroom.Load;
using Headroom.Measurements;
using Headroom.Reports;

namespace Headroom.Cli.Bench;

/// <summary>Runs a plan and tells what came back: <c>headroom bench</c> and <c>headroom load</c> alike.</summary>
internal static class BenchRun
{
    /// <summary>Sends the load, shows the report, writes the files.</summary>
    /// <param name="plan">What to send.</param>
    /// <param name="request">How, and where the results go.</param>
    /// <param name="graded">Whether to print the run's grade, and have it count in the exit code.</param>
    /// <param name="cancellation">Ends the run; what was measured is told all the same.</param>
    public static async Task<int> MeasureAsync(LoadPlan plan, BenchRequest request, bool graded, CancellationToken cancellation)
    {
        var run = await SendAsync(plan, request, cancellation);
        ConsoleReport.WriteRun(Console.Out, run, Terminal.Width, Terminal.Colour);
        var grade = graded ? RunGrade.Of(run) : null;
        if (grade is not null)
            ConsoleReport.WriteGrade(Console.Out, grade, Terminal.Width, Terminal.Colour);
        var written = await request.Outputs.WriteAsync(new ReportInput(run.Plan.Name, [new LabeledRun(run.Plan.Name, run)]));
        var code = ExitCodeOf(run, written);
        return code == ExitCode.Fine && grade is not null ? ExitCodeOf(grade) : code;
    }

    /// <summary>A grade is a gate: from critical on it is missed.</summary>
    public static int ExitCodeOf(RunGrade grade) => grade.Overall >= Grade.Critical ? ExitCode.Missed : ExitCode.Fine;

    public static async Task<RunFile> SendAsync(LoadPlan plan, BenchRequest request, CancellationToken cancellation)
    {
        await using var view = LiveView.Create(request.Quiet, plan);
        return await LoadRun.RunAsync(plan, request.LoadOptions, view, cancellation);
    }

    /// <summary>Mistakes are told before anything else happens.</summary>
    public static void RefuseMistakes(LoadPlan plan, BenchRequest request)
    {
        request.Outputs.CheckWritable([.. plan.SourceFiles, .. request.SourceFiles]);
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

        return !LoadRun.WasCutOff(run) && run.Thresholds.All(threshold => threshold.Passed || threshold.Undecided) ? ExitCode.Fine : ExitCode.Missed;
    }
}
