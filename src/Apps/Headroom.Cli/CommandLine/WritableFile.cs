namespace Headroom.Cli.CommandLine;

/// <summary>
/// Whether a file could be written, found out by trying: permissions, read-only file systems, full tables of inodes and quotas all say no in their own way, and only
/// the attempt asks all of them. Leaves nothing behind and changes nothing.
/// </summary>
internal static class WritableFile
{
    /// <summary>What is wrong, and what to do; null when nothing is.</summary>
    public static string? ProblemOf(string path)
    {
        try
        {
            if (Directory.Exists(path))
                return $"'{path}' is a folder; write a file name";

            // Written through a link, as the report itself will be.
            var target = new FileInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : Path.GetFullPath(path);
            if (FilePlace.IsDevice(target))
                return File.Exists(target) ? null : $"there is no '{path}'";
            var folder = Path.GetDirectoryName(target)!;
            if (!Directory.Exists(folder))
                return $"the folder of '{path}' does not exist; create it first";
            if (File.Exists(target))
                TryOpen(target);
            TryCreateIn(folder);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"'{path}' cannot be written: {e.Message.TrimEnd('.')}; choose another place or change the permissions";
        }
    }

    /// <summary>What is wrong with the files that a command is to write, a line each: one that cannot be written, that it reads itself, or that two of its options name.</summary>
    /// <param name="files">Each with the option that names it.</param>
    /// <param name="sources">What the command reads: a plan and its files, runs, a recording. <c>-</c> is standard input.</param>
    public static IReadOnlyList<string> ProblemsOf(IEnumerable<(string Option, string Path)> files, IEnumerable<string> sources)
    {
        var all = files.ToList();
        var read = sources.Where(static source => source != "-").Select(FilePlace.Of).ToHashSet(FilePlace.Comparer);
        var problems = all.Select(file => read.Contains(FilePlace.Of(file.Path))
            ? $"{file.Option}: '{file.Path}' is what is read here, and would be replaced; write another name"
            : ProblemOf(file.Path) is { } problem ? $"{file.Option}: {problem}" : null).OfType<string>();
        var twins = all.GroupBy(static file => FilePlace.Of(file.Path), FilePlace.Comparer).Where(static group => group.Count() > 1)
            .Select(static group => $"{string.Join(" and ", group.Select(static file => file.Option))} name the same file; give each its own");
        return [.. problems, .. twins];
    }

    /// <summary>Before anything is written.</summary>
    /// <inheritdoc cref="ProblemsOf" path="/param"/>
    /// <exception cref="UsageException">All that is wrong.</exception>
    public static void RefuseProblems(IEnumerable<(string Option, string Path)> files, IEnumerable<string> sources)
    {
        if (ProblemsOf(files, sources) is { Count: > 0 } problems)
            throw new UsageException(string.Join('\n', problems));
    }

    /// <summary>A new file is written beside the old one and put in its place, so the folder counts, not only the file.</summary>
    private static void TryCreateIn(string folder)
    {
        var trial = Path.Combine(folder, $".headroom-{Guid.NewGuid():N}.tmp");
        new FileStream(trial, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose }).Dispose();
    }

    /// <summary>For reading as well: opening a named pipe for writing alone would wait for its reader.</summary>
    private static void TryOpen(string target) => new FileStream(target, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete).Dispose();
}
