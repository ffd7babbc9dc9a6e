using System.Runtime.InteropServices;

namespace Headroom.Cli.Sessions;

/// <summary>
/// A process group of its own for what a session starts: Ctrl-C in a terminal reaches this program alone, which then ends the group in order; and one signal ends everything in it, grandchildren
/// that have lost their parent included.
/// </summary>
internal static partial class ProcessGroup
{
    private const int SigKill = 9;
    private const int SigTerm = 15;

    /// <summary>The program that starts another in a session and group of its own (util-linux, BusyBox); null where there is none, and on Windows.</summary>
    public static string? Setsid { get; } = OperatingSystem.IsWindows() ? null : (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Concat(["/usr/bin", "/bin"])
        .Select(folder => Path.Combine(folder, "setsid"))
        .FirstOrDefault(File.Exists);

    public static void Terminate(int leader) => Signal(leader, SigTerm);

    public static void Kill(int leader) => Signal(leader, SigKill);

    /// <summary>Whether anything is left of the group.</summary>
    public static bool Exists(int leader) => leader > 1 && !OperatingSystem.IsWindows() && SendSignal(-leader, 0) == 0;

    private static void Signal(int leader, int signal)
    {
        // A group of 0 or 1 would be this program's own, or everybody's.
        if (leader > 1 && !OperatingSystem.IsWindows())
            _ = SendSignal(-leader, signal);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
