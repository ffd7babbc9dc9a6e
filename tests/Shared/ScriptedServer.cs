using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Headroom.Testing;

/// <summary>
/// A real server on loopback, or on a unix socket, with TLS or without, that answers as a test tells it, byte for byte. Dies with the test.
/// </summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<Conversation, Task> _script;
    private readonly Task _accepting;
    private int _connections;
    private int _requests;

    public ScriptedServer(Func<Conversation, Task> script, EndPoint? address = null, SslServerAuthenticationOptions? tls = null)
    {
        _script = script;
        _tls = tls;
        address ??= new IPEndPoint(IPAddress.Loopback, 0);
        _listener = new Socket(address.AddressFamily, SocketType.Stream, address is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        _listener.Bind(address);
        _listener.Listen(512);
        EndPoint = _listener.LocalEndPoint!;
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens, also after it stopped.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>The same for a server that listens on an IP address.</summary>
    public IPEndPoint Address => (IPEndPoint)EndPoint;

    /// <summary>With TLS by the name that test certificates have.</summary>
    public Uri Url => EndPoint is IPEndPoint ip
        ? new($"{(_tls is null ? "http" : "https")}://{(_tls is null ? ip.AddressFamily == AddressFamily.InterNetworkV6 ? "[::1]" : "127.0.0.1" : "localhost")}:{ip.Port}/")
        : new($"{(_tls is null ? "http" : "https")}://localhost/");

    public int Connections => Volatile.Read(ref _connections);

    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Answers every request on a kept-alive connection with the same bytes.</summary>
    public static ScriptedServer Always(string response) => Always(Encoding.Latin1.GetBytes(response));

    public static ScriptedServer Always(byte[] response, EndPoint? address = null, SslServerAuthenticationOptions? tls = null) => new(
        async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null)
                await conversation.SendAsync(response);
        },
        address,
        tls);

    public static string Ok(string body) => $"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    /// <summary>Stops listening: further connections are refused, those that stand go on.</summary>
    public void Refuse() => _listener.Dispose();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
        if (EndPoint is UnixDomainSocketEndPoint path)
            File.Delete(path.ToString());
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptAsync(_stop.Token);
                _ = ServeAsync(client, Interlocked.Increment(ref _connections));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket client, int number)
    {
        await using var network = new NetworkStream(client, ownsSocket: true);
        try
        {
            if (client.AddressFamily != AddressFamily.Unix)
                client.NoDelay = true;
            Stream stream = network;
            if (_tls is not null)
            {
                var secured = new SslStream(network);
                await secured.AuthenticateAsServerAsync(_tls, _stop.Token);
                stream = secured;
            }

            await _script(new Conversation(client, stream, number, () => Interlocked.Increment(ref _requests), _stop.Token));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
            // The client went away, or the test is over.
        }
    }

    internal sealed class Conversation(Socket client, Stream stream, int number, Action counted, CancellationToken stop)
    {
        private readonly List<byte> _unread = [];

        /// <summary>Connections are numbered from 1.</summary>
        public int Number => number;

        public CancellationToken Stop => stop;

        /// <summary>For another protocol, once everything received was read.</summary>
        public Stream Stream => stream;

        /// <summary>Head and body as text, or null when the client closed.</summary>
        public async Task<string?> ReadRequestAsync()
        {
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

                if (!await ReceiveAsync())
                    return null;
            }
        }

        /// <summary>The head alone, with its empty line; the body is left to be read.</summary>
        public async Task<string?> ReadHeadAsync()
        {
            while (true)
            {
                var end = Encoding.Latin1.GetString([.. _unread]).IndexOf("\r\n\r\n", StringComparison.Ordinal);
                if (end >= 0)
                    return Take(end + 4);
                if (!await ReceiveAsync())
                    return null;
            }
        }

        /// <summary>So many bytes, or fewer when the client closed.</summary>
        public async Task<string> ReadExactlyAsync(int count)
        {
            while (_unread.Count < count && await ReceiveAsync())
            {
            }

            return Take(Math.Min(count, _unread.Count));
        }

        public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

        public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await stream.WriteAsync(bytes, stop);

        /// <summary>Closes so that the client sees a reset, not an orderly end.</summary>
        public void Reset()
        {
            client.LingerState = new LingerOption(true, 0);
            client.Close();
        }

        private async Task<bool> ReceiveAsync()
        {
            var buffer = new byte[16 * 1024];
            var read = await stream.ReadAsync(buffer, stop);
            _unread.AddRange(buffer.AsSpan(0, read));
            return read > 0;
        }

        private string Take(int count)
        {
            var text = Encoding.Latin1.GetString([.. _unread.Take(count)]);
            _unread.RemoveRange(0, count);
            return text;
        }
    }
}
