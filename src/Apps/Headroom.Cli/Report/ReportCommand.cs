using System.CommandLine;
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
        files.Validators.Add(result => CommandLineRunner.RefuseOptionsAsArguments(result, command));
        command.SetAction((result, _) => RunAsync(result.GetValue(files)!, outputs.Read(result, runFile: null)));
        return command;
    }

    private static async Task<int> RunAsync(string[] files, ReportOutputs outputs)
    {
        outputs.CheckWritable();
        LabeledRun[] runs = [.. files.Select(file => new LabeledRun(Path.GetFileNameWithoutExtension(file), RunFileJson.Read(file)))];
        if (runs.Length == 1)
            ConsoleReport.WriteRun(Console.Out, runs[0].Run, Terminal.Width, Terminal.Colour);
        else
            ConsoleReport.WriteComparison(Console.Out, runs[0], runs[1], Terminal.Width, Terminal.Colour);
        return await outputs.WriteAsync(new ReportInput(runs[^1].Run.Plan.Name, runs)) ? ExitCode.Fine : ExitCode.Usage;
    }
}
