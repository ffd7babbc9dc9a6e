using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Headroom.Load.Target;

/// <summary>Finds the processes behind a local port, from Linux's /proc. Elsewhere, or without the right to look, there are none.</summary>
internal static class ListeningProcess
{
    private const string ListenState = "0A";

    /// <summary>
    /// Processes that hold a listening socket on the port of a loopback address, or on a unix socket that was bound by its whole path: a master and its
    /// workers share one.
    /// </summary>
    public static IReadOnlyList<int> Find(EndPoint address)
    {
        if (!OperatingSystem.IsLinux())
            return [];
        try
        {
            var inodes = ListeningInodes(address)
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

    private static IEnumerable<string> ListeningInodes(EndPoint address) => address switch
    {
        IPEndPoint ip when IPAddress.IsLoopback(ip.Address) => ListeningInodes("/proc/net/tcp", ip.Port).Concat(ListeningInodes("/proc/net/tcp6", ip.Port)),
        UnixDomainSocketEndPoint unix => ListeningInodes(Path.GetFullPath(unix.ToString())),
        _ => [],
    };

    /// <summary>Num, RefCount, Protocol, Flags, Type, St, Inode, Path: proc(5). The path may hold spaces.</summary>
    private static IEnumerable<string> ListeningInodes(string path)
    {
        const string AcceptsConnections = "00010000";
        if (!File.Exists("/proc/net/unix"))
            return [];
        return File.ReadLines("/proc/net/unix").Skip(1)
            .Select(line => line.Split(' ', 8, StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length == 8 && fields[3] == AcceptsConnections && fields[7] == path)
            .Select(fields => fields[6]);
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
