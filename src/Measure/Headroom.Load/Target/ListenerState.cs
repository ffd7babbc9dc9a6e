using System.Globalization;
using System.Net;

namespace Headroom.Load.Target;

/// <summary>How many connections listening sockets of this machine have and hold back.</summary>
/// <param name="Connections">Established ones.</param>
/// <param name="AcceptQueue">Those that the process has not accepted yet.</param>
internal sealed record ListenerState(int Connections, int AcceptQueue)
{
    private const string Established = "01";
    private const string Listen = "0A";

    /// <summary>Of the loopback addresses among these, from Linux's /proc; null where there is none, or it cannot be read.</summary>
    public static ListenerState? Of(IReadOnlyList<EndPoint> addresses)
    {
        var ports = addresses.OfType<IPEndPoint>().Where(address => IPAddress.IsLoopback(address.Address))
            .Select(address => ":" + address.Port.ToString("X4", CultureInfo.InvariantCulture)).ToHashSet(StringComparer.Ordinal);
        if (!OperatingSystem.IsLinux() || ports.Count == 0)
            return null;
        try
        {
            return Count(new[] { "/proc/net/tcp", "/proc/net/tcp6" }.Where(File.Exists).SelectMany(table => File.ReadLines(table).Skip(1)), ports);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>sl, local_address, rem_address, st, tx_queue:rx_queue, …: proc(5). rx_queue of a listening socket is the length of its accept queue.</summary>
    /// <param name="lines">Of the table, without its head.</param>
    /// <param name="ports">As the table writes them, with the colon.</param>
    internal static ListenerState Count(IEnumerable<string> lines, IReadOnlySet<string> ports)
    {
        var (connections, waiting) = (0, 0);
        foreach (var line in lines)
        {
            var fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 6 || !ports.Contains(fields[1][fields[1].IndexOf(':', StringComparison.Ordinal)..]))
                continue;
            if (fields[3] == Established)
                connections++;
            else if (fields[3] == Listen && int.TryParse(fields[4].AsSpan(fields[4].IndexOf(':', StringComparison.Ordinal) + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var queue))
                waiting += queue;
        }

        return new ListenerState(connections, waiting);
    }
}
