using System.Globalization;
using System.Net;

namespace Headroom.Load.Target;

/// <summary>Finds the processes behind a local port, from Linux's /proc. Elsewhere, or without the right to look, there are none.</summary>
internal static class ListeningProcess
{
    private const string ListenState = "0A";

    /// <summary>Processes that hold a listening socket on the port of a loopback or local address: a master and its workers share one.</summary>
    public static IReadOnlyList<int> Find(IPEndPoint address)
    {
        if (!OperatingSystem.IsLinux() || !IPAddress.IsLoopback(address.Address))
            return [];
        try
        {
            var inodes = ListeningInodes("/proc/net/tcp", address.Port).Concat(ListeningInodes("/proc/net/tcp6", address.Port))
                .Select(inode => $"socket:[{inode}]")
                .ToHashSet(StringComparer.Ordinal);
            return inodes.Count == 0 ? [] : [.. ProcessIds().Where(pid => Holds(pid, inodes)).Order()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The process and all that descend from it.</summary>
    public static IReadOnlyList<int> WithDescendants(int root)
    {
        if (!OperatingSystem.IsLinux())
            return [root];
        var found = new List<int> { root };
        try
        {
            var children = ProcessIds().Select(pid => (Pid: pid, Parent: ParentOf(pid))).ToLookup(entry => entry.Parent, entry => entry.Pid);
            for (var i = 0; i < found.Count; i++)
                found.AddRange(children[found[i]]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Out of file descriptors, say: the process itself is still looked at.
        }

        return found;
    }

    private static IEnumerable<string> ListeningInodes(string table, int port)
    {
        if (!File.Exists(table))
            yield break;
        var suffix = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        foreach (var line in File.ReadLines(table).Skip(1))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 9 && fields[3] == ListenState && fields[1].EndsWith(suffix, StringComparison.Ordinal))
                yield return fields[9];
        }
    }

    private static IEnumerable<int> ProcessIds() =>
        Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid > 0);

    private static bool Holds(int pid, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd")
                .Any(entry => File.ResolveLinkTarget(entry, returnFinalTarget: false) is { } target && sockets.Contains(target.Name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another user's process, or one that has just ended.
            return false;
        }
    }

    private static int ParentOf(int pid)
    {
        try
        {
            // pid (name) state ppid: the name may hold anything, so count from its last parenthesis.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return int.Parse(fields[1], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
