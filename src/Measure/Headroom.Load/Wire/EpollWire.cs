using System.Net.Sockets;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Headroom.Load.Wire;

/// <summary>
/// HTTP/1.1 over one epoll instance and non-blocking sockets, for Linux. One thread owns it; a round of <see cref="Poll"/> is
/// <list type="number">
/// <item>report exchanges that failed while starting;</item>
/// <item>rest, when responses had better come in batches (<see cref="WakeModeration"/>);</item>
/// <item>wait for events, at most until the deadline (epoll_pwait2 for its nanoseconds);</item>
/// <item>for each event: finish connecting, send what is left, or read once and feed the reader;</item>
/// <item>every 50 ms at most, end exchanges that are past their time.</item>
/// </list>
/// Level-triggered: a socket with more to read is simply reported again, so one read an event suffices.
/// Each socket's events carry its connection's number and generation; an event of a socket that was closed earlier in the same
/// batch is thereby known and ignored.
/// </summary>
internal sealed unsafe class EpollWire : IWire
{
    private const int EventsMax = 512;
    private const int ReadBufferBytes = 256 * 1024;
    private const long TimeoutCheckNs = 50_000_000;
    private const long PollNsMax = 100_000_000;

    private enum Stage : byte
    {
        Closed,
        Connecting,
        Idle,
        Sending,
        Receiving,
    }

    private sealed class Connection
    {
        public int Descriptor = -1;
        public uint Generation;
        public Stage Stage;
        public bool WantsWrite;
        public int SentBytes;
        public long ConnectDeadlineNs;
        public long DeadlineNs;
        public long ResponseDeadlineNs;
        public RequestImage? Request;
        public ReadOnlyMemory<byte> Bytes;
        public int RequestsCarried;
        public Exchange Exchange;
        public required ResponseReader Reader { get; init; }
    }

    private readonly WireOptions _options;
    private readonly Connection?[] _connections;
    private readonly byte[][] _addresses;
    private readonly int _epoll;
    private readonly byte* _events;
    private readonly byte* _readBuffer;
    private readonly Queue<int> _failedStarts = new();
    private readonly HeadMemo _memo = new();
    private readonly long _timeoutNs;
    private readonly long? _responseTimeoutNs;
    private long _nextTimeoutCheckNs;
    private long _wokeNs;
    private long _serviceNs;
    private int _underWay;
    private int _lastBatch;
    private bool _hasPwait2 = true;
    private bool _disposed;

    public EpollWire(WireOptions options)
    {
        _options = options;
        _timeoutNs = (long)options.Timeout.TotalNanoseconds;
        _responseTimeoutNs = (long?)options.ResponseTimeout?.TotalNanoseconds;
        _connections = new Connection?[options.Slots * options.Origins.Count];
        _addresses = [.. options.Origins.Select(origin => AddressBytes(origin.Address))];
        _epoll = Libc.epoll_create1(Libc.EPOLL_CLOEXEC);
        if (_epoll < 0)
            throw new InvalidOperationException($"epoll_create1 failed with errno {Marshal.GetLastPInvokeError()}.");
        _events = (byte*)NativeMemory.Alloc((nuint)(EventsMax * Libc.EventSize));
        _readBuffer = (byte*)NativeMemory.Alloc(ReadBufferBytes);
    }

    /// <summary>Runs on Linux, x64 and arm64.</summary>
    public static bool IsSupported =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Start(int slot, RequestImage request, ReadOnlyMemory<byte> bytes)
    {
        var index = (slot * _options.Origins.Count) + request.OriginIndex;
        var connection = _connections[index] ??= new Connection { Reader = new ResponseReader(_memo) };
        var now = MonotonicClock.NowNs;
        connection.Request = request;
        connection.Bytes = bytes;
        connection.SentBytes = 0;
        connection.DeadlineNs = now + (request.TimeoutNs ?? _timeoutNs);
        connection.ResponseDeadlineNs = _responseTimeoutNs is { } response ? Math.Min(connection.DeadlineNs, now + response) : connection.DeadlineNs;
        connection.Exchange = new Exchange { Slot = slot, StartedNs = now };
        connection.Reader.Begin(request, _options.CaptureBytesMax);
        _underWay++;
        if (connection.Stage == Stage.Idle)
            Send(index, connection, now);
        else
            Connect(index, connection, now);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Poll(long deadlineNs, IExchangeSink sink)
    {
        ReportFailedStarts(sink);
        var count = _lastBatch = Wait(deadlineNs);
        _wokeNs = MonotonicClock.NowNs;
        for (var i = 0; i < count; i++)
        {
            var entry = _events + (i * Libc.EventSize);
            var flags = *(uint*)entry;
            var data = *(ulong*)(entry + Libc.EventDataOffset);
            var index = (int)(uint)data;
            var connection = _connections[index]!;
            if (connection.Descriptor >= 0 && connection.Generation == (uint)(data >> 32))
                Handle(index, connection, flags, sink);
        }

        var now = MonotonicClock.NowNs;
        if (now >= _nextTimeoutCheckNs)
        {
            _nextTimeoutCheckNs = now + TimeoutCheckNs;
            EndOverdue(now, sink);
        }

        ReportFailedStarts(sink);
    }

    public void Abort(int slot, WireError error, IExchangeSink sink)
    {
        for (var origin = 0; origin < _options.Origins.Count; origin++)
        {
            if (_connections[(slot * _options.Origins.Count) + origin] is { Request: not null } connection)
                End(connection, error, sink);
        }
    }

    public void CloseIdle(int slot)
    {
        for (var origin = 0; origin < _options.Origins.Count; origin++)
        {
            if (_connections[(slot * _options.Origins.Count) + origin] is { Stage: Stage.Idle } connection)
                Close(connection);
        }
    }

    public void AbortAll(WireError error, IExchangeSink sink)
    {
        foreach (var connection in _connections)
        {
            if (connection is { Request: not null })
                End(connection, error, sink);
        }
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        foreach (var connection in _connections)
        {
            if (connection is not null)
                Close(connection);
        }

        _ = Libc.close(_epoll);
        NativeMemory.Free(_events);
        NativeMemory.Free(_readBuffer);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Wait(long deadlineNs)
    {
        var now = MonotonicClock.NowNs;
        var latest = Math.Min(now + PollNsMax, _failedStarts.Count > 0 ? now : deadlineNs);
        var waitNs = Math.Max(0, latest - now);
        var restNs = WakeModeration.RestNs(_serviceNs, _underWay, _lastBatch);
        if (restNs > 0 && restNs < waitNs)
        {
            var rest = new Libc.Timespec { Nanoseconds = (nint)restNs };
            _ = Libc.nanosleep(&rest, null);
            waitNs -= restNs;
        }

        int count;
        if (_hasPwait2)
        {
            var timeout = new Libc.Timespec { Seconds = (nint)(waitNs / 1_000_000_000), Nanoseconds = (nint)(waitNs % 1_000_000_000) };
            count = (int)Libc.epoll_pwait2(Libc.SYS_epoll_pwait2, _epoll, _events, EventsMax, &timeout, 0, 8);
            if (count >= 0)
                return count;
            if (Marshal.GetLastPInvokeError() == Libc.EINTR)
                return 0;

            // A kernel before 5.11, or a sandbox that forbids it: milliseconds, rounded down, then a short spin.
            _hasPwait2 = false;
        }

        count = Libc.epoll_wait(_epoll, _events, EventsMax, (int)(waitNs / 1_000_000));
        return Math.Max(0, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Handle(int index, Connection connection, uint flags, IExchangeSink sink)
    {
        switch (connection.Stage)
        {
            case Stage.Connecting:
                FinishConnect(index, connection, sink);
                break;
            case Stage.Idle:
                // The peer closed a connection that nobody was using, or sent what nobody asked for.
                Close(connection);
                break;
            case Stage.Sending when (flags & Libc.EPOLLOUT) != 0:
                Send(index, connection, _wokeNs);
                break;
            default:
                Receive(connection, sink);
                break;
        }
    }

    private void Connect(int index, Connection connection, long now)
    {
        var address = _addresses[connection.Request!.OriginIndex];
        var family = FamilyOf(_options.Origins[connection.Request.OriginIndex].Address);
        var descriptor = Libc.socket(family, Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC, 0);
        if (descriptor < 0)
        {
            FailStart(index, connection, ConnectErrorOf(Marshal.GetLastPInvokeError()));
            return;
        }

        var one = 1;
        if (family != Libc.AF_UNIX)
            _ = Libc.setsockopt(descriptor, Libc.IPPROTO_TCP, Libc.TCP_NODELAY, &one, sizeof(int));
        connection.Descriptor = descriptor;
        connection.RequestsCarried = 0;
        connection.Generation++;
        connection.ConnectDeadlineNs = now + (long)_options.ConnectTimeout.TotalNanoseconds;
        int result;
        fixed (byte* bytes = address)
            result = Libc.connect(descriptor, bytes, (uint)address.Length);
        var error = result == 0 ? 0 : Marshal.GetLastPInvokeError();
        if (error is not (0 or Libc.EINPROGRESS))
        {
            FailStart(index, connection, ConnectErrorOf(error));
            return;
        }

        connection.Stage = Stage.Connecting;
        connection.WantsWrite = true;
        Register(index, connection, Libc.EPOLL_CTL_ADD);
    }

    private void FinishConnect(int index, Connection connection, IExchangeSink sink)
    {
        var error = 0;
        var length = (uint)sizeof(int);
        _ = Libc.getsockopt(connection.Descriptor, Libc.SOL_SOCKET, Libc.SO_ERROR, &error, &length);
        if (error != 0)
            End(connection, ConnectErrorOf(error), sink);
        else
            Send(index, connection, MonotonicClock.NowNs);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Send(int index, Connection connection, long now)
    {
        var bytes = connection.Bytes.Span;
        if (connection.Exchange.SentNs == 0)
            connection.Exchange.SentNs = now;
        fixed (byte* start = bytes)
        {
            var rest = bytes.Length - connection.SentBytes;
            var sent = Libc.send(connection.Descriptor, start + connection.SentBytes, rest, Libc.MSG_NOSIGNAL);
            if (sent < 0)
            {
                var error = Marshal.GetLastSystemError();
                if (error is not (Libc.EAGAIN or Libc.EINTR))
                {
                    // A server may answer and close before it has read everything (413): what it said is still to be read.
                    if (error is Libc.EPIPE or Libc.ECONNRESET)
                        connection.Stage = Stage.Receiving;
                    else
                        FailStart(index, connection, WireError.SendFailed);
                    WantWrite(index, connection, false);
                    return;
                }

                sent = 0;
            }

            connection.SentBytes += (int)sent;
            connection.Exchange.BytesSent += sent;
        }

        var complete = connection.SentBytes == bytes.Length;
        connection.Stage = complete ? Stage.Receiving : Stage.Sending;
        WantWrite(index, connection, !complete);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Receive(Connection connection, IExchangeSink sink)
    {
        var received = Libc.recv(connection.Descriptor, _readBuffer, ReadBufferBytes, 0);
        if (received < 0)
        {
            var error = Marshal.GetLastSystemError();
            if (error is not (Libc.EAGAIN or Libc.EINTR))
                End(connection, connection.Reader.HasBegun ? WireError.PrematureEnd : WireError.ConnectionReset, sink);
            return;
        }

        ReadState state;
        var reader = connection.Reader;
        if (received == 0)
        {
            state = reader.EndOfStream();
        }
        else
        {
            connection.Exchange.BytesReceived += received;
            state = reader.Feed(new ReadOnlySpan<byte>(_readBuffer, (int)received), out var consumed);
            if (state == ReadState.Done && consumed < received)
            {
                End(connection, WireError.SurplusBytes, sink);
                return;
            }
        }

        if (state == ReadState.Failed)
            End(connection, reader.Error, sink);
        else if (state == ReadState.Done)
            Succeed(connection, sink);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Succeed(Connection connection, IExchangeSink sink)
    {
        var reader = connection.Reader;
        var reusable = reader.KeepAlive && ++connection.RequestsCarried != _options.RequestsPerConnectionMax && connection.Stage == Stage.Receiving && connection.SentBytes == connection.Bytes.Length;
        ref var exchange = ref connection.Exchange;
        exchange.Status = reader.Status;
        exchange.Cache = reader.Cache;
        exchange.BodyBytes = reader.BodyBytes;
        exchange.DecodedBodyBytes = reader.DecodedBodyBytes;
        exchange.UnknownCoding = reader.UnknownCoding;
        exchange.Events = reader.Events;
        exchange.FirstEventNs = reader.FirstEventNs;
        exchange.CompletedNs = MonotonicClock.NowNs;
        exchange.LagNs = exchange.CompletedNs - _wokeNs;
        _serviceNs += (exchange.CompletedNs - exchange.SentNs - _serviceNs) >> 6;
        _underWay--;
        connection.Request = null;
        if (reusable)
            connection.Stage = Stage.Idle;
        else
            Close(connection);
        sink.Completed(in exchange, reader.Captured);
    }

    private void End(Connection connection, WireError error, IExchangeSink sink)
    {
        ref var exchange = ref connection.Exchange;

        // Without a byte of response, what failed is the sending that was still under way.
        if (error is WireError.ConnectionReset or WireError.ConnectionClosed && connection.SentBytes < connection.Bytes.Length)
            error = WireError.SendFailed;
        exchange.Error = error;
        exchange.CompletedNs = MonotonicClock.NowNs;
        _underWay--;
        connection.Request = null;
        Close(connection);

        // The sink may start the next exchange in the same slot, which overwrites this one.
        var ended = exchange;
        sink.Completed(in ended, null);
    }

    private void FailStart(int index, Connection connection, WireError error)
    {
        connection.Exchange.Error = error;
        _failedStarts.Enqueue(index);
    }

    /// <summary>Only those that were queued on entry, so that a sink which starts again at once cannot keep the thread here.</summary>
    private void ReportFailedStarts(IExchangeSink sink)
    {
        for (var rest = _failedStarts.Count; rest > 0; rest--)
        {
            var connection = _connections[_failedStarts.Dequeue()]!;
            if (connection.Request is not null && connection.Exchange.Error != WireError.None)
                End(connection, connection.Exchange.Error, sink);
        }
    }

    private void EndOverdue(long now, IExchangeSink sink)
    {
        foreach (var connection in _connections)
        {
            if (connection?.Request is null)
                continue;
            if (connection.Stage == Stage.Connecting)
            {
                if (now >= Math.Min(connection.ConnectDeadlineNs, connection.DeadlineNs))
                    End(connection, WireError.ConnectTimeout, sink);
            }
            else if (!connection.Reader.HasBegun && now >= connection.ResponseDeadlineNs)
            {
                End(connection, WireError.ResponseTimeout, sink);
            }
            else if (now >= connection.DeadlineNs)
            {
                End(connection, WireError.TotalTimeout, sink);
            }
        }
    }

    private void WantWrite(int index, Connection connection, bool wanted)
    {
        if (connection.WantsWrite == wanted || connection.Descriptor < 0)
            return;
        connection.WantsWrite = wanted;
        Register(index, connection, Libc.EPOLL_CTL_MOD);
    }

    private void Register(int index, Connection connection, int operation)
    {
        var entry = stackalloc byte[16];
        *(uint*)entry = connection.WantsWrite ? Libc.EPOLLOUT | Libc.EPOLLIN : Libc.EPOLLIN;
        *(ulong*)(entry + Libc.EventDataOffset) = ((ulong)connection.Generation << 32) | (uint)index;
        if (Libc.epoll_ctl(_epoll, operation, connection.Descriptor, entry) != 0)
            FailStart(index, connection, WireError.ConnectFailed);
    }

    private static void Close(Connection connection)
    {
        if (connection.Descriptor >= 0)
            _ = Libc.close(connection.Descriptor);
        connection.Descriptor = -1;
        connection.Stage = Stage.Closed;
    }

    private static WireError ConnectErrorOf(int errno) => errno switch
    {
        Libc.ECONNREFUSED or Libc.ENOENT => WireError.ConnectRefused,

        // A unix socket whose accept queue is full (connect(2)).
        Libc.EAGAIN => WireError.ConnectRefused,
        Libc.ETIMEDOUT => WireError.ConnectTimeout,
        Libc.EADDRNOTAVAIL => WireError.PortsExhausted,
        Libc.EMFILE or Libc.ENFILE => WireError.FilesExhausted,
        _ => WireError.ConnectFailed,
    };

    private static int FamilyOf(EndPoint address) => address.AddressFamily switch
    {
        AddressFamily.InterNetworkV6 => Libc.AF_INET6,
        AddressFamily.Unix => Libc.AF_UNIX,
        _ => Libc.AF_INET,
    };

    private static byte[] AddressBytes(EndPoint address)
    {
        var serialized = address.Serialize();
        return serialized.Buffer.Span[..serialized.Size].ToArray();
    }
}
