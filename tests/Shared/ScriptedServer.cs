using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Headroom.Testing;

/// <summary>A real TCP server on loopback that answers as a test tells it, byte for byte. Dies with the test.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<Conversation, Task> _script;
    private readonly Task _accepting;
    private int _connections;
    private int _requests;

    public ScriptedServer(Func<Conversation, Task> script)
    {
        _script = script;
        _listener.Start(512);
        _accepting = AcceptAsync();
    }

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    public Uri Url => new($"http://127.0.0.1:{Address.Port}/");

    public int Connections => Volatile.Read(ref _connections);

    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Answers every request on a kept-alive connection with the same bytes.</summary>
    public static ScriptedServer Always(string response) => Always(Encoding.Latin1.GetBytes(response));

    public static ScriptedServer Always(byte[] response) => new(async conversation =>
    {
        while (await conversation.ReadRequestAsync() is not null)
            await conversation.SendAsync(response);
    });

    public static string Ok(string body) => $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    /// <summary>Stops listening: further connections are refused, those that stand go on.</summary>
    public void Refuse() => _listener.Stop();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = ServeAsync(client, Interlocked.Increment(ref _connections));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client, int number)
    {
        using (client)
        {
            client.NoDelay = true;
            try
            {
                await _script(new Conversation(client, number, () => Interlocked.Increment(ref _requests), _stop.Token));
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The client went away, or the test is over.
            }
        }
    }

    internal sealed class Conversation(TcpClient client, int number, Action counted, CancellationToken stop)
    {
        private readonly NetworkStream _stream = client.GetStream();
        private readonly List<byte> _unread = [];

        /// <summary>Connections are numbered from 1.</summary>
        public int Number => number;

        public CancellationToken Stop => stop;

        /// <summary>Head and body as text, or null when the client closed.</summary>
        public async Task<string?> ReadRequestAsync()
        {
            var buffer = new byte[16 * 1024];
            while (true)
            {
                var text = Encoding.Latin1.GetString([.. _unread]);
                var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
                if (end >= 0)
                {
                    var length = text[..end].Split("\r\n").Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                        .Select(line => int.Parse(line[15..], System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault();
                    if (text.Length >= end + 4 + length)
                    {
                        _unread.RemoveRange(0, end + 4 + length);
                        counted();
                        return text[..(end + 4 + length)];
                    }
                }

                var read = await _stream.ReadAsync(buffer, stop);
                if (read == 0)
                    return null;
                _unread.AddRange(buffer.AsSpan(0, read));
            }
        }

        public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

        public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _stream.WriteAsync(bytes, stop);

        /// <summary>Closes so that the client sees a reset, not an orderly end.</summary>
        public void Reset()
        {
            client.LingerState = new LingerOption(true, 0);
            client.Client.Close();
        }
    }
}
