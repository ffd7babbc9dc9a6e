using System.CommandLine;
using Headroom.Load.Plans;
using Headroom.Reports;

namespace Headroom.Cli.CommandLine;

/// <summary>The options that say where results go, the same for every command that has figures to show (docs/outputs.md).</summary>
internal sealed class OutputOptions
{
    private const string DefaultJob = "headroom";

    private readonly Option<string?> _html = File("--html", "Write the HTML report: one file, no network needed.");
    private readonly Option<string?> _markdown = File("--markdown", "Write a Markdown report.");
    private readonly Option<string?> _junit = File("--junit", "Write targets and checks as JUnit XML, for CI.");
    private readonly Option<string?> _csv = File("--csv", "Write a row a second as CSV.");
    private readonly Option<string?> _csvRequests = File("--csv-requests", "Write a row for each request name, phase and tag as CSV.");
    private readonly Option<string?> _summary = File("--summary-export", "Write the JSON summary that k6 writes, for scripts and dashboards made for it.");
    private readonly Option<string?> _prometheus = File("--prometheus", "Write the figures as Prometheus text.");
    private readonly Option<string?> _pushgateway = new("--pushgateway") { Description = "Send the figures to a Prometheus Pushgateway.", HelpName = "URL" };
    private readonly Option<string?> _job = new("--pushgateway-job") { Description = "Job to send them as. Default headroom.", HelpName = "NAME" };
    private readonly Option<string[]> _labels = Options.Many("--pushgateway-label", "NAME=VALUE", "Label to group them by, beside the job; repeatable.", CheckLabel);

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _html, _markdown, _junit, _csv, _csvRequests, _summary, _prometheus, _pushgateway, _job, _labels })
            command.Options.Add(option);
    }

    /// <param name="result">The parsed command line.</param>
    /// <param name="runFile">Value of <c>--out</c>, where the command has it.</param>
    public ReportOutputs Read(ParseResult result, string? runFile) => new()
    {
        RunFile = runFile,
        Html = result.GetValue(_html),
        Markdown = result.GetValue(_markdown),
        JUnit = result.GetValue(_junit),
        Csv = result.GetValue(_csv),
        CsvRequests = result.GetValue(_csvRequests),
        SummaryExport = result.GetValue(_summary),
        Prometheus = result.GetValue(_prometheus),
        PushTo = ReadGroup(result.GetValue(_pushgateway), result.GetValue(_job), result.GetValue(_labels) ?? []),
    };

    public static Option<string?> File(string name, string description) => Options.Path(name, "FILE", description);

    private static Uri? ReadGroup(string? gateway, string? job, string[] labels)
    {
        if (gateway is null)
        {
            return job is null && labels.Length == 0 ? null
                : throw new UsageException($"{(job is null ? "--pushgateway-label" : "--pushgateway-job")} says how to send to a Pushgateway, and none is named; write --pushgateway URL");
        }

        if (job is { Length: 0 })
            throw new UsageException("--pushgateway-job is empty; write a name, or leave it out for 'headroom'");
        var pairs = labels.Select(SplitLabel).ToList();
        if (pairs.GroupBy(pair => pair.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new UsageException($"--pushgateway-label has '{twice.Key}' {twice.Count()} times; give it once");
        return Pushgateway.Group(ReadGateway(gateway), job ?? DefaultJob, pairs);
    }

    private static Uri ReadGateway(string text)
    {
        // An address with a password is shown by `ps` and kept by shells; what is found in it is not repeated.
        if (Uri.TryCreate(text, UriKind.Absolute, out var whole) && whole.UserInfo.Length > 0)
            throw new UsageException($"--pushgateway: the address of {whole.Host} carries a user name or password; write it without, such as {whole.Scheme}://{whole.Authority}");
        if (!HttpAddress.TryParse(text, out var url, out var error))
            throw new UsageException($"--pushgateway: {error}");
        return url!.Query.Length == 0 ? url : throw new UsageException($"--pushgateway is '{text}', which has a query; write the gateway's base address, such as http://127.0.0.1:9091");
    }

    private static string? CheckLabel(string text) =>
        !text.Contains('=', StringComparison.Ordinal) ? $"--pushgateway-label is '{text}'; write NAME=VALUE, such as branch=main"
        : Pushgateway.CheckLabel(SplitLabel(text).Name) is { } problem ? $"--pushgateway-label: {problem}"
        : null;

    private static (string Name, string Value) SplitLabel(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return (text[..equals].Trim(), text[(equals + 1)..]);
    }
}
