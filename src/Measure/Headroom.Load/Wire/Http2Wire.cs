using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Headroom.Load.Wire;

/// <summary>
/// HTTP/2 over the runtime's <see cref="SocketsHttpHandler"/>: with TLS by ALPN, without it by prior knowledge (RFC 9113 §3.3), never another version. Slots share
/// connections; a further one is made when the server's limit of concurrent streams is reached. Each exchange runs as a task; its end is queued for
/// <see cref="Poll"/>. Heads travel compressed and below this wire, so bytes sent and received are those of bodies alone.
/// </summary>
internal sealed class Http2Wire : IWire
{
    private const int ReadBufferBytes = 16 * 1024;
    private static readonly TimeSpan TimeoutCheck = TimeSpan.FromMilliseconds(50);

    private sealed class Slot : IDisposable
    {
        public volatile bool Busy;
        public volatile bool HasBegun;

        /// <summary>Set by the owner when it cancels an exchange: the error to report instead of what the handler says.</summary>
        public WireError Verdict;
        public long DeadlineNs;
        public long ResponseDeadlineNs;
        public CancellationTokenSource Cancellation = new();
        public readonly byte[] Buffer = new byte[ReadBufferBytes];
        public readonly Http2Response Response = new();

        /// <summary>What is under way ends, or a stream that the server never ends would keep its connection.</summary>
        public void Dispose()
        {
            Cancellation.Cancel();
            Cancellation.Dispose();
        }
    }

    /// <summary>An origin's connections, and whether its certificate was ever refused: the handler tells only that TLS failed.</summary>
    private sealed class Target(Origin origin) : IDisposable
    {
        public volatile bool CertificateRefused;

        public Origin Origin => origin;

        public HttpMessageInvoker Invoker { get; set; } = null!;

        public void Dispose() => Invoker.Dispose();
    }

    private readonly WireOptions _options;
    private readonly Slot?[] _slots;
    private readonly Target[] _targets;
    private readonly Http2Requests _requests = new();
    private readonly EndedExchanges<Slot> _ended = new();
    private long _nextTimeoutCheckNs;

    public Http2Wire(WireOptions options)
    {
        _options = options;
        _slots = new Slot?[options.Slots];
        _targets = [.. options.Origins.Select(CreateTarget)];
    }

    public void Start(int slot, RequestImage request, ReadOnlyMemory<byte> bytes)
    {
        var state = _slots[slot] ??= new Slot();
        var now = MonotonicClock.NowNs;
        state.Verdict = WireError.None;
        state.HasBegun = false;
        state.DeadlineNs = now + (request.TimeoutNs ?? (long)_options.Timeout.TotalNanoseconds);
        state.ResponseDeadlineNs = _options.ResponseTimeout is { } response ? Math.Min(state.DeadlineNs, now + (long)response.TotalNanoseconds) : state.DeadlineNs;
        if (!state.Cancellation.TryReset())
        {
            state.Cancellation.Dispose();
            state.Cancellation = new CancellationTokenSource();
        }

        state.Busy = true;
        var message = _requests.Create(_options.Origins[request.OriginIndex], request, bytes, out var bodyBytes);
        var exchange = new Exchange { Slot = slot, StartedNs = now, SentNs = now, BytesSent = bodyBytes };
        var token = state.Cancellation.Token;
        _ = Task.Run(() => RunAsync(state, _targets[request.OriginIndex], request, message, exchange, token), CancellationToken.None);
    }

    public void Poll(long deadlineNs, IExchangeSink sink)
    {
        _ended.Wait(Math.Clamp(deadlineNs - MonotonicClock.NowNs, 0, (long)TimeoutCheck.TotalNanoseconds));
        var now = MonotonicClock.NowNs;
        for (var rest = _ended.Count; rest > 0 && _ended.TryDequeue(out var exchange, out var slot); rest--)
            Report(exchange with { LagNs = Math.Max(0, now - exchange.CompletedNs) }, slot, sink);

        if (now < _nextTimeoutCheckNs)
            return;
        _nextTimeoutCheckNs = now + (long)TimeoutCheck.TotalNanoseconds;
        foreach (var slot in _slots)
        {
            if (slot is not { Busy: true })
                continue;
            if (!slot.HasBegun && now >= slot.ResponseDeadlineNs)
                Cancel(slot, WireError.ResponseTimeout);
            else if (now >= slot.DeadlineNs)
                Cancel(slot, WireError.TotalTimeout);
        }
    }

    public void Abort(int slot, WireError error, IExchangeSink sink)
    {
        if (_slots[slot] is { Busy: true } state)
            Cancel(state, error);
    }

    public void AbortAll(WireError error, IExchangeSink sink)
    {
        foreach (var slot in _slots)
        {
            if (slot is { Busy: true })
                Cancel(slot, error);
        }

        // A cancelled exchange ends soon; the bound is for a task that is starved.
        var until = MonotonicClock.NowNs + 5_000_000_000;
        while (MonotonicClock.NowNs < until && (_slots.Any(slot => slot is { Busy: true }) || _ended.Count > 0))
        {
            while (_ended.TryDequeue(out var exchange, out var slot))
                Report(exchange, slot, sink);
            _ended.Wait(1_000_000);
        }
    }

    /// <summary>Nothing: connections belong to all slots together.</summary>
    public void CloseIdle(int slot)
    {
    }

    public void Dispose()
    {
        foreach (var slot in _slots)
            slot?.Dispose();
        foreach (var target in _targets)
            target.Dispose();
    }

    private static void Report(Exchange exchange, Slot slot, IExchangeSink sink)
    {
        slot.Busy = false;
        if (slot.Verdict != WireError.None)
        {
            // The owner's word holds, also when a response came before its exchange was reported.
            exchange.Error = slot.Verdict;
            exchange.Status = 0;
        }

        sink.Completed(in exchange, exchange.Error == WireError.None ? slot.Response.Captured : null);
    }

    private static void Cancel(Slot slot, WireError verdict)
    {
        if (slot.Verdict != WireError.None)
            return;
        slot.Verdict = verdict;
        slot.Cancellation.Cancel();
    }

    private async Task RunAsync(
        Slot slot, Target target, RequestImage request, HttpRequestMessage message, Exchange exchange, CancellationToken cancellation)
    {
        try
        {
            using (message)
            {
                using var response = await target.Invoker.SendAsync(message, cancellation);
                slot.HasBegun = true;
                exchange.Error = slot.Response.Begin(request, response, _options.CaptureBytesMax);
                if (exchange.Error == WireError.None)
                    await ReadBodyAsync(slot, request, response, cancellation);
            }
        }
#pragma warning disable CA1031 // Whatever goes wrong on the wire is an outcome to be counted, and the slot must be given back.
        catch (Exception e)
#pragma warning restore CA1031
        {
            exchange.Error = Http2Failure.ErrorOf(e, target.Origin.Address, slot.HasBegun, target.CertificateRefused);
        }

        slot.Response.Fill(ref exchange);
        exchange.CompletedNs = MonotonicClock.NowNs;
        _ended.Enqueue(exchange, slot);
    }

    /// <summary>To the end, or to the last event that was asked for: disposing the response then resets the stream, and its connection goes on.</summary>
    private static async Task ReadBodyAsync(Slot slot, RequestImage request, HttpResponseMessage response, CancellationToken cancellation)
    {
        if (request.IsHead)
            return;
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        while (await body.ReadAsync(slot.Buffer, cancellation) is var read and > 0 && !slot.Response.Take(slot.Buffer.AsSpan(0, read)))
        {
            // Take has counted it.
        }
    }

    private Target CreateTarget(Origin origin)
    {
        var target = new Target(origin);
        target.Invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = _options.ConnectTimeout,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            MaxResponseHeadersLength = ResponseReader.HeadBytesMax / 1024,
            ActivityHeadersPropagator = null,
            RequestHeaderEncodingSelector = (_, _) => System.Text.Encoding.Latin1,
            ResponseHeaderEncodingSelector = (_, _) => System.Text.Encoding.Latin1,
            SslOptions = Tls.ClientOptions(origin.Host, _options.Tls, SslApplicationProtocol.Http2, _ => target.CertificateRefused = true),
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = origin.CreateSocket();
                try
                {
                    await socket.ConnectAsync(origin.Address, cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        });
        return target;
    }
}
