using Headroom.Redis.Protocol;

namespace Headroom.Redis.Connections;

/// <summary>
/// One socket from being opened to its end; what comes after is another object. Many callers send, replies come in the order of the requests:
/// <para>1. A caller encodes its request into the outgoing buffer and adds itself to the queue of pending commands, both under one short lock, so that both have one order.
/// 2. Whoever finds nobody sending becomes the sender. When nothing else is on its way it sends at once; otherwise it leaves that to the thread pool, and what others encode
/// until then goes out in the same call. 3. One reader finds whole replies in what arrived, takes the oldest pending command for each, and lets it parse its reply from the
/// receive buffer. 4. A timer fails what is overdue (it keeps its place in the queue, so the stream stays in step), asks for a sign of life when nothing came for a while, and ends the
/// connection when even that does not come.</para>
/// </summary>
internal sealed partial class RedisConnection : IAsyncDisposable
{
    const int ProgressBytes = 4 * 1024 * 1024;

    static readonly Command AskingCommand = new("ASKING");
    static readonly Command PingCommand = new("PING");
    static readonly TimeSpan TickWhenBusy = TimeSpan.FromMilliseconds(5);
    static readonly TimeSpan TickWhenIdle = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan SuspendedFor = TimeSpan.FromSeconds(1);

    readonly Lock gate = new();
    readonly Stream stream;
    readonly ConnectionSettings settings;
    readonly TimeProvider time;
    readonly IPushReceiver? pushes;
    readonly OutgoingBuffer outgoing = new();
    readonly PendingQueue pending;
    readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Sender sender;
    readonly Func<Operation, Exception> timedOut;

    List<Request> sending = [];
    long sendingBytes;
    bool isSending;
    bool started;
    long lastTick;
    long waitingSince;
    long earliestDeadline = long.MaxValue;
    string? timeoutText;
    TimeSpan timeoutOfText;
    long lastReceived;
    bool tickIsBusy;
    ITimer? timer;
    RedisConnectionException? failure;

    RedisConnection(RedisEndpoint endpoint, Stream stream, ConnectionSettings settings, IPushReceiver? pushes)
    {
        Endpoint = endpoint;
        this.stream = stream;
        this.settings = settings;
        this.pushes = pushes;
        time = settings.Time;
        pending = new PendingQueue(gate);
        sender = new Sender(this);
        timedOut = TimedOut;
        lastReceived = lastTick = time.GetTimestamp();
    }

    public RedisEndpoint Endpoint { get; }

    /// <summary>3 after HELLO 3 was confirmed, else 2.</summary>
    public int ProtocolVersion { get; private set; } = 2;

    /// <summary><c>standalone</c>, <c>cluster</c> or <c>sentinel</c>, as HELLO told; null from a server without HELLO.</summary>
    public string? Mode { get; private set; }

    /// <summary><c>master</c> or <c>replica</c>, as HELLO told; null from a server without HELLO.</summary>
    public string? Role { get; private set; }

    /// <summary>Ends when the connection did and all that was pending has failed.</summary>
    public Task Closed => closed.Task;

    /// <summary>Why the connection ended, null before.</summary>
    public RedisConnectionException? Failure => Volatile.Read(ref failure);

    public bool IsOpen => Volatile.Read(ref failure) is null;

    public long PendingCount => pending.Count;

    /// <summary>Encodes and sends, unless the connection is over: then the operation is untouched and the answer false.</summary>
    /// <exception cref="RedisConnectionException">Too much waits to be sent. The operation is untouched.</exception>
    public bool TrySend(Operation operation, Command command, ReadOnlySpan<RedisArgument> arguments)
    {
        var most = RespWriter.RequestMostBytes(command.Encoded, arguments);
        if (most >= OutgoingBuffer.LargeRequestBytes)
        {
            var request = Request.Encode(command, arguments);
            if (TrySend(operation, request))
                return true;
            request.Return();
            return false;
        }

        bool sendNow;
        lock (gate)
        {
            if (failure is not null)
                return false;
            ThrowIfFull();
            outgoing.Append(command, arguments, (int)most);
            if (!AddPending(operation, out sendNow))
                return true;
        }

        StartSending(sendNow);
        return true;
    }

    /// <summary>The same with a request that is encoded already; its array is the connection's when the answer is true, unless the caller keeps it.</summary>
    public bool TrySend(Operation operation, Request request, bool keep = false)
    {
        if (keep && request.Length >= OutgoingBuffer.LargeRequestBytes)
        {
            var copy = request.Copy();
            if (TrySend(operation, copy))
                return true;
            copy.Return();
            return false;
        }

        bool sendNow;
        lock (gate)
        {
            if (failure is not null)
                return false;
            ThrowIfFull();
            if (keep)
                outgoing.AppendCopy(request.Span);
            else
                outgoing.Append(request);
            if (!AddPending(operation, out sendNow))
                return true;
        }

        StartSending(sendNow);
        return true;
    }

    /// <summary>Sends ASKING and, next to it, a request that is kept: a cluster's node takes a key that is being moved to it only so.</summary>
    public bool TrySendAsking(Operation operation, Request request)
    {
        var asking = Operation<bool, AnyShape>.Rent(long.MaxValue, Timeout.InfiniteTimeSpan, CancellationToken.None);
        bool sendNow;
        bool mustSend;
        lock (gate)
        {
            if (failure is not null)
            {
                asking.Abandon();
                return false;
            }

            outgoing.Append(AskingCommand, [], OutgoingBuffer.LargeRequestBytes);
            mustSend = AddPending(asking, out sendNow);
            outgoing.AppendCopy(request.Span);
            AddPending(operation, out _);
        }

        if (mustSend)
            StartSending(sendNow);
        return true;
    }

    /// <summary>Ends the connection; what is pending fails with the reason.</summary>
    public void Abort(RedisConnectionException reason)
    {
        lock (gate)
        {
            if (failure is not null)
                return;
            failure = reason;
        }

        // The reader notices, fails what is pending, and ends.
        stream.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        Abort(new RedisConnectionException(RedisConnectionFailure.Disposed, "The Redis client was disposed."));
        if (!started)
            End();
        await closed.Task;
    }

    // Whether this caller has to see to the sending.
    bool AddPending(Operation operation, out bool sendNow)
    {
        sendNow = pending.Count == 0;
        if (sendNow)
            Volatile.Write(ref waitingSince, time.GetTimestamp());
        pending.Add(operation);
        if (operation.Deadline < earliestDeadline)
            earliestDeadline = operation.Deadline;
        if (!tickIsBusy)
        {
            tickIsBusy = true;
            timer?.Change(TickWhenBusy, TickWhenBusy);
        }

        if (isSending)
            return false;
        isSending = true;
        return true;
    }

    void ThrowIfFull()
    {
        if (pending.Count < settings.MaxPendingCommands && outgoing.Bytes + sendingBytes < settings.MaxBacklogBytes)
            return;
        throw new RedisConnectionException(
            RedisConnectionFailure.BacklogFull,
            $"{pending.Count} commands and {outgoing.Bytes + sendingBytes} bytes wait for Redis at {Endpoint}; no more than {settings.MaxPendingCommands} commands or {settings.MaxBacklogBytes} bytes may. Redis or the network is slower than what is asked of it.");
    }

    void StartSending(bool now)
    {
        if (now)
            sender.Execute();
        else
            ThreadPool.UnsafeQueueUserWorkItem(sender, preferLocal: false);
    }

    async Task SendAsync()
    {
        try
        {
            lock (gate)
            {
                sendingBytes = outgoing.Bytes;
                outgoing.TakeAll(ref sending);
            }

            foreach (var request in sending)
            {
                var rest = new ReadOnlyMemory<byte>(request.Array, 0, request.Length);
                while (rest.Length > ProgressBytes)
                {
                    // A large value on its way keeps the server from answering. What the network still takes is a sign of life, which a few bytes in a socket's buffer are not.
                    await stream.WriteAsync(rest[..ProgressBytes]);
                    rest = rest[ProgressBytes..];
                    Volatile.Write(ref waitingSince, time.GetTimestamp());
                }

                var sent = stream.WriteAsync(rest);
                if (!sent.IsCompletedSuccessfully)
                    await sent;
                request.Return();
            }

            sending.Clear();
            lock (gate)
            {
                sendingBytes = 0;
                if (outgoing.Bytes == 0)
                {
                    isSending = false;
                    return;
                }
            }

            // What came meanwhile is sent by the pool's next free thread, not at the expense of the caller that began.
            ThreadPool.UnsafeQueueUserWorkItem(sender, preferLocal: false);
        }
        catch (Exception e) when (IsTransportFailure(e))
        {
            Abort(Lost(e));
        }
    }

    void Tick()
    {
        var now = time.GetTimestamp();
        lock (gate)
        {
            if (failure is not null)
                return;
            if (now >= earliestDeadline)
            {
                timeoutText = null;
                earliestDeadline = pending.TimeOut(now, timedOut);
            }

            if (pending.Count == 0 && tickIsBusy)
            {
                tickIsBusy = false;
                earliestDeadline = long.MaxValue;
                timer?.Change(TickWhenIdle, TickWhenIdle);
            }
        }

        // A process that was itself suspended must look at what arrived meanwhile before it blames the server.
        if (time.GetElapsedTime(lastTick, now) > SuspendedFor)
            Volatile.Write(ref waitingSince, now);
        lastTick = now;

        var silence = time.GetElapsedTime(Volatile.Read(ref lastReceived), now);
        if (pending.Count == 0)
        {
            if (silence >= settings.KeepAliveInterval)
                Ping();
        }
        else if (silence >= settings.LivenessTimeout && time.GetElapsedTime(Volatile.Read(ref waitingSince), now) >= settings.LivenessTimeout)
        {
            Abort(new RedisConnectionException(
                RedisConnectionFailure.NotAlive,
                $"Redis at {Endpoint} sent nothing for {silence.TotalSeconds:0.0} s although it had to answer; the connection is taken for dead (liveness timeout {settings.LivenessTimeout.TotalSeconds:0.#} s)."));
        }
    }

    void Ping()
    {
        var ping = Operation<bool, AnyShape>.Rent(long.MaxValue, Timeout.InfiniteTimeSpan, CancellationToken.None);
        if (!TrySend(ping, PingCommand, []))
            ping.Abandon();
    }

    // Under the lock, perhaps for everything that is pending: the text is made once for all with the same timeout.
    RedisTimeoutException TimedOut(Operation operation)
    {
        if (timeoutText is null || timeoutOfText != operation.Timeout)
        {
            timeoutOfText = operation.Timeout;
            timeoutText = $"No reply from Redis at {Endpoint} within {operation.Timeout.TotalMilliseconds:0} ms ({pending.Count} commands pending, {outgoing.Bytes + sendingBytes} bytes not sent yet, last bytes received {time.GetElapsedTime(Volatile.Read(ref lastReceived)).TotalMilliseconds:0} ms ago). It is slow, blocked by a slow command, or the network is; the command may still be executed.";
        }

        settings.Metrics?.TimedOut();
        return new RedisTimeoutException(timeoutText);
    }

    RedisConnectionException Lost(Exception? cause) => new(
        RedisConnectionFailure.Lost,
        $"The connection to Redis at {Endpoint} was lost{(cause is null ? "" : $" ({cause.Message})")}. Commands whose reply was outstanding may have been executed or not.",
        cause);

    static bool IsTransportFailure(Exception e) => e is IOException or ObjectDisposedException or System.Net.Sockets.SocketException or InvalidOperationException or NotSupportedException;

    sealed class Sender(RedisConnection connection) : IThreadPoolWorkItem
    {
        // Never faults: failures of the transport end the connection.
        public void Execute() => _ = connection.SendAsync();
    }
}
