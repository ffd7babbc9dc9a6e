using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Headroom.Caching.Benchmarks.Speed;

/// <summary>Look up, and set what was missing, in a cache of a tenth of the keys: what most caches do all day.</summary>
internal sealed class LocalReadThrough(int capacity) : Contender("Headroom LocalCache")
{
    readonly LocalCache cache = new(new LocalCacheOptions { MaxEntries = capacity });

    public override int LookUp(string[] trace, int from, int count)
    {
        var found = 0;
        for (var i = from; i < from + count; i++)
        {
            if (cache.TryGet<string>(trace[i], out _))
                found++;
            else
                cache.Set(trace[i], trace[i], TimeSpan.FromHours(1));
        }

        return found;
    }

    public override void Dispose() => cache.Dispose();
}

/// <summary>A dictionary and a list under one lock: the least that LRU needs.</summary>
internal sealed class LockedLruReadThrough(int capacity) : Contender("dictionary and list under a lock (LRU)")
{
    readonly Lock gate = new();
    readonly Dictionary<string, LinkedListNode<(string Key, string Value)>> nodes = new(StringComparer.Ordinal);
    readonly LinkedList<(string Key, string Value)> order = new();

    public override int LookUp(string[] trace, int from, int count)
    {
        var found = 0;
        for (var i = from; i < from + count; i++)
        {
            lock (gate)
            {
                if (nodes.TryGetValue(trace[i], out var node))
                {
                    found++;
                    order.Remove(node);
                    order.AddFirst(node);
                    continue;
                }

                if (nodes.Count >= capacity)
                {
                    nodes.Remove(order.Last!.Value.Key);
                    order.RemoveLast();
                }

                nodes[trace[i]] = order.AddFirst((trace[i], trace[i]));
            }
        }

        return found;
    }

    public override void Dispose() => nodes.Clear();
}

internal sealed class MemoryCacheReadThrough(int capacity) : Contender("MemoryCache with a size limit")
{
    static readonly MemoryCacheEntryOptions One = new() { Size = 1, AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(1) };

    readonly MemoryCache cache = new(Options.Create(new MemoryCacheOptions { SizeLimit = capacity }));

    public override int LookUp(string[] trace, int from, int count)
    {
        var found = 0;
        for (var i = from; i < from + count; i++)
        {
            if (cache.TryGetValue(trace[i], out string? _))
                found++;
            else
                cache.Set(trace[i], trace[i], One);
        }

        return found;
    }

    public override void Dispose() => cache.Dispose();
}
