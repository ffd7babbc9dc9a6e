using Headroom.Redis.Connections;
using Headroom.Redis.Routing;

namespace Headroom.Redis;

/// <summary>Commands of many keys, which a cluster takes only when all have one slot.</summary>
public sealed partial class RedisClient
{
    bool IsOneSlot(ReadOnlySpan<RedisArgument> keys)
    {
        // Unknown before the first connection; a cluster then answers CROSSSLOT to keys that were not split, so they are.
        if (keys.Length < 2 || core.Router is { IsCluster: false })
            return true;
        var slot = KeySlot.Of(keys[0]);
        foreach (ref readonly var key in keys[1..])
        {
            if (KeySlot.Of(key) != slot)
                return false;
        }

        return true;
    }

    async ValueTask<RedisBuffer[]> GetFromSlotsAsync(ReadOnlyMemory<RedisArgument> keys, CancellationToken cancellationToken)
    {
        if (!(await core.ReadyAsync(timeout, cancellationToken)).IsCluster)
            return await Send<RedisBuffer[], BuffersShape>(Commands.MGet, keys.Span, cancellationToken);
        var parts = SplitBySlot(keys.Span);
        var results = await Task.WhenAll(parts.Select(part => Send<RedisBuffer[], BuffersShape>(Commands.MGet, part.Keys, cancellationToken).AsTask()));
        var values = new RedisBuffer[keys.Length];
        for (var part = 0; part < parts.Count; part++)
        {
            for (var index = 0; index < results[part].Length; index++)
                values[parts[part].Positions[index]] = results[part][index];
        }

        return values;
    }

    ValueTask<long> CountKeysAsync(Command command, ReadOnlyMemory<RedisArgument> keys, CancellationToken cancellationToken)
    {
        if (keys.IsEmpty)
            return new(0);
        return IsOneSlot(keys.Span) ? Send<long, Int64Shape>(command, keys.Span, cancellationToken) : CountInSlotsAsync(command, keys, cancellationToken);
    }

    async ValueTask<long> CountInSlotsAsync(Command command, ReadOnlyMemory<RedisArgument> keys, CancellationToken cancellationToken)
    {
        if (!(await core.ReadyAsync(timeout, cancellationToken)).IsCluster)
            return await Send<long, Int64Shape>(command, keys.Span, cancellationToken);
        var counts = await Task.WhenAll(SplitBySlot(keys.Span).Select(part => Send<long, Int64Shape>(command, part.Keys, cancellationToken).AsTask()));
        return counts.Sum();
    }

    static List<(RedisArgument[] Keys, int[] Positions)> SplitBySlot(ReadOnlySpan<RedisArgument> keys)
    {
        var slots = new Dictionary<int, List<int>>();
        for (var index = 0; index < keys.Length; index++)
        {
            var slot = KeySlot.Of(keys[index]);
            if (!slots.TryGetValue(slot, out var positions))
                slots[slot] = positions = [];
            positions.Add(index);
        }

        var parts = new List<(RedisArgument[], int[])>(slots.Count);
        foreach (var positions in slots.Values)
        {
            var part = new RedisArgument[positions.Count];
            for (var index = 0; index < part.Length; index++)
                part[index] = keys[positions[index]];
            parts.Add((part, [.. positions]));
        }

        return parts;
    }

    /// <summary>A command to one node, whatever its keys.</summary>
    ValueTask<T> SendTo<T, TShape>(RedisNode node, Command command, RedisArgument[] arguments, CancellationToken cancellationToken)
        where TShape : struct, IReplyShape<T>
    {
        cancellationToken.ThrowIfCancellationRequested();
        var operation = Operation<T, TShape>.Rent(core.Time.GetTimestamp() + timeoutTicks, timeout, cancellationToken);
        var task = operation.Task;
        node.SendWhenOpen(operation, Request.Encode(command, arguments));
        return task;
    }
}
