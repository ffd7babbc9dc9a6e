using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Headroom.Testing;

/// <summary>A private nginx in a temporary folder that logs the bytes of each response, and serves 1 KB at /1k or what it is told.</summary>
internal sealed class NginxProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private NginxProcess(Process process, string folder, int port)
    {
        _process = process;
        _folder = folder;
        Url = new Uri($"http://127.0.0.1:{port}/");
    }

    public Uri Url { get; }

    public static Task<NginxProcess> StartAsync(string program) =>
        StartAsync(program, (folder, port) => $"server {{ listen 127.0.0.1:{port}; root {folder}; }}");

    /// <param name="program">The full path of nginx.</param>
    /// <param name="servers">What stands in its http block, made of the folder and the port to listen on.</param>
    public static async Task<NginxProcess> StartAsync(string program, Func<string, int, string> servers)
    {
        var folder = Directory.CreateTempSubdirectory("headroom-nginx-").FullName;
        var port = FreePort.Next();
        await File.WriteAllTextAsync(Path.Combine(folder, "1k"), new string('x', 1024));
        await File.WriteAllTextAsync(Path.Combine(folder, "nginx.conf"), $$"""
            {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
            worker_processes 1; daemon off; pid {{folder}}/pid; error_log {{folder}}/error.log;
            events { worker_connections 4000; }
            http {
              log_format bytes '$bytes_sent'; access_log {{folder}}/access.log bytes buffer=64k flush=1s; keepalive_requests 100000000;
              client_body_temp_path {{folder}}/body; proxy_temp_path {{folder}}/proxy; fastcgi_temp_path {{folder}}/fastcgi; uwsgi_temp_path {{folder}}/uwsgi; scgi_temp_path {{folder}}/scgi;
              {{servers(folder, port)}}
            }
            """);
        var process = Process.Start(new ProcessStartInfo(program, ["-e", $"{folder}/error.log", "-c", $"{folder}/nginx.conf"]) { RedirectStandardError = true, UseShellExecute = false })!;
        var server = new NginxProcess(process, folder, port);
        using var client = new TcpClient();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port);
                return server;
            }
            catch (SocketException) when (attempt < 100 && !process.HasExited)
            {
                await Task.Delay(50);
            }
        }
    }

    /// <summary>Stops its worker in the middle of whatever it does, for a time, as a pause of the machine or a collection of garbage would.</summary>
    /// <returns>How long it stood still.</returns>
    public async Task<TimeSpan> StallAsync(TimeSpan time)
    {
        var worker = (await File.ReadAllTextAsync($"/proc/{_process.Id}/task/{_process.Id}/children")).Trim();
        await SignalAsync("-STOP", worker);
        var begun = Stopwatch.GetTimestamp();
        await Task.Delay(time);
        await SignalAsync("-CONT", worker);
        return Stopwatch.GetElapsedTime(begun);
    }

    private static async Task SignalAsync(string signal, string processId)
    {
        using var kill = Process.Start("kill", [signal, processId]);
        await kill.WaitForExitAsync();
    }

    /// <summary>What nginx itself counted: requests, and bytes sent with heads.</summary>
    public async Task<(long Requests, long Bytes)> StopAndReadLogAsync()
    {
        await StopAsync();
        var lines = await File.ReadAllLinesAsync(Path.Combine(_folder, "access.log"));
        return (lines.Length, lines.Sum(line => long.Parse(line, CultureInfo.InvariantCulture)));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StopAsync()
    {
        if (_process.HasExited)
            return;

        // An orderly stop writes the buffered log; the handle kills what does not obey.
        using (var kill = Process.Start("kill", ["-QUIT", _process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }
    }
}
