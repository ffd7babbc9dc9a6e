using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Headroom.Redis.Tests.Servers;

/// <summary>
/// A long line to a server: whatever goes over it arrives later by a time that a test sets, however much goes over it at once. It counts round trips: what is sent before the answer to the last thing has come belongs to the same one.
/// The delay only has to be longer than a client takes to send what does not wait for an answer; how long the answers take does not matter.
/// </summary>
internal sealed class SlowLine : IAsyncDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource stop = new();
    readonly int target;
    readonly Lock counting = new();
    long delayTicks;
    int roundTrips;
    bool isAnswered = true;

    public SlowLine(int target)
    {
        this.target = target;
        listener.Start();
        _ = AcceptAsync();
    }

    public string Endpoint => $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    /// <summary>Of what is sent to the server; replies come at once.</summary>
    public TimeSpan Delay
    {
        get => new(Interlocked.Read(ref delayTicks));
        set => Interlocked.Exchange(ref delayTicks, value.Ticks);
    }

    /// <summary>How often something was sent to the server after it had answered, since the line was made.</summary>
    public int RoundTrips
    {
        get
        {
            lock (counting)
                return roundTrips;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync(stop.Token);
                var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await server.ConnectAsync(IPAddress.Loopback, target, stop.Token);
                client.NoDelay = server.NoDelay = true;
                var line = Channel.CreateUnbounded<(byte[] Bytes, long At)>();
                _ = EndWithAsync(client, server, ReadAsync(client, line.Writer), WriteAsync(line.Reader, server), AnswerAsync(server, client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    async Task ReadAsync(Socket from, ChannelWriter<(byte[] Bytes, long At)> line)
    {
        var buffer = new byte[16 * 1024];
        while (await from.ReceiveAsync(buffer, stop.Token) is > 0 and var read)
        {
            lock (counting)
            {
                roundTrips += isAnswered ? 1 : 0;
                isAnswered = false;
            }

            line.TryWrite((buffer[..read], Stopwatch.GetTimestamp()));
        }
    }

    async Task AnswerAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        while (await from.ReceiveAsync(buffer, stop.Token) is > 0 and var read)
        {
            lock (counting)
                isAnswered = true;
            await to.SendAsync(buffer.AsMemory(0, read), stop.Token);
        }
    }

    async Task WriteAsync(ChannelReader<(byte[] Bytes, long At)> line, Socket to)
    {
        await foreach (var (bytes, at) in line.ReadAllAsync(stop.Token))
        {
            if (Delay - Stopwatch.GetElapsedTime(at) is { Ticks: > 0 } rest)
                await Task.Delay(rest, stop.Token);
            await to.SendAsync(bytes, stop.Token);
        }
    }

    static async Task EndWithAsync(Socket client, Socket server, params Task[] pumps)
    {
        await Task.WhenAny(pumps);
        client.Dispose();
        server.Dispose();
        foreach (var pump in pumps)
            _ = pump.ContinueWith(static ended => _ = ended.Exception, TaskScheduler.Default);
    }
}
