namespace Headroom.Redis.Connections;

/// <summary>Commands that find no connection.</summary>
internal sealed partial class RedisNode
{
    static readonly TimeSpan WaitingTick = TimeSpan.FromMilliseconds(5);

    readonly WaitingQueue waiting;
    bool watching;

    /// <summary>Asked before a command that waited is sent: a cluster, which may have turned out to be one only now, makes it its own.</summary>
    public Action<Operation, Request>? Adopt { get; set; }

    /// <summary>
    /// Sends now if there is a connection, or once the one that is being made is there, in the order of the calls; fails the operation with the reason if the last attempt failed. The request's array is
    /// this method's, unless the operation keeps it.
    /// </summary>
    public void SendWhenOpen(Operation operation, Request request, bool isAsking = false)
    {
        Start();
        RedisConnectionException? reason;
        lock (gate)
        {
            if (current is { IsOpen: true } connection && waiting.IsEmpty && TrySend(connection, operation, request, isAsking))
                return;
            reason = stop.IsCancellationRequested ? Disposed() : failure is null ? null : Again(failure);
            if (reason is null && !waiting.TryAdd(operation, request, isAsking))
                reason = new RedisConnectionException(RedisConnectionFailure.BacklogFull, $"{settings.MaxPendingCommands} commands wait for a connection to Redis; no more may.");
            if (reason is null && !watching)
            {
                watching = true;
                using (ExecutionContext.SuppressFlow())
                    _ = Task.Run(WatchWaitingAsync);
            }
        }

        if (reason is not null)
            WaitingQueue.Drop(operation, request, reason);
    }

    // Under the lock, before anybody else sees the connection.
    void SendWaiting(RedisConnection connection) => waiting.SendAll((operation, request, isAsking) =>
    {
        if (operation.IsDecided || !TrySend(connection, operation, request, isAsking))
            WaitingQueue.Drop(operation, request, connection.Failure ?? Disposed());
    });

    void DropWaiting(RedisConnectionException reason) => waiting.SendAll((operation, request, _) => WaitingQueue.Drop(operation, request, Again(reason)));

    bool TrySend(RedisConnection connection, Operation operation, Request request, bool isAsking)
    {
        try
        {
            if (operation.Redirection is null)
                Adopt?.Invoke(operation, request);
            if (operation.Redirection is null)
                return connection.TrySend(operation, request);
            return isAsking ? connection.TrySendAsking(operation, request) : connection.TrySend(operation, request, keep: true);
        }
        catch (RedisConnectionException e)
        {
            WaitingQueue.Drop(operation, request, e);
            return true;
        }
    }

    async Task WatchWaitingAsync()
    {
        while (true)
        {
            await Task.Delay(WaitingTick, settings.Time);
            lock (gate)
            {
                waiting.TimeOut(settings.Time.GetTimestamp(), operation =>
                {
                    settings.Metrics?.TimedOut();
                    return new RedisTimeoutException($"No connection to Redis within {operation.Timeout.TotalMilliseconds:0} ms. The command was not sent.");
                });
                if (!waiting.IsEmpty)
                    continue;
                watching = false;
                return;
            }
        }
    }
}
