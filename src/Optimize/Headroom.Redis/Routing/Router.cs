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
    public abstract void SendLater(Operation operation, Request request, int slot);

    public abstract ValueTask DisposeAsync();
}

/// <summary>One server.</summary>
internal sealed class SingleRouter(RedisNode node) : Router
{
    public override bool IsCluster => false;

    public override IReadOnlyList<RedisNode> Masters { get; } = [node];

    public override bool TrySend(Operation operation, Command command, ReadOnlySpan<RedisArgument> arguments, int keyIndex) =>
        node.Current is { } connection && connection.TrySend(operation, command, arguments);

    public override void SendLater(Operation operation, Request request, int slot) => node.SendWhenOpen(operation, request);

    public override ValueTask DisposeAsync() => node.DisposeAsync();
}
