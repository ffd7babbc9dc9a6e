using System.Diagnostics;
using System.Runtime.InteropServices;
using Headroom.Cli.CommandLine;

namespace Headroom.Cli.Gateway;

/// <summary>
/// Runs another .NET program in the place of this one. On Unix this process becomes it (execvp): signals, standard streams and the exit code are the program's own, and whoever started
/// headroom has the gateway's process id. On Windows, which has no such call, it is a child that shares the console, and so its Ctrl-C.
/// </summary>
internal static class GatewayProcess
{
    /// <returns>The program's exit code; on Unix it returns only when the program could not be started.</returns>
    public static int Become(string program, string[] arguments)
    {
        string[] command = [DotnetHost.Path, program, .. arguments];
        if (OperatingSystem.IsWindows())
            return RunChild(command);

        // The list ends with a null, as C has it. Nothing is freed: either this process is gone, or it ends at once.
        nint[] words = [.. command.Select(Marshal.StringToCoTaskMemUTF8), 0];
        _ = Execute(words[0], words);
        Console.Error.WriteLine($"The gateway could not be started with '{command[0]}': {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        return ExitCode.Usage;
    }

    private static int RunChild(string[] command)
    {
        Console.CancelKeyPress += static (_, pressed) => pressed.Cancel = true;
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { UseShellExecute = false })!;
        process.WaitForExit();
        return process.ExitCode;
    }

    [DllImport("libc", EntryPoint = "execvp", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Execute(nint file, nint[] arguments);
}
