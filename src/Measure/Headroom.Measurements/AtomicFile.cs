namespace Headroom.Measurements;

/// <summary>
/// Writes a file so that a reader sees the old content or the new one, never a part: into a temporary file beside it, flushed to the
/// disk, then renamed over it. When anything fails (a full disk, a lost permission), the old file stays and the temporary one goes.
/// </summary>
public static class AtomicFile
{
    /// <summary>Replaces or creates the file at <paramref name="path"/>.</summary>
    /// <param name="path">Where to. A symbolic link is followed. What lies under /dev or /proc is written to directly, as it cannot be replaced.</param>
    /// <param name="write">Writes the content; called once.</param>
    /// <exception cref="IOException">The disk is full, the folder does not exist, … The old file is unchanged.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission. The old file is unchanged.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        Write(path, write, CreateTemporary);
    }

    /// <param name="path">As above.</param>
    /// <param name="write">As above.</param>
    /// <param name="createTemporary">Opens the temporary file of that path anew: the seam through which tests fill the disk.</param>
    internal static void Write(string path, Action<Stream> write, Func<string, UnixFileMode?, Stream> createTemporary)
    {
        var target = Path.GetFullPath(path);
        if (IsSpecial(target))
        {
            using var stream = new FileStream(target, FileMode.Open, FileAccess.Write);
            write(stream);
            return;
        }

        if (Directory.Exists(target))
            throw new IOException($"'{path}' is a folder; name a file in it.");

        // A link without a target is no existing file, but has one to create.
        if (new FileInfo(target).LinkTarget is not null)
            target = File.ResolveLinkTarget(target, returnFinalTarget: true)!.FullName;

        var folder = Path.GetDirectoryName(target)!;
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"The folder '{folder}' does not exist; create it or choose another.");

        var temporary = Path.Combine(folder, $".headroom-{Guid.NewGuid():N}.tmp");
        try
        {
            using (var stream = createTemporary(temporary, ModeOf(target)))
            {
                write(stream);
                Flush(stream);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            Remove(temporary);
            throw;
        }
    }

    private static FileStream CreateTemporary(string path, UnixFileMode? mode)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        return new FileStream(path, options);
    }

    /// <summary>Renaming before the data is on the disk could leave an empty file after a power cut.</summary>
    private static void Flush(Stream stream)
    {
        if (stream is FileStream file)
            file.Flush(flushToDisk: true);
        else
            stream.Flush();
    }

    private static UnixFileMode? ModeOf(string path) =>
        !OperatingSystem.IsWindows() && File.Exists(path) ? File.GetUnixFileMode(path) : null;

    private static bool IsSpecial(string path) =>
        !OperatingSystem.IsWindows()
        && (path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal))
        && !path.StartsWith("/dev/shm/", StringComparison.Ordinal);

    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The failure that led here is the one to report.
        }
    }
}
