using Microsoft.Extensions.Logging;

namespace Headroom.Redis.Connections;

/// <summary>
/// One server as it is used over time: a connection, and after its loss another one.
/// <para>1. Look up where the server is, and try each address. 2. Connected: commands go there until the connection ends. 3. Ended: tell, and try again at once. 4. Failed: from now on commands fail at
/// once with the reason instead of waiting for their timeout, and attempts follow with growing pauses until one succeeds.</para>
/// </summary>
internal sealed partial class RedisNode : IAsyncDisposable
{
    // A connection that ends sooner than this counts as a failed attempt, or a server that accepts and closes would be asked without pause.
    static readonly TimeSpan ShortLife = TimeSpan.FromSeconds(1);

    readonly IServerLocator locator;
    readonly ConnectionSettings settings;
    readonly ReconnectDelay delay;
    readonly IPushReceiver? pushes;
    readonly ILogger logger;
    readonly CancellationTokenSource stop = new();
    readonly Lock gate = new();

    TaskCompletionSource<RedisConnection> attempt = NewAttempt();
    RedisConnection? current;
    RedisConnectionException? failure;
    Task? running;

    public RedisNode(IServerLocator locator, ConnectionSettings settings, ReconnectDelay delay, IPushReceiver? pushes, ILogger logger)
    {
        this.locator = locator;
        this.settings = settings;
        this.delay = delay;
        this.pushes = pushes;
        this.logger = logger;
        waiting = new WaitingQueue(settings.MaxPendingCommands);
    }

    /// <summary>A connection is ready, before any command uses it. Not to be awaited in: it runs between the attempts.</summary>
    public event Action<RedisConnection>? Opened;

    /// <summary>A connection was lost, before another is tried; or an attempt failed.</summary>
    public event Action<RedisConnectionException>? Down;

    public RedisConnection? Current => Volatile.Read(ref current);

    /// <summary>Begins to connect, if that has not begun.</summary>
    public void Start()
    {
        lock (gate)
        {
            if (running is not null || stop.IsCancellationRequested)
                return;
            using (ExecutionContext.SuppressFlow())
                running = Task.Run(RunAsync);
        }
    }

    /// <summary>The connection, or the one that is being made now. Throws at once when the last attempt failed.</summary>
    public Task<RedisConnection> WhenOpenAsync()
    {
        Start();
        lock (gate)
        {
            if (stop.IsCancellationRequested)
                return Task.FromException<RedisConnection>(Disposed());
            if (current is { IsOpen: true })
                return Task.FromResult(current);
            return failure is null ? attempt.Task : Task.FromException<RedisConnection>(Again(failure));
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task? ending;
        lock (gate)
        {
            ending = running;
            running ??= Task.CompletedTask;
        }

        await stop.CancelAsync();
        if (Current is { } connection)
            await connection.DisposeAsync();
        if (ending is not null)
            await ending;
        lock (gate)
        {
            DropWaiting(Disposed());
            attempt.TrySetException(Disposed());
            _ = attempt.Task.Exception;
        }
    }

    public static RedisConnectionException Again(RedisConnectionException reason) => new(reason.Failure, reason.Message, reason);

    public static RedisConnectionException Disposed() => new(RedisConnectionFailure.Disposed, "The Redis client was disposed.");

    async Task RunAsync()
    {
        var failures = 0;
        var wasOpen = false;
        while (!stop.IsCancellationRequested)
        {
            var (connection, reason) = await TryOpenAsync();
            if (connection is not null)
            {
                var openedAt = settings.Time.GetTimestamp();
                Publish(connection);
                settings.Metrics?.Opened(again: wasOpen);
                wasOpen = true;
                await connection.Closed;
                settings.Metrics?.Closed();
                reason = connection.Failure!;
                failures = settings.Time.GetElapsedTime(openedAt) < ShortLife ? failures + 1 : 0;
                Retract();
                pushes?.Lost(connection);
                if (stop.IsCancellationRequested)
                    return;
                Log.Lost(logger, connection.Endpoint, reason.Failure, reason.Message);
            }
            else
            {
                if (stop.IsCancellationRequested)
                    return;
                failures++;
                settings.Metrics?.Failed();
                Fail(reason!);
                Log.Failed(logger, failures, reason!.Failure, reason.Message);
            }

            Down?.Invoke(reason);
            if (failures == 0)
                continue;
            try
            {
                await Task.Delay(delay.After(failures), settings.Time, stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    async Task<(RedisConnection? Connection, RedisConnectionException? Failure)> TryOpenAsync()
    {
        RedisConnectionException? last = null;
        try
        {
            foreach (var endpoint in await locator.LocateAsync(stop.Token))
            {
                try
                {
                    var connection = await RedisConnection.OpenAsync(endpoint, settings, pushes, stop.Token);
                    if (!locator.NeedsMaster || connection.Role is null or "master" || connection.Mode is "cluster")
                        return (connection, null);
                    await connection.DisposeAsync();
                    last = new RedisConnectionException(RedisConnectionFailure.NoMaster, $"Redis at {endpoint} is a {connection.Role}, not a master.");
                }
                catch (RedisConnectionException e)
                {
                    last = e;
                }
            }
        }
        catch (OperationCanceledException)
        {
            last = Disposed();
        }
        catch (RedisConnectionException e)
        {
            last = e;
        }
#pragma warning disable CA1031 // A node that stopped trying for a reason nobody thought of would never come back.
        catch (Exception e)
        {
            last = new RedisConnectionException(RedisConnectionFailure.ConnectRefused, $"Connecting to Redis failed ({e.GetType().Name}: {e.Message}).", e);
        }
#pragma warning restore CA1031
        return (null, last ?? new RedisConnectionException(RedisConnectionFailure.NoMaster, "No address of a Redis is known."));
    }

    void Publish(RedisConnection connection)
    {
        pushes?.Opened(connection);
        Opened?.Invoke(connection);
        lock (gate)
        {
            SendWaiting(connection);
            current = connection;
            failure = null;
            attempt.TrySetResult(connection);
        }

        // Disposed while it was being opened.
        if (stop.IsCancellationRequested)
            connection.Abort(Disposed());
        Log.Opened(logger, connection.Endpoint, connection.ProtocolVersion);
    }

    void Retract()
    {
        lock (gate)
        {
            current = null;
            attempt = NewAttempt();
        }
    }

    void Fail(RedisConnectionException reason)
    {
        lock (gate)
        {
            failure = reason;
            DropWaiting(reason);
            attempt.TrySetException(Again(reason));
            // Observed here: often nobody waits.
            _ = attempt.Task.Exception;
            attempt = NewAttempt();
        }
    }

    static TaskCompletionSource<RedisConnection> NewAttempt() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Connected to Redis at {Endpoint}, RESP{Protocol}.")]
        public static partial void Opened(ILogger logger, RedisEndpoint endpoint, int protocol);

        [LoggerMessage(2, LogLevel.Warning, "The connection to Redis at {Endpoint} ended ({Failure}): {Reason} Connecting again.")]
        public static partial void Lost(ILogger logger, RedisEndpoint endpoint, RedisConnectionFailure failure, string reason);

        [LoggerMessage(3, LogLevel.Warning, "Attempt {Attempt} to connect to Redis failed ({Failure}): {Reason}")]
        public static partial void Failed(ILogger logger, int attempt, RedisConnectionFailure failure, string reason);
    }
}
