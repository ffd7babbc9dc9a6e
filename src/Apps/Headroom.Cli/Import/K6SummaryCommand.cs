using System.CommandLine;
using Headroom.Cli.CommandLine;
using Headroom.Import;
using Headroom.Measurements;

namespace Headroom.Cli.Import;

/// <summary><c>headroom import k6-summary FILE</c>: writes a run file from k6's summary, for reports and comparisons.</summary>
internal static class K6SummaryCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The summary, JSON; - reads standard input." };
        var output = Options.Path("--output", "FILE", "The run file to write; default is FILE with .run.json as its ending, in the current folder.");
        output.Aliases.Add("-o");
        var force = new Option<bool>("--force") { Description = "A file of that name is replaced." };
        var command = new Command("k6-summary", "From k6's summary (--summary-export, or handleSummary as 'headroom export k6' writes it): a run file for report and compare.") { file, output, force };
        file.Validators.Add(result =>
        {
            if (result.Tokens is not [{ Value: "-" }])
                CommandLineRunner.RefuseOptionsAsArguments(result, command);
        });
        command.SetAction(result => Import(result.GetValue(file)!, result.GetValue(output), result.GetValue(force)));
        return command;
    }

    private static int Import(string file, string? output, bool force)
    {
        var source = new ImportSource(file);
        var stem = source.Stem.EndsWith(".summary", StringComparison.Ordinal) ? source.Stem[..^".summary".Length] : source.Stem;
        var path = output ?? $"{stem}.run.json";
        WritableFile.RefuseProblems([("--output", path)], [file]);
        var imported = RunImport.K6Summary(source.Text(), new RunImportOptions { Source = source.Name, Name = stem, EndedAt = source.WrittenAt });
        if (!force && File.Exists(path))
            throw new UsageException($"'{path}' exists; --force replaces it, --output writes elsewhere");
        RunFileJson.Write(path, imported.Run);
        Console.WriteLine($"written: {path}");
        ImportCommand.Tell(Console.Out, imported.Notes);
        return ExitCode.Fine;
    }
}
