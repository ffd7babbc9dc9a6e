using System.Runtime.InteropServices;

namespace Headroom.Http.Tests.Limits;

/// <summary>How many files and sockets this process may have open, on Linux and macOS.</summary>
internal static class FileDescriptors
{
    const int Resource = 7; // RLIMIT_NOFILE on Linux

    /// <summary>Raises the limit as far as the system allows.</summary>
    /// <returns>The limit from now on.</returns>
    public static long Raise(long wanted)
    {
        if (!OperatingSystem.IsLinux() || GetLimit(Resource, out var limit) != 0)
            return 4_000;
        if (limit.Soft >= (ulong)wanted)
            return (long)limit.Soft;

        // A privileged process may raise the hard limit too.
        var raised = new Limit { Soft = (ulong)wanted, Hard = Math.Max(limit.Hard, (ulong)wanted) };
        if (SetLimit(Resource, ref raised) == 0)
            return wanted;
        raised = new Limit { Soft = Math.Min(limit.Hard, (ulong)wanted), Hard = limit.Hard };
        return SetLimit(Resource, ref raised) == 0 ? (long)raised.Soft : (long)limit.Soft;
    }

    [DllImport("libc", EntryPoint = "getrlimit")]
    static extern int GetLimit(int resource, out Limit limit);

    [DllImport("libc", EntryPoint = "setrlimit")]
    static extern int SetLimit(int resource, ref Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
