using Headroom.Redis.Connections;

namespace Headroom.Redis.Routing;

/// <summary>Which server a command goes to.</summary>
internal abstract class Router : IAsyncDisposable
{
    /// <summary>No key: any server will do.</summary>
    public const int AnySlot = -1;

    /// <summary>Whether commands go by their keys' slots.</summary>
    public abstract bool IsCluster { get; }

    /// <summary>All masters, for what concerns each of them: SCAN, FLUSHDB.</summary>
    public abstract IReadOnlyList<RedisNode> Masters { get; }

    /// <summary>Sends if there is a connection; the answer is false, and the operation untouched, if not.</summary>
    /// <param name="operation">The command on its way.</param>
    /// <param name="command">Its name.</param>
    /// <param name="arguments">What follows it.</param>
    /// <param name="keyIndex">Which argument is the (first) key; <see cref="AnySlot"/> for none.</param>
    public abstract bool TrySend(Operation operation, Command command, ReadOnlySpan<RedisArgument> arguments, int keyIndex);

    /// <summary>Sends what is encoded already, when there is a connection or once the one that is being made is there; fails the operation otherwise.</summary>
    public abstract Task SendLaterAsync(Operation operation, Request request, int slot);

    public abstract ValueTask DisposeAsync();
}

/// <summary>One server.</summary>
internal sealed class SingleRouter(RedisNode node, TimeProvider time) : Router
{
    public override bool IsCluster => false;

    public override IReadOnlyList<RedisNode> Masters { get; } = [node];

    public override bool TrySend(Operation operation, Command command, ReadOnlySpan<RedisArgument> arguments, int keyIndex) =>
        node.Current is { } connection && connection.TrySend(operation, command, arguments);

    public override Task SendLaterAsync(Operation operation, Request request, int slot) => LateSending.SendAsync(node, operation, request, time);

    public override ValueTask DisposeAsync() => node.DisposeAsync();
}

/// <summary>Sends once a node has a connection, within the command's time.</summary>
internal static class LateSending
{
    /// <summary>The request's array is this method's.</summary>
    public static async Task SendAsync(RedisNode node, Operation operation, Request request, TimeProvider time)
    {
        try
        {
            while (true)
            {
                var connection = await WaitAsync(node.WhenOpenAsync(), operation, time);
                if (connection is null)
                    break;
                if (connection.TrySend(operation, request))
                    return;
                // Over already; the node has not noticed yet.
                await connection.Closed;
                await Task.Yield();
            }
        }
        catch (RedisException e)
        {
            operation.Fail(e);
        }

        request.Return();
    }

    /// <summary>Null when the operation's time was over before, or it was cancelled: then it has failed.</summary>
    public static async Task<T?> WaitAsync<T>(Task<T> task, Operation operation, TimeProvider time)
        where T : class
    {
        // Whoever waited is gone: nothing is sent for nobody.
        if (task.IsCompletedSuccessfully && !operation.IsDecided)
            return await task;
        var left = time.GetElapsedTime(time.GetTimestamp(), operation.Deadline);
        if (!operation.IsDecided && left > TimeSpan.Zero)
        {
            try
            {
                return await task.WaitAsync(left, time);
            }
            catch (TimeoutException)
            {
                // Told below.
            }
        }

        operation.Fail(new RedisTimeoutException($"No connection to Redis within {operation.Timeout.TotalMilliseconds:0} ms. The command was not sent."));
        return null;
    }
}
