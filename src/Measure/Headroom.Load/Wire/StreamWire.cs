using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Headroom.Load.Wire;

/// <summary>
/// HTTP/1.1 over the runtime's own sockets and <see cref="SslStream"/>: every platform, and TLS. Each exchange runs as a task; its end is queued for
/// <see cref="Poll"/>, so that the worker thread alone sees results, as with every wire.
/// </summary>
internal sealed class StreamWire : IWire
{
    private const int ReadBufferBytes = 16 * 1024;
    private static readonly TimeSpan TimeoutCheck = TimeSpan.FromMilliseconds(50);

    private sealed class Connection
    {
        public Socket? Socket;
        public Stream? Stream;
        public volatile bool Busy;

        /// <summary>Set by the owner when it closes the socket under an exchange: the error to report instead of what the socket says.</summary>
        public WireError Verdict;
        public bool Connecting;

        /// <summary>The server asked for a client certificate and nothing has come back on the connection yet.</summary>
        public bool ProvesIdentity;

        public int RequestsCarried;
        public long DeadlineNs;
        public long ResponseDeadlineNs;
        public long ConnectDeadlineNs;
        public readonly ResponseReader Reader = new();
        public readonly byte[] Buffer = new byte[ReadBufferBytes];
    }

    private readonly WireOptions _options;
    private readonly Connection?[] _connections;
    private readonly EndedExchanges<Connection> _ended = new();
    private long _nextTimeoutCheckNs;
    private volatile bool _disposed;

    public StreamWire(WireOptions options)
    {
        _options = options;
        _connections = new Connection?[options.Slots * options.Origins.Count];
    }

    public void Start(int slot, RequestImage request, ReadOnlyMemory<byte> bytes)
    {
        var connection = _connections[(slot * _options.Origins.Count) + request.OriginIndex] ??= new Connection();
        var now = MonotonicClock.NowNs;
        connection.Verdict = WireError.None;
        connection.DeadlineNs = now + (request.TimeoutNs ?? (long)_options.Timeout.TotalNanoseconds);
        connection.ResponseDeadlineNs = _options.ResponseTimeout is { } response ? now + (long)response.TotalNanoseconds : connection.DeadlineNs;
        connection.ConnectDeadlineNs = now + (long)_options.ConnectTimeout.TotalNanoseconds;
        connection.Connecting = connection.Stream is null;
        connection.Busy = true;
        _ = Task.Run(() => RunAsync(connection, request, bytes, new Exchange { Slot = slot, StartedNs = now }));
    }

    public void Poll(long deadlineNs, IExchangeSink sink)
    {
        _ended.Wait(Math.Clamp(deadlineNs - MonotonicClock.NowNs, 0, (long)TimeoutCheck.TotalNanoseconds));
        var now = MonotonicClock.NowNs;
        for (var rest = _ended.Count; rest > 0 && _ended.TryDequeue(out var exchange, out var connection); rest--)
            Report(exchange with { LagNs = Math.Max(0, now - exchange.CompletedNs) }, connection, sink);

        if (now < _nextTimeoutCheckNs)
            return;
        _nextTimeoutCheckNs = now + (long)TimeoutCheck.TotalNanoseconds;
        foreach (var connection in _connections)
        {
            if (connection is not { Busy: true })
                continue;
            if (connection.Connecting && now >= Math.Min(connection.ConnectDeadlineNs, connection.DeadlineNs))
                Kill(connection, WireError.ConnectTimeout);
            else if (!connection.Reader.HasBegun && now >= Math.Min(connection.DeadlineNs, connection.ResponseDeadlineNs))
                Kill(connection, WireError.ResponseTimeout);
            else if (now >= connection.DeadlineNs)
                Kill(connection, WireError.TotalTimeout);
        }
    }

    public void AbortAll(WireError error, IExchangeSink sink)
    {
        foreach (var connection in _connections)
        {
            if (connection is { Busy: true })
                Kill(connection, error);
        }

        // Closing a socket ends its exchange soon; the bound is for a task that is starved.
        var until = MonotonicClock.NowNs + 5_000_000_000;
        while (MonotonicClock.NowNs < until && (_connections.Any(connection => connection is { Busy: true }) || _ended.Count > 0))
        {
            while (_ended.TryDequeue(out var exchange, out var connection))
                Report(exchange, connection, sink);
            _ended.Wait(1_000_000);
        }
    }

    public void Abort(int slot, WireError error, IExchangeSink sink)
    {
        foreach (var connection in ConnectionsOf(slot))
        {
            if (connection is { Busy: true })
                Kill(connection, error);
        }
    }

    public void CloseIdle(int slot)
    {
        foreach (var connection in ConnectionsOf(slot))
        {
            if (connection is { Busy: false, Stream: not null })
                Close(connection);
        }
    }

    public void Dispose()
    {
        _disposed = true;
        Interlocked.MemoryBarrier();
        foreach (var connection in _connections)
            connection?.Socket?.Dispose();
    }

    private Span<Connection?> ConnectionsOf(int slot) => _connections.AsSpan(slot * _options.Origins.Count, _options.Origins.Count);

    private static void Report(Exchange exchange, Connection connection, IExchangeSink sink)
    {
        connection.Busy = false;
        if (connection.Verdict != WireError.None)
        {
            // The owner's word holds, also when a response came before its exchange was reported: the socket is closed either way.
            exchange.Error = connection.Verdict;
            exchange.Status = 0;
            Close(connection);
        }

        sink.Completed(in exchange, exchange.Error == WireError.None ? connection.Reader.Captured : null);
    }

    private static void Close(Connection connection)
    {
        connection.Stream?.Dispose();
        connection.Socket?.Dispose();
        connection.Stream = null;
        connection.Socket = null;
    }

    private static void Kill(Connection connection, WireError verdict)
    {
        if (connection.Verdict != WireError.None)
            return;
        connection.Verdict = verdict;
        Interlocked.MemoryBarrier();
        connection.Socket?.Dispose();
    }

    private async Task RunAsync(Connection connection, RequestImage request, ReadOnlyMemory<byte> bytes, Exchange exchange)
    {
        var reusable = false;
        try
        {
            exchange.Error = await ConnectAsync(connection, request);
            if (exchange.Error == WireError.None)
            {
                exchange.SentNs = MonotonicClock.NowNs;
                (reusable, exchange) = await ExchangeAsync(connection, request, bytes, exchange);
            }
        }
#pragma warning disable CA1031 // Whatever goes wrong on the wire is an outcome to be counted, and the slot must be given back.
        catch (Exception)
#pragma warning restore CA1031
        {
            exchange.Error = exchange.SentNs == 0 ? WireError.ConnectFailed : connection.Reader.HasBegun ? WireError.PrematureEnd : WireError.SendFailed;
        }

        if (!reusable || _disposed)
            Close(connection);
        exchange.CompletedNs = MonotonicClock.NowNs;
        _ended.Enqueue(exchange, connection);
    }

    private async Task<WireError> ConnectAsync(Connection connection, RequestImage request)
    {
        if (connection.Stream is not null && !IsStale(connection))
            return WireError.None;
        connection.Stream?.Dispose();
        connection.Stream = null;
        connection.Connecting = true;
        var origin = _options.Origins[request.OriginIndex];
        try
        {
            connection.Socket = origin.CreateSocket();

            // Whoever closes sockets either sees this one or has said so before.
            Interlocked.MemoryBarrier();
            if (connection.Verdict != WireError.None || _disposed)
                return WireError.Interrupted;
            await connection.Socket.ConnectAsync(origin.Address);
            var network = new NetworkStream(connection.Socket, ownsSocket: true);
            connection.ProvesIdentity = false;
            connection.RequestsCarried = 0;
            connection.Stream = network;
            if (origin.IsTls)
                (connection.Stream, connection.ProvesIdentity) = await Tls.AuthenticateAsync(network, origin.Host, _options.Tls, SslApplicationProtocol.Http11, default);
            connection.Connecting = false;
            return WireError.None;
        }
        catch (SocketException e)
        {
            return ConnectErrorOf(e.SocketErrorCode, origin.Address);
        }
        catch (CertificateRefusedException)
        {
            return WireError.CertificateRefused;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            return WireError.TlsFailed;
        }
    }

    /// <summary>An idle connection that turned readable was closed by the peer, or carries bytes that nobody asked for.</summary>
    private static bool IsStale(Connection connection) => connection.Socket!.Poll(0, SelectMode.SelectRead);

    private async Task<(bool Reusable, Exchange Exchange)> ExchangeAsync(
        Connection connection, RequestImage request, ReadOnlyMemory<byte> bytes, Exchange exchange)
    {
        var reader = connection.Reader;
        reader.Begin(request, _options.CaptureBytesMax);
        var sendError = WireError.None;
        try
        {
            await connection.Stream!.WriteAsync(bytes);
            exchange.BytesSent = bytes.Length;
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The server may have answered before it read everything: look, and tell the sending error only if it has not.
            sendError = WireError.SendFailed;
        }

        while (true)
        {
            ReadState state;
            try
            {
                var received = await connection.Stream!.ReadAsync(connection.Buffer);
                exchange.BytesReceived += received;
                state = received == 0 ? reader.EndOfStream() : reader.Feed(connection.Buffer.AsSpan(0, received), out var consumed) switch
                {
                    ReadState.Done when consumed < received => ReadState.Failed,
                    var other => other,
                };
                if (state == ReadState.Failed && reader.Error == WireError.None)
                {
                    exchange.Error = WireError.SurplusBytes;
                    return (false, exchange);
                }
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
                exchange.Error = reader.HasBegun ? WireError.PrematureEnd : TlsFailure.Is(e) ? WireError.TlsFailed : sendError != WireError.None ? sendError : WireError.ConnectionReset;
                return (false, exchange);
            }

            if (state == ReadState.Failed)
            {
                // A server that will not have our certificate may say so by closing (RFC 8446 §4.4.2.4 asks for an alert, not all send it).
                exchange.Error = reader.Error != WireError.ConnectionClosed ? reader.Error
                    : connection.ProvesIdentity ? WireError.TlsFailed
                    : sendError != WireError.None ? sendError
                    : WireError.ConnectionClosed;
                return (false, exchange);
            }

            if (state != ReadState.Done)
                continue;
            exchange.Status = reader.Status;
            exchange.Cache = reader.Cache;
            exchange.BodyBytes = reader.BodyBytes;
            exchange.DecodedBodyBytes = reader.DecodedBodyBytes;
            exchange.UnknownCoding = reader.UnknownCoding;
            exchange.Events = reader.Events;
            exchange.FirstEventNs = reader.FirstEventNs;
            connection.ProvesIdentity = false;
            return (reader.KeepAlive && sendError == WireError.None && ++connection.RequestsCarried != _options.RequestsPerConnectionMax, exchange);
        }
    }

    internal static WireError ConnectErrorOf(SocketError error, EndPoint address) => error switch
    {
        SocketError.ConnectionRefused => WireError.ConnectRefused,
        // A unix socket whose accept queue is full (connect(2)).
        SocketError.WouldBlock => WireError.ConnectRefused,
        SocketError.TimedOut => WireError.ConnectTimeout,

        // The runtime's name for ENOENT too: there is no such unix socket.
        SocketError.AddressNotAvailable when address is UnixDomainSocketEndPoint => WireError.ConnectRefused,
        SocketError.AddressNotAvailable => WireError.PortsExhausted,
        SocketError.TooManyOpenSockets => WireError.FilesExhausted,
        _ => WireError.ConnectFailed,
    };
}
