namespace Headroom.Redis.Connections;

/// <summary>
/// Commands that were called while there is no connection, in their order: they go out in that order before any other once there is one, or fail together when the attempt does. Those
/// whose time is over fail before, and are left out then. Not safe for several threads: the node's lock guards it.
/// </summary>
internal sealed class WaitingQueue(int most)
{
    readonly Queue<(Operation Operation, Request Request, bool IsAsking)> waiting = new();

    public bool IsEmpty => waiting.Count == 0;

    /// <summary>False if there are too many.</summary>
    public bool TryAdd(Operation operation, Request request, bool isAsking)
    {
        if (waiting.Count >= most)
            return false;
        waiting.Enqueue((operation, request, isAsking));
        return true;
    }

    public void TimeOut(long now, Func<Operation, Exception> exception)
    {
        foreach (var (operation, _, _) in waiting)
            operation.TimeOutAt(now, exception);
    }

    public void SendAll(Action<Operation, Request, bool> send)
    {
        while (waiting.TryDequeue(out var next))
            send(next.Operation, next.Request, next.IsAsking);
    }

    /// <summary>Lets go of an operation that was not sent, and of its request.</summary>
    public static void Drop(Operation operation, Request request, RedisConnectionException reason)
    {
        // A request that is kept goes with its operation.
        if (operation.Redirection is null)
            request.Return();
        operation.Fail(reason);
    }
}
