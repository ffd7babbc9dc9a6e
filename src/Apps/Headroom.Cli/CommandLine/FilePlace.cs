namespace Headroom.Cli.CommandLine;

/// <summary>Where a file lies, however it is called: through links of files and folders, <c>..</c> and, where the system does not tell them apart, letters of either case.</summary>
internal static class FilePlace
{
    /// <summary>A chain of links that is longer goes in circles.</summary>
    private const int LinksMost = 40;

    /// <summary>Of places.</summary>
    public static StringComparer Comparer { get; } = OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    /// <summary>The place of a file, which need not be there.</summary>
    public static string Of(string path)
    {
        var links = 0;
        var whole = Path.GetFullPath(path);
        return IsDevice(whole) ? whole : Resolved(whole, ref links);
    }

    /// <summary>Whether nothing there can be replaced: <c>/dev/stdout</c> may well be the same as <c>/dev/stderr</c>, and both be written.</summary>
    public static bool IsDevice(string path) =>
        !OperatingSystem.IsWindows()
        && (path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal))
        && !path.StartsWith("/dev/shm/", StringComparison.Ordinal);

    // From the root on, because a folder on the way may be the link.
    private static string Resolved(string path, ref int links)
    {
        var place = Path.GetPathRoot(path)!;
        foreach (var name in path[place.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            place = Path.Combine(place, name);
            if (LinkTarget(place) is { } target && ++links <= LinksMost)
                place = Resolved(Path.GetFullPath(target, Path.GetDirectoryName(place)!), ref links);
        }

        return place;
    }

    private static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be looked at cannot be written either, and that is told.
            return null;
        }
    }
}
