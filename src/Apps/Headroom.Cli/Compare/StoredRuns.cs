using Headroom.Cli.CommandLine;
using Headroom.Measurements;
using Headroom.Measurements.Comparison;

namespace Headroom.Cli.Compare;

/// <summary>Runs that were measured before, as pairs in the order in which they are named.</summary>
internal static class StoredRuns
{
    private const string HowToWrite = "write BEFORE.json AFTER.json, further pairs behind them, two folders of run files, or one session file";

    /// <summary>All files that are read, those of folders one by one.</summary>
    public static IEnumerable<string> FilesOf(CompareRequest request) =>
        request.Sources.Concat(request.Before).Concat(request.After).SelectMany(static source => Directory.Exists(source) ? Directory.EnumerateFiles(source, "*.json") : [source]);

    /// <exception cref="UsageException">The files do not make pairs.</exception>
    /// <exception cref="RunFileException">One of them cannot be read.</exception>
    public static SessionFile Read(CompareRequest request)
    {
        if (request.Sources is [var only] && File.Exists(only) && SessionFileJson.IsSession(only))
            return SessionFileJson.Read(only);
        var (before, after) = Sides(request);
        if (before.Count != after.Count)
            throw new UsageException($"There are {before.Count} runs before and {after.Count} after; they pair up in order, so give as many of both.");
        foreach (var file in before.Concat(after).Where(SessionFileJson.IsSession))
            throw new UsageException($"'{file}' is a session, which has both sides; give it alone to judge it again.");
        var runs = before.Zip(after).SelectMany((pair, i) => new[] { RunOf(SessionFile.BeforeVariant, pair.First, i, 1), RunOf(SessionFile.AfterVariant, pair.Second, i, 2) }).ToList();
        return new SessionFile
        {
            Title = $"{runs[0].Run.Plan.Name}: {Label(before)} and {Label(after)}",
            StartedAt = runs.Min(run => run.Run.StartedAt),
            Seed = 0,
            Variants =
            [
                new SessionVariant { Name = SessionFile.BeforeVariant, Source = string.Join(' ', before) },
                new SessionVariant { Name = SessionFile.AfterVariant, Source = string.Join(' ', after) },
            ],
            Runs = runs,
        };
    }

    private static SessionRun RunOf(string variant, string file, int pair, int position) => new() { Variant = variant, Block = pair + 1, Position = position, Run = RunFileJson.Read(file) };

    private static (IReadOnlyList<string> Before, IReadOnlyList<string> After) Sides(CompareRequest request)
    {
        if (request.Before.Count + request.After.Count > 0)
        {
            return request.Sources.Count == 0 ? (request.Before, request.After)
                : throw new UsageException($"'{request.Sources[0]}' is given beside --before and --after; name the runs in one way, or add --run if these are commands or addresses to be measured.");
        }

        if (request.Sources.Count == 0)
            throw new UsageException($"No runs are given; {HowToWrite}. To measure two builds: headroom compare --run --before COMMAND --after COMMAND PLAN");
        if (request.Sources is [var one, var other] && Directory.Exists(one) && Directory.Exists(other))
            return (InFolder(one), InFolder(other));
        if (request.Sources.FirstOrDefault(Directory.Exists) is { } folder)
            throw new UsageException($"'{folder}' is a folder; {HowToWrite}.");
        if (request.Sources.Count % 2 == 1)
            throw new UsageException($"{request.Sources.Count} {(request.Sources.Count == 1 ? "run file makes no pair" : "run files make no pairs")}; {HowToWrite}.");
        return ([.. request.Sources.Where((_, i) => i % 2 == 0)], [.. request.Sources.Where((_, i) => i % 2 == 1)]);
    }

    private static List<string> InFolder(string folder)
    {
        var files = Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).ToList();
        return files.Count > 0 ? files : throw new UsageException($"'{folder}' has no .json file; {HowToWrite}.");
    }

    private static string Label(IReadOnlyList<string> files) => Path.GetFileNameWithoutExtension(files[0]) + (files.Count > 1 ? $" and {files.Count - 1} more" : "");
}
