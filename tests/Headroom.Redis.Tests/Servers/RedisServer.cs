using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Headroom.Redis.Tests.Servers;

/// <summary>A redis-server of a test's own, on a free loopback port with a folder of its own, that the test may kill, stop and start again. Ends with the test.</summary>
internal sealed partial class RedisServer : IAsyncDisposable
{
    const int Sigkill = 9;
    const int Sigcont = 18;
    const int Sigstop = 19;

    readonly List<string> arguments;
    Process? process;

    RedisServer(IEnumerable<string> arguments, bool isSentinel)
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("headroom-redis-").FullName;
        Port = FreePort.Next();
        this.arguments = isSentinel ? [] : ["--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", Directory, "--save", "", "--loglevel", "warning", "--logfile", "redis.log", "--enable-debug-command", "yes"];
        this.arguments.AddRange(arguments);
    }

    public int Port { get; }

    public string Directory { get; }

    public string Endpoint => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    public static async Task<RedisServer> StartAsync(params string[] arguments)
    {
        var server = new RedisServer(arguments, isSentinel: false);
        await server.StartAgainAsync();
        return server;
    }

    public static async Task<RedisServer> StartSentinelAsync(string service, RedisServer master, int quorum)
    {
        var server = new RedisServer([], isSentinel: true);
        var file = Path.Combine(server.Directory, "sentinel.conf");
        await File.WriteAllTextAsync(file, string.Create(CultureInfo.InvariantCulture, $"port {server.Port}\nbind 127.0.0.1\ndir {server.Directory}\nlogfile sentinel.log\nsentinel monitor {service} 127.0.0.1 {master.Port} {quorum}\nsentinel down-after-milliseconds {service} 800\nsentinel failover-timeout {service} 3000\nsentinel parallel-syncs {service} 1\n"));
        server.arguments.AddRange([file, "--sentinel"]);
        await server.StartAgainAsync();
        return server;
    }

    public async Task StartAgainAsync()
    {
        var start = new ProcessStartInfo(Require.Tool("redis-server")) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var begin = Stopwatch.GetTimestamp();
        while (!await AnswersAsync())
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(begin) > TimeSpan.FromSeconds(20))
                Assert.Fail($"redis-server {string.Join(' ', arguments)} did not start");
            await Task.Delay(20);
        }
    }

    public async Task KillAsync()
    {
        if (process is null)
            return;
        _ = Kill(process.Id, Sigkill);
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    public void Stop() => Assert.Equal(0, Kill(process!.Id, Sigstop));

    public void Continue() => Assert.Equal(0, Kill(process!.Id, Sigcont));

    /// <summary>By redis-cli's way, a connection of its own: inline commands, one line of answer.</summary>
    public async Task<string> AskAsync(string line)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(line + "\r\n"));
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadLineAsync() ?? "";
        return answer.StartsWith('$') && answer != "$-1" ? await reader.ReadLineAsync() ?? "" : answer;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    async Task<bool> AnswersAsync()
    {
        try
        {
            var answer = await AskAsync("PING");
            return answer is "+PONG" || answer.StartsWith("-NOAUTH", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
