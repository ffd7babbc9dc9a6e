using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Headroom.Http.Tests.Limits;

/// <summary>A process of its own that holds connections and says nothing on them: their other ends are as many files again. Runs this assembly with the one test that is such a process.</summary>
internal sealed class IdleClients : IDisposable
{
    internal const string Variable = "HEADROOM_TEST_IDLE_CLIENTS";

    // Less than wait to be accepted.
    internal const int AtATime = 250;

    readonly Process process;
    readonly string mark;

    IdleClients(Process process, string mark) => (this.process, this.mark) = (process, mark);

    /// <summary>Whether all are connected.</summary>
    /// <exception cref="InvalidOperationException">The process ended before.</exception>
    public bool AreConnected => process.HasExited ? throw new InvalidOperationException($"The process of the idle clients ended with {process.ExitCode}.") : File.Exists(mark);

    public static IdleClients Start(int port, int count)
    {
        var connected = Path.Combine(Path.GetTempPath(), "headroom-idle-" + Guid.NewGuid().ToString("N"));
        var start = new ProcessStartInfo("dotnet", [typeof(IdleClients).Assembly.Location, "-noLogo", "-noColor", "-explicit", "only", "-class", typeof(IdleClientsProcess).FullName!])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        start.Environment[Variable] = string.Create(CultureInfo.InvariantCulture, $"{port}\n{count}\n{connected}\n{Environment.ProcessId}");
        var started = Process.Start(start)!;
        started.OutputDataReceived += static (_, _) => { };
        started.BeginOutputReadLine();
        return new IdleClients(started, connected);
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.WaitForExit();
        process.Dispose();
        File.Delete(mark);
    }
}

/// <summary>Not a test: what runs in the process of the idle clients.</summary>
public sealed class IdleClientsProcess
{
    [Fact(Explicit = true)]
    public async Task Process_OfIdleClients_HoldsItsConnections()
    {
        if (Environment.GetEnvironmentVariable(IdleClients.Variable) is not { } given)
            return;

        var parts = given.Split('\n');
        var (port, count, mark, parent) = (Number(parts[0]), Number(parts[1]), parts[2], Number(parts[3]));
        FileDescriptors.Raise(count + 1_000);
        using var test = Process.GetProcessById(parent);
        var idle = new List<Socket>(count);
        foreach (var some in Enumerable.Range(0, count).Chunk(IdleClients.AtATime))
        {
            idle.AddRange(await Task.WhenAll(some.Select(async _ =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, port, CancellationToken.None);
                return socket;
            })));
        }

        await File.WriteAllTextAsync(mark, "connected", CancellationToken.None);

        // Until it is killed; or its parent was.
        await test.WaitForExitAsync(CancellationToken.None);
        GC.KeepAlive(idle);
    }

    static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
