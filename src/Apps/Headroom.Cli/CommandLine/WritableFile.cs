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
            if (IsDevice(target))
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

    /// <summary>A new file is written beside the old one and put in its place, so the folder counts, not only the file.</summary>
    private static void TryCreateIn(string folder)
    {
        var trial = Path.Combine(folder, $".headroom-{Guid.NewGuid():N}.tmp");
        new FileStream(trial, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose }).Dispose();
    }

    /// <summary>For reading as well: opening a named pipe for writing alone would wait for its reader.</summary>
    private static void TryOpen(string target) => new FileStream(target, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete).Dispose();

    private static bool IsDevice(string path) =>
        !OperatingSystem.IsWindows()
        && (path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal))
        && !path.StartsWith("/dev/shm/", StringComparison.Ordinal);
}
