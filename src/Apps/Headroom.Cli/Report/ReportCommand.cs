using System.CommandLine;
using Headroom.Cli.Bench;
using Headroom.Cli.CommandLine;
using Headroom.Measurements;
using Headroom.Reports;

namespace Headroom.Cli.Report;

/// <summary><c>headroom report RUN [RUN]</c>: shows stored run files again, one alone or two side by side.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("RUN") { Description = "A run file; with two, the second is compared with the first.", Arity = new ArgumentArity(1, 2) };
        var outputs = new OutputOptions();
        var command = new Command("report", "Shows stored run files: one alone, or two side by side.") { files };
        outputs.AddTo(command);
        var grade = GradeOption();
        command.Options.Add(grade);
        files.Validators.Add(result => CommandLineRunner.RefuseOptionsAsArguments(result, command));
        command.SetAction((result, _) => RunAsync(result.GetValue(files)!, outputs.Read(result, runFile: null), result.GetValue(grade)));
        return command;
    }

    /// <summary>Of every command that shows a run.</summary>
    public static Option<bool> GradeOption() => new("--grade")
    {
        Description = "Print the run's grade (acceptable, warning, critical, failed) by latency, errors and growth of memory; from critical on the exit code is 1.",
    };

    private static async Task<int> RunAsync(string[] files, ReportOutputs outputs, bool graded)
    {
        outputs.CheckWritable(files);
        LabeledRun[] runs = [.. files.Select(file => new LabeledRun(Path.GetFileNameWithoutExtension(file), RunFileJson.Read(file)))];
        if (runs.Length == 1)
            ConsoleReport.WriteRun(Console.Out, runs[0].Run, Terminal.Width, Terminal.Colour);
        else
            ConsoleReport.WriteComparison(Console.Out, runs[0], runs[1], Terminal.Width, Terminal.Colour);
        var grade = graded ? RunGrade.Of(runs[^1].Run) : null;
        if (grade is not null)
            ConsoleReport.WriteGrade(Console.Out, grade, Terminal.Width, Terminal.Colour);
        if (!await outputs.WriteAsync(new ReportInput(runs[^1].Run.Plan.Name, runs)))
            return ExitCode.Usage;
        return grade is null ? ExitCode.Fine : BenchRun.ExitCodeOf(grade);
    }
}
