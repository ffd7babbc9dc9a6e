using System.CommandLine;
using System.Text;
using Headroom.Cli.CommandLine;
using Headroom.Import;
using Headroom.Load.Plans;

namespace Headroom.Cli.Import;

/// <summary><c>headroom import har|openapi|curl|access-log|k6 FILE</c>: writes a plan from what there is; <c>k6-summary</c> a run file.</summary>
internal static class ImportCommand
{
    private static readonly Option<bool> Writes = new("--writes") { Description = "Requests that may change data (POST, PUT, PATCH, DELETE) are sent too." };

    private static readonly Option<bool> Assets = new("--assets") { Description = "Pictures, fonts, styles and scripts are taken too." };

    public static Command Create() => new("import", "Writes a plan from a HAR file, an OpenAPI description, curl commands, an access log or a k6 script, or a run file from k6's summary. Nothing is sent.")
    {
        Format("har", "From a HAR file, as browsers export it: the visit as a flow, with its pauses.", PlanImport.Har, Assets),
        Format("openapi", "From an OpenAPI 3.0 or 3.1 description, JSON or YAML: one request an operation.", PlanImport.OpenApi, Writes),
        Format("curl", "From curl command lines: one request each.", PlanImport.Curl),
        Format("access-log", "From an access log (common, combined or JSON): weights and arrivals of the real traffic.", null, Assets),
        Format("k6", "From a k6 script: its options and the calls of its functions.", PlanImport.K6),
        K6SummaryCommand.Create(),
    };

    private static Command Format(string name, string description, Func<string, ImportOptions, ImportedPlan>? import, Option<bool>? own = null)
    {
        var file = new Argument<string>("FILE") { Description = "The file to import; - reads standard input." };
        var output = Options.Path("--output", "FILE", "The plan to write; default is FILE with .plan.yaml as its ending, in the current folder. - writes to standard output.");
        output.Aliases.Add("-o");
        var target = new Option<string?>("--target") { Description = "What requests are sent to, instead of what the source says.", HelpName = "URL" };
        var force = new Option<bool>("--force") { Description = "Files of that name are replaced." };
        var command = new Command(name, description) { file, output, target, force };
        if (own is not null)
            command.Options.Add(own);
        file.Validators.Add(result =>
        {
            if (result.Tokens is not [{ Value: "-" }])
                CommandLineRunner.RefuseOptionsAsArguments(result, command);
        });
        command.SetAction(result =>
        {
            var source = new ImportSource(result.GetValue(file)!);
            var destination = new ImportDestination(result.GetValue(output), result.GetValue(file)!, source.Stem, result.GetValue(force));
            var options = new ImportOptions
            {
                Source = source.Name,
                Name = destination.PlanName,
                Target = ReadTarget(result.GetValue(target)),
                Writes = own == Writes && result.GetValue(Writes),
                Assets = own == Assets && result.GetValue(Assets),
            };
            return Write(import is null ? PlanImport.AccessLog(source.Lines(), options) : import(source.Text(), options), destination);
        });
        return command;
    }

    private static int Write(ImportedPlan plan, ImportDestination destination)
    {
        destination.Write(plan);
        var told = destination.IsStandardOutput ? Console.Error : Console.Out;
        Tell(told, plan.Notes);
        if (plan.EnvironmentVariables.Count > 0)
            told.WriteLine($"set before it is run: {string.Join(", ", plan.EnvironmentVariables)}");
        return destination.Check(plan, told) ? ExitCode.Fine : ExitCode.Usage;
    }

    /// <summary>What was guessed and what was left out.</summary>
    internal static void Tell(TextWriter told, IReadOnlyList<ImportNote> notes)
    {
        Tell(told, "guessed, please look:", notes.Where(static note => note.Kind == ImportNoteKind.Guess));
        Tell(told, "left out:", notes.Where(static note => note.Kind == ImportNoteKind.LeftOut));
    }

    private static void Tell(TextWriter told, string title, IEnumerable<ImportNote> notes)
    {
        var any = false;
        foreach (var note in notes)
        {
            if (!any)
                told.WriteLine(title);
            any = true;
            told.WriteLine($"  {Plain(note.ToString())}");
        }
    }

    // What comes from a file must not move the cursor.
    private static string Plain(string text) => text.Any(char.IsControl) ? new StringBuilder().AppendJoin("", text.Select(static letter => char.IsControl(letter) ? ' ' : letter)).ToString() : text;

    private static Uri? ReadTarget(string? text)
    {
        if (text is null)
            return null;
        return HttpAddress.TryParse(text, out var url, out var error) ? url : throw new UsageException($"--target: {error}");
    }
}
