using System.Globalization;

namespace Headroom.Telemetry.Resources;

/// <summary>
/// What the process may use of its machine: the limits of its control groups (a container's, a systemd unit's) where they set any, else the machine's.
/// Control groups in both versions, see https://docs.kernel.org/admin-guide/cgroup-v2.html (memory.max, cpu.max) and
/// https://docs.kernel.org/admin-guide/cgroup-v1/memory.html; a group is bound by the groups around it, so the least counts.
/// </summary>
/// <param name="MemoryBytes">Memory in bytes.</param>
/// <param name="Cpus">Processors; 0.5 is half of one's time.</param>
internal sealed record ResourceLimits(long MemoryBytes, double Cpus)
{
    // What version 1 writes for "no limit" is the largest number of pages.
    const long NoLimitFrom = 1L << 60;

    public static ResourceLimits Read() => Read("/", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, Environment.ProcessorCount);

    /// <param name="root">Where <c>proc</c> and <c>sys</c> are.</param>
    /// <param name="machineMemory">Bytes, when no group limits memory.</param>
    /// <param name="machineCpus">Processors, when no group limits them further.</param>
    public static ResourceLimits Read(string root, long machineMemory, int machineCpus)
    {
        long? memory = null;
        double cpus = machineCpus;
        foreach (var (controllers, path) in Groups(Path.Combine(root, "proc/self/cgroup")))
        {
            foreach (var folder in Folders(root, controllers, path))
            {
                if (Number(folder, "memory.max") is { } max && !(memory < max))
                    memory = max;
                if (controllers.Contains("memory", StringComparer.Ordinal) && Number(folder, "memory.limit_in_bytes") is { } old and < NoLimitFrom && !(memory < old))
                    memory = old;
                cpus = Math.Min(cpus, Quota(folder) ?? cpus);
            }
        }

        return new ResourceLimits(memory ?? machineMemory, cpus);
    }

    // Lines are NUMBER:CONTROLLERS:PATH; version 2 has one line, without controllers.
    static IEnumerable<(string[] Controllers, string Path)> Groups(string file)
    {
        foreach (var line in Lines(file))
        {
            var parts = line.Split(':', 3);
            if (parts.Length == 3)
                yield return (parts[1].Split(',', StringSplitOptions.RemoveEmptyEntries), parts[2].Trim('/'));
        }
    }

    // The process's own group and those around it. Inside a container the file may name a path of the host's, which is not there: the mount's root is the container's group then.
    static IEnumerable<string> Folders(string root, string[] controllers, string path)
    {
        var mount = Path.Combine(root, "sys/fs/cgroup", controllers.Length == 0 ? "" : string.Join(',', controllers));
        if (controllers.Length > 0 && !Directory.Exists(mount))
            mount = Path.Combine(root, "sys/fs/cgroup", controllers[0]);
        for (var current = path; current.Length > 0; current = Parent(current))
            yield return Path.Combine(mount, current);
        yield return mount;
    }

    static string Parent(string path) => path.LastIndexOf('/') is >= 0 and var slash ? path[..slash] : "";

    static double? Quota(string folder)
    {
        if (Lines(Path.Combine(folder, "cpu.max")).FirstOrDefault()?.Split(' ') is [var quota, var period]
            && long.TryParse(quota, NumberStyles.None, CultureInfo.InvariantCulture, out var time)
            && long.TryParse(period, NumberStyles.None, CultureInfo.InvariantCulture, out var of) && of > 0)
        {
            return (double)time / of;
        }

        return Number(folder, "cpu.cfs_quota_us") is { } oldTime && Number(folder, "cpu.cfs_period_us") is { } oldOf and > 0 ? (double)oldTime / oldOf : null;
    }

    // "max" and "-1" are no number: no limit.
    static long? Number(string folder, string file) =>
        long.TryParse(Lines(Path.Combine(folder, file)).FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    static string[] Lines(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllLines(file) : [];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
