using System.CommandLine;
using Headroom.Cli.CommandLine;
using Headroom.Measurements.Comparison;
using Headroom.Reports;

namespace Headroom.Cli.Compare;

/// <summary>The options that say where a session's results go.</summary>
internal sealed class SessionOutputOptions
{
    private readonly Option<string?> _out = OutputOptions.File("--out", "Write every run and what was concluded (JSON, headroom-session/1).");
    private readonly Option<string?> _html = OutputOptions.File("--html", "Write the HTML report: one file, no network needed.");
    private readonly Option<string?> _markdown = OutputOptions.File("--markdown", "Write a Markdown report.");

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _out, _html, _markdown })
            command.Options.Add(option);
    }

    public SessionOutputs Read(ParseResult result) => new() { Session = result.GetValue(_out), Html = result.GetValue(_html), Markdown = result.GetValue(_markdown) };
}

/// <summary>Files that a session's results go to.</summary>
internal sealed record SessionOutputs
{
    public string? Session { get; init; }

    public string? Html { get; init; }

    public string? Markdown { get; init; }

    private IEnumerable<(string Option, string Path)> Files =>
        new[] { ("--out", Session), ("--html", Html), ("--markdown", Markdown) }.Where(file => file.Item2 is not null).Select(file => (file.Item1, file.Item2!));

    /// <summary>Finds what cannot be written, or must not be, before anything is measured, not after.</summary>
    /// <param name="sources">Files that the command reads.</param>
    /// <exception cref="UsageException">All that is wrong, a line each.</exception>
    public void CheckWritable(params IEnumerable<string> sources) => WritableFile.RefuseProblems(Files, sources);

    /// <summary>Writes all that can be, and says of each that could not why.</summary>
    /// <returns>Whether everything was written.</returns>
    public async Task<bool> WriteAsync(SessionFile session, ReportInput report)
    {
        var all = true;
        foreach (var (option, path) in Files)
        {
            try
            {
                if (path == Session)
                    SessionFileJson.Write(path, session);
                else if (path == Html)
                    HtmlReport.Write(path, report);
                else
                    MarkdownReport.Write(path, report);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or Measurements.RunFileException)
            {
                await Console.Error.WriteLineAsync($"{option}: '{path}' was not written: {e.Message}");
                all = false;
            }
        }

        return all;
    }
}
