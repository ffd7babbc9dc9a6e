using System.CommandLine;
using Headroom.Measurements;
using Headroom.Reports;

namespace Headroom.Cli.CommandLine;

/// <summary>The options that name report files, the same for every command that has figures to show.</summary>
internal sealed class OutputOptions
{
    private readonly Option<string?> _prometheus = File("--prometheus", "Write the figures as Prometheus text.");
    private readonly Option<string?> _markdown = File("--markdown", "Write a Markdown report.");
    private readonly Option<string?> _html = File("--html", "Write the HTML report: one file, no network needed.");

    public void AddTo(Command command)
    {
        foreach (var option in new[] { _prometheus, _markdown, _html })
            command.Options.Add(option);
    }

    /// <param name="result">The parsed command line.</param>
    /// <param name="runFile">Value of <c>--out</c>, where the command has it.</param>
    public ReportOutputs Read(ParseResult result, string? runFile) =>
        new(runFile, result.GetValue(_prometheus), result.GetValue(_markdown), result.GetValue(_html));

    public static Option<string?> File(string name, string description) => Options.Path(name, "FILE", description);
}

/// <summary>The files a result is written to.</summary>
internal sealed class ReportOutputs(string? runFile, string? prometheus, string? markdown, string? html)
{
    private readonly (string? Path, string Option, Action<string, ReportInput> Write)[] _files =
    [
        (runFile, "--out", (path, input) => RunFileJson.Write(path, input.Runs[^1].Run)),
        (prometheus, "--prometheus", (path, input) => PrometheusText.Write(path, input.Runs[^1].Run)),
        (markdown, "--markdown", MarkdownReport.Write),
        (html, "--html", HtmlReport.Write),
    ];

    /// <summary>Finds a folder that cannot be written to before the load is sent, not after.</summary>
    public void CheckWritable()
    {
        var problems = new List<string>();
        foreach (var (path, option, _) in _files)
        {
            if (path is null)
                continue;
            var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            if (Directory.Exists(path))
                problems.Add($"{option}: '{path}' is a folder; write a file name");
            else if (!Directory.Exists(folder))
                problems.Add($"{option}: the folder of '{path}' does not exist; create it first");
        }

        foreach (var twins in _files.Where(file => file.Path is not null).GroupBy(file => Path.GetFullPath(file.Path!), StringComparer.Ordinal).Where(group => group.Count() > 1))
            problems.Add($"{string.Join(" and ", twins.Select(file => file.Option))} name the same file; give each its own");
        if (problems.Count > 0)
            throw new UsageException(string.Join('\n', problems));
    }

    /// <summary>Writes all that can be written, and says of each that could not why; whatever stood there before is still there.</summary>
    /// <returns>Whether all were written.</returns>
    public bool Write(ReportInput input)
    {
        var all = true;
        foreach (var (path, option, write) in _files)
        {
            if (path is null)
                continue;
            try
            {
                write(path, input);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"{option}: '{path}' was not written: {e.Message}");
                all = false;
            }
        }

        return all;
    }
}
