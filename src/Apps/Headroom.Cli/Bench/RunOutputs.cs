using Headroom.Cli.CommandLine;
using Headroom.Measurements;
using Headroom.Reports;

namespace Headroom.Cli.Bench;

/// <summary>The files a run is written to.</summary>
internal sealed class RunOutputs(string? runFile, string? prometheus, string? markdown, string? html)
{
    private readonly (string? Path, string Option, Action<string, RunFile> Write)[] _files =
    [
        (runFile, "--out", RunFileJson.Write),
        (prometheus, "--prometheus", PrometheusText.Write),
        (markdown, "--markdown", (path, run) => MarkdownReport.Write(path, Input(run))),
        (html, "--html", (path, run) => HtmlReport.Write(path, Input(run))),
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

    /// <summary>Writes all that can be written. Returns a sentence for each that could not; whatever stood there before is still there.</summary>
    public IReadOnlyList<string> Write(RunFile run)
    {
        var failures = new List<string>();
        foreach (var (path, option, write) in _files)
        {
            if (path is null)
                continue;
            try
            {
                write(path, run);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failures.Add($"{option}: '{path}' was not written: {e.Message}");
            }
        }

        return failures;
    }

    private static ReportInput Input(RunFile run) => new(run.Plan.Name, [new LabeledRun(run.Plan.Name, run)]);
}
