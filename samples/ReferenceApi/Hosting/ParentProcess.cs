using System.Diagnostics;
using System.Globalization;

namespace ReferenceApi.Hosting;

/// <summary>
/// Watches the process that started this one, so that no API stays behind when a test or a measurement was killed. A process
/// that has ended but was not yet collected by its own parent (a zombie) counts as gone, and so does a new process with the same number.
/// </summary>
internal static class ParentProcess
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>Calls <paramref name="onGone"/> once the process has gone, at the latest half a second after; runs until then or until cancelled.</summary>
    public static async Task WatchAsync(int processId, Action onGone, TimeProvider time, CancellationToken cancellationToken)
    {
        var first = Identity(processId);
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (first is not null && Identity(processId) == first)
                await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        onGone();
    }

    /// <summary>Something that differs between two processes with the same number; null when there is none that runs.</summary>
    private static string? Identity(int processId) => OperatingSystem.IsLinux() ? LinuxIdentity(processId) : PortableIdentity(processId);

    private static string? LinuxIdentity(int processId)
    {
        const int StateField = 0;
        const int StartTimeField = 19;
        try
        {
            // "123 (name (with) brackets) S 1 …": the fields after the name, see proc(5).
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[StateField] is "Z" or "X" ? null : fields[StartTimeField];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? PortableIdentity(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return process.HasExited ? null : process.StartTime.Ticks.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}
