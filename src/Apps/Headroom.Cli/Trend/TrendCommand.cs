using System.CommandLine;
using Headroom.Cli.CommandLine;
using Headroom.Measurements;
using Headroom.Measurements.Comparison;
using Headroom.Reports;

namespace Headroom.Cli.Trend;

/// <summary><c>headroom trend DIR</c>: the history of stored runs, and where it changed.</summary>
internal static class TrendCommand
{
    /// <summary>Which one does not matter; that it is always the same does.</summary>
    private const int DefaultSeed = 1;

    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "Folder with run files; those in folders below are read, too." };
        var seed = Options.Whole("--seed", "Of the permutations that changes are held against. Default 1.", 1, int.MaxValue);
        var threshold = Options.Percent("--threshold", "Changes below it are not told. Default 5%.", 0.001, 10);
        var html = OutputOptions.File("--html", "Write the HTML report: one file, no network needed.");
        var markdown = OutputOptions.File("--markdown", "Write a Markdown report.");
        var command = new Command("trend", "Shows how stored runs developed, and where a figure changed its level.") { folder, seed, threshold, html, markdown };
        folder.Validators.Add(result => CommandLineRunner.RefuseOptionsAsArguments(result, command));
        command.SetAction((result, _) => RunAsync(
            result.GetValue(folder)!,
            result.GetValue(seed) ?? DefaultSeed,
            result.GetValue(threshold) ?? ComparisonOptions.DefaultThreshold,
            new ReportOutputs { Html = result.GetValue(html), Markdown = result.GetValue(markdown) }));
        return command;
    }

    private static async Task<int> RunAsync(string folder, int seed, double threshold, ReportOutputs outputs)
    {
        outputs.CheckWritable(RunFilesIn(folder));
        var runs = await ReadAsync(folder);
        var trends = RunTrends.Of(runs, seed, threshold);
        ConsoleReport.WriteTrend(Console.Out, trends, Terminal.Width, Terminal.Colour);
        await Console.Out.WriteLineAsync($"permutations: --seed {seed}");
        var latest = runs.MaxBy(named => named.Run.StartedAt);
        var written = await outputs.WriteAsync(new ReportInput($"History of {Path.GetFileName(Path.GetFullPath(folder))}", [new LabeledRun(latest.Name, latest.Run)]) { Trends = trends });
        return written ? ExitCode.Fine : ExitCode.Usage;
    }

    private static IEnumerable<string> RunFilesIn(string folder) =>
        Directory.Exists(folder) ? Below(folder, RealPath(folder), new HashSet<string>(StringComparer.Ordinal)).Order(StringComparer.Ordinal) : [];

    // A link to a folder that is read anyway ('latest'), or to one that it stands in, would make one run many.
    private static List<string> Below(string folder, string realPath, HashSet<string> read)
    {
        if (!read.Add(realPath))
            return [];
        var files = Directory.EnumerateFiles(folder, "*.json").ToList();
        var folders = Directory.EnumerateDirectories(folder).Select(static path => (Path: path, IsLink: new DirectoryInfo(path).LinkTarget is not null)).OrderBy(static below => below.IsLink).ToList();
        foreach (var (path, isLink) in folders)
            files.AddRange(Below(path, isLink ? RealPath(path) : Path.Combine(realPath, Path.GetFileName(path)), read));
        return files;
    }

    private static string RealPath(string folder) => (new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true) ?? new DirectoryInfo(folder)).FullName.TrimEnd(Path.DirectorySeparatorChar);

    /// <summary>What is no run file, or a run that was read already, is told and left out: a folder of a CI job has others, too.</summary>
    private static async Task<List<(string Name, RunFile Run)>> ReadAsync(string folder)
    {
        if (!Directory.Exists(folder))
            throw new UsageException(File.Exists(folder) ? $"'{folder}' is a file; name the folder that it is in" : $"there is no folder '{folder}'");
        var runs = new List<(string Name, RunFile Run)>();
        var known = new Dictionary<(DateTimeOffset StartedAt, string Plan, long Requests, double LatencyMean), string>();
        foreach (var file in RunFilesIn(folder))
        {
            try
            {
                var (name, run) = (Path.GetRelativePath(folder, file)[..^".json".Length], RunFileJson.Read(file));

                // Copies and links ('baseline.json') are no further runs.
                var identity = (run.StartedAt, run.Plan.Name, run.Summary.Requests, run.Summary.LatencyMs.Mean);
                if (known.TryAdd(identity, name))
                    runs.Add((name, run));
                else
                    await Console.Error.WriteLineAsync($"left out: {file}: is the run of '{known[identity]}' again");
            }
            catch (RunFileException e)
            {
                await Console.Error.WriteLineAsync($"left out: {e.Message}");
            }
        }

        return runs.Count > 0 ? runs : throw new UsageException($"'{folder}' has no run file; headroom bench and headroom load write one with --out");
    }
}
