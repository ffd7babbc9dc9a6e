using Headroom.Measurements;
using Headroom.Reports;

namespace Headroom.Cli.CommandLine;

/// <summary>Where a result goes: files, and a Pushgateway.</summary>
internal sealed record ReportOutputs
{
    public string? RunFile { get; init; }

    public string? Html { get; init; }

    public string? Markdown { get; init; }

    public string? JUnit { get; init; }

    public string? Csv { get; init; }

    public string? CsvRequests { get; init; }

    public string? SummaryExport { get; init; }

    public string? Prometheus { get; init; }

    /// <summary>A group of a Pushgateway.</summary>
    public Uri? PushTo { get; init; }

    private IEnumerable<(string Option, string Path, Action<string, ReportInput> Write)> Files =>
        new (string Option, string? Path, Action<string, ReportInput> Write)[]
        {
            ("--out", RunFile, OfLastRun(RunFileJson.Write)),
            ("--html", Html, HtmlReport.Write),
            ("--markdown", Markdown, MarkdownReport.Write),
            ("--junit", JUnit, OfLastRun(JUnitReport.Write)),
            ("--csv", Csv, OfLastRun(CsvReport.WriteSeries)),
            ("--csv-requests", CsvRequests, OfLastRun(CsvReport.WriteRequests)),
            ("--summary-export", SummaryExport, OfLastRun(Headroom.Reports.SummaryExport.Write)),
            ("--prometheus", Prometheus, OfLastRun(PrometheusText.Write)),
        }.Where(file => file.Path is not null).Select(file => (file.Option, file.Path!, file.Write));

    /// <summary>Finds what cannot be written, or must not be, before the load is sent, not after.</summary>
    /// <param name="sources">Files that the command reads.</param>
    /// <exception cref="UsageException">All that is wrong, a line each.</exception>
    public void CheckWritable(IEnumerable<string> sources) => WritableFile.RefuseProblems(Files.Select(static file => (file.Option, file.Path)), sources);

    /// <summary>Writes and sends all that can be, and says of each that could not why; whatever stood in a file before is then still there.</summary>
    /// <returns>Whether everything arrived.</returns>
    public async Task<bool> WriteAsync(ReportInput input)
    {
        if (PushTo is null && !Files.Any())
            return true;
        var all = true;
        input = AsKept(input);
        foreach (var (option, path, write) in Files)
        {
            try
            {
                write(path, input);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                await Console.Error.WriteLineAsync($"{option}: '{path}' was not written: {e.Message}");
                all = false;
            }
        }

        return await PushAsync(input) && all;
    }

    /// <summary>Not ended by Ctrl-C: an interrupted run has results too, and the gateway has a time limit of its own.</summary>
    private async Task<bool> PushAsync(ReportInput input)
    {
        if (PushTo is null)
            return true;
        try
        {
            await Pushgateway.PushAsync(PushTo, input.Runs[^1].Run);
            return true;
        }
        catch (PushgatewayException e)
        {
            await Console.Error.WriteLineAsync($"--pushgateway: nothing was sent to {PushTo}: {e.Message}");
            return false;
        }
    }

    /// <summary>With the digits that the run file keeps, so that the same comes of a run now and of its file later.</summary>
    private static ReportInput AsKept(ReportInput input) => input with
    {
        Runs = [.. input.Runs.Select(labeled => labeled with { Run = RunFileJson.Parse(RunFileJson.ToUtf8Bytes(labeled.Run), labeled.Label) })],
    };

    private static Action<string, ReportInput> OfLastRun(Action<string, RunFile> write) => (path, input) => write(path, input.Runs[^1].Run);
}
