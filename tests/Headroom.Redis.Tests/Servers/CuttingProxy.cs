using System.Net;
using System.Net.Sockets;

namespace Headroom.Redis.Tests.Servers;

/// <summary>Stands between client and server, and fails as networks do: cuts connections, in the middle of a reply too, or swallows everything without closing.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly int target;
    readonly CancellationTokenSource stop = new();
    readonly List<Socket> sockets = [];
    long cutAfter = long.MaxValue;
    volatile bool swallow;
    volatile bool refuse;
    int accepted;

    public CuttingProxy(int target)
    {
        this.target = target;
        listener.Start();
        _ = AcceptAsync();
    }

    public string Endpoint => $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    public int Accepted => Volatile.Read(ref accepted);

    /// <summary>Bytes of replies pass until so many did; then the connection is reset.</summary>
    public void CutAfterReplyBytes(long bytes) => Interlocked.Exchange(ref cutAfter, bytes);

    /// <summary>From now on nothing passes either way, and nothing is closed.</summary>
    public bool Swallow
    {
        get => swallow;
        set => swallow = value;
    }

    /// <summary>From now on a new connection is reset at once, as if there were no server; those that are open stay.</summary>
    public bool Refuse
    {
        get => refuse;
        set => refuse = value;
    }

    /// <summary>Passes everything on in pieces of so many bytes at most, drawn anew for each.</summary>
    public int PieceMostBytes { get; set; } = int.MaxValue;

    public void CutAll()
    {
        lock (sockets)
        {
            foreach (var socket in sockets)
                Reset(socket);
            sockets.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        CutAll();
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptSocketAsync(stop.Token);
                Interlocked.Increment(ref accepted);
                if (refuse)
                {
                    Reset(client);
                    continue;
                }

                var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await server.ConnectAsync(IPAddress.Loopback, target, stop.Token);
                client.NoDelay = server.NoDelay = true;
                lock (sockets)
                    sockets.AddRange([client, server]);
                _ = PumpAsync(client, server, isReplies: false);
                _ = PumpAsync(server, client, isReplies: true);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    async Task PumpAsync(Socket from, Socket to, bool isReplies)
    {
        var buffer = new byte[16 * 1024];
        var pieces = new Random(7);
        try
        {
            while (true)
            {
                var read = await from.ReceiveAsync(buffer, stop.Token);
                if (read == 0)
                    break;
                if (swallow)
                    continue;
                var passing = read;
                var cut = false;
                if (isReplies && Interlocked.Read(ref cutAfter) != long.MaxValue)
                {
                    var left = Interlocked.Add(ref cutAfter, -read);
                    cut = left <= 0;
                    passing = cut ? (int)(read + left) : read;
                }

                for (var sent = 0; sent < passing;)
                {
                    var piece = Math.Min(passing - sent, PieceMostBytes == int.MaxValue ? int.MaxValue : pieces.Next(1, PieceMostBytes + 1));
                    sent += await to.SendAsync(buffer.AsMemory(sent, piece), stop.Token);
                }

                if (cut)
                {
                    Interlocked.Exchange(ref cutAfter, long.MaxValue);
                    break;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Cut.
        }

        to.Dispose();
        from.Dispose();
    }

    static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }
        catch (ObjectDisposedException)
        {
            // Closed already.
        }
        catch (SocketException)
        {
            // Closed already.
        }
    }
}
