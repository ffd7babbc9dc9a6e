using System.Globalization;

namespace Headroom.Load.Target;

/// <summary>What processes of this machine may use at most, from Linux's /proc and its control groups. Elsewhere, or without the right to look, it is not known.</summary>
internal static class ProcessLimits
{
    private const string GroupRoot = "/sys/fs/cgroup";

    /// <summary>Cores: what the affinity allows, or less where a control group's quota does. Of several processes the most.</summary>
    public static double? CpuCores(IReadOnlyList<int> processIds) => Most(processIds, pid =>
    {
        var allowed = Field($"/proc/{pid}/status", "Cpus_allowed_list:") is { } list ? CountOf(list) : (double?)null;
        return QuotaOf(pid) is { } quota && quota < (allowed ?? double.MaxValue) ? quota : allowed;
    });

    /// <summary>File descriptors: the soft limit.</summary>
    public static double? OpenHandles(IReadOnlyList<int> processIds) => Most(processIds, pid =>
        Field($"/proc/{pid}/limits", "Max open files") is { } limits && double.TryParse(limits.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture, out var soft) ? soft : null);

    /// <summary>Of a list of ranges, <c>0-3,8</c>.</summary>
    internal static int CountOf(string list) => list.Split(',').Sum(range =>
    {
        var ends = range.Trim().Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture)).ToArray();
        return ends[^1] - ends[0] + 1;
    });

    /// <summary>Of cgroup v2's cpu.max, <c>200000 100000</c>; null without a quota.</summary>
    internal static double? QuotaOf(string cpuMax)
    {
        var parts = cpuMax.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return parts.Length == 2 && double.TryParse(parts[0], CultureInfo.InvariantCulture, out var quota) && double.TryParse(parts[1], CultureInfo.InvariantCulture, out var period) && period > 0
            ? quota / period : null;
    }

    private static double? QuotaOf(int pid)
    {
        // 0::/path is the one line of cgroup v2.
        var path = File.ReadLines($"/proc/{pid}/cgroup").FirstOrDefault(line => line.StartsWith("0::", StringComparison.Ordinal))?[3..];
        var file = path is null ? null : $"{GroupRoot}{path.TrimEnd('/')}/cpu.max";
        return File.Exists(file) ? QuotaOf(File.ReadAllText(file)) : null;
    }

    private static string? Field(string file, string name) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..].Trim();

    private static double? Most(IReadOnlyList<int> processIds, Func<int, double?> read)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        double? most = null;
        foreach (var pid in processIds)
        {
            try
            {
                most = read(pid) is { } value && value > (most ?? 0) ? value : most;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
            {
                // It has ended, or is another user's.
            }
        }

        return most;
    }
}
