using System.CommandLine;
using System.Text;
using Headroom.Cli.CommandLine;
using Headroom.Load;
using Headroom.Load.Plans;
using Headroom.Measurements;

namespace Headroom.Cli.Export;

/// <summary><c>headroom export k6 PLAN</c>: writes a plan as a script that k6 runs. Nothing is sent.</summary>
internal static class ExportCommand
{
    private const string StandardOutput = "-";

    public static Command Create() => new("export", "Writes a plan as a script for k6. Nothing is sent.") { CreateK6() };

    private static Command CreateK6()
    {
        var plan = new Argument<string>("PLAN") { Description = "A plan file." };
        var output = Options.Path("--output", "FILE", "The script to write; files that it opens are written beside it. Default is -, standard output.");
        output.Aliases.Add("-o");
        var baseUrl = new Option<string?>("--base-url") { Description = "The default of the script's BASE_URL, instead of the plan's target.", HelpName = "URL" };
        var force = new Option<bool>("--force") { Description = "Files of that name are replaced." };
        var command = new Command("k6", "Writes a script with the plan's scenarios, thresholds, checks, weights, feeders and extractions.") { plan, output, baseUrl, force };
        plan.Validators.Add(result => CommandLineRunner.RefuseOptionsAsArguments(result, command));
        command.SetAction(result =>
        {
            var path = result.GetValue(plan)!;
            var file = result.GetValue(output) ?? StandardOutput;
            var script = K6Script.FromFile(LoadPlanFile.ReadText(path), path, Path.GetDirectoryName(Path.GetFullPath(path))!, NameOf(file == StandardOutput ? path : file), ReadBaseUrl(result.GetValue(baseUrl)), Environment.GetEnvironmentVariable);
            Write(script, file, [path, .. script.SourceFiles], result.GetValue(force));
            foreach (var note in script.Notes)
                Console.Error.WriteLine(note);
            return ExitCode.Fine;
        });
        return command;
    }

    /// <summary>All files or none that would replace another.</summary>
    private static void Write(K6Script script, string output, IEnumerable<string> sources, bool force)
    {
        if (output == StandardOutput)
        {
            if (script.Files.Count > 0)
                throw new UsageException($"the script has files beside it ({string.Join(", ", script.Files.Select(static file => file.Name))}); give --output a file name");
            Console.Out.Write(script.Text);
            return;
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(output))!;
        var files = script.Files.Select(file => (Path: Path.Combine(folder, file.Name), file.Content)).Prepend((Path: output, Content: Encoding.UTF8.GetBytes(script.Text))).ToList();
        WritableFile.RefuseProblems(files.Select(static file => ("--output", file.Path)), sources);
        if (!force && files.Find(static file => File.Exists(file.Path)).Path is { } existing)
            throw new UsageException($"'{existing}' exists; --force replaces it, --output writes elsewhere");
        foreach (var (path, content) in files)
        {
            AtomicFile.Write(path, stream => stream.Write(content.Span));
            Console.WriteLine($"written: {path}");
        }
    }

    /// <summary>The file's name without its ending, of letters that names of files and k6's operator take.</summary>
    private static string NameOf(string path)
    {
        var name = string.Concat(Path.GetFileNameWithoutExtension(path).Select(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_' ? letter : '-')).Trim('-', '.');
        return name.Length == 0 ? "plan" : name;
    }

    private static Uri? ReadBaseUrl(string? text)
    {
        if (text is null)
            return null;
        return HttpAddress.TryParse(text, out var url, out var error) ? url : throw new UsageException($"--base-url: {error}");
    }
}
