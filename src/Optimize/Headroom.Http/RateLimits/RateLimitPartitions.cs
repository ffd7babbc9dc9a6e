using System.Collections.Concurrent;
using System.Threading.RateLimiting;

namespace Headroom.Http.RateLimits;

/// <summary>A caller's limiter.</summary>
internal sealed class RateLimitPartition(PartitionKey key, RateLimiter limiter)
{
    public PartitionKey Key { get; } = key;

    public RateLimiter Limiter { get; } = limiter;

    /// <summary>Seen again since the hand came by. A plain field: the worst that a race does is to keep or to forget one caller a round too long or too early.</summary>
    public bool SeenAgain { get; set; }

    /// <summary>Its place in the ring; belongs to the lock of the partitions.</summary>
    public int Slot { get; set; }
}

/// <summary>
/// The limiters of at most so many callers. When there is no room for one more, a hand goes round (CLOCK, Corbató 1968): callers that were seen again since it last came by are passed over once; of the next few, one whose quota is
/// whole is forgotten, which changes nothing for it, or else the first. Keys that are made up for one request are therefore the first to go, and push out nobody who keeps coming.
/// </summary>
internal sealed class RateLimitPartitions(Func<PartitionKey, RateLimiter> create, int most, bool disposeForgotten)
{
    const int LookAhead = 8;

    readonly ConcurrentDictionary<PartitionKey, RateLimitPartition> table = new();
    readonly List<RateLimitPartition> ring = [];
    readonly Lock gate = new();
    int hand;

    public int Count
    {
        get
        {
            lock (gate)
                return ring.Count;
        }
    }

    public RateLimitPartition Get(in PartitionKey key)
    {
        if (!table.TryGetValue(key, out var partition))
            return Add(key);
        if (!partition.SeenAgain)
            partition.SeenAgain = true;
        return partition;
    }

    /// <summary>Forgets a caller before there is need; it changes nothing for one whose quota is whole.</summary>
    public void Forget(RateLimitPartition partition)
    {
        lock (gate)
        {
            if (!table.TryRemove(KeyValuePair.Create(partition.Key, partition)))
                return;

            // The last of the ring takes its place.
            ring[partition.Slot] = ring[^1];
            ring[partition.Slot].Slot = partition.Slot;
            ring.RemoveAt(ring.Count - 1);
            hand = hand < ring.Count ? hand : 0;
        }
    }

    public IEnumerable<RateLimitPartition> All() => table.Select(static entry => entry.Value);

    RateLimitPartition Add(PartitionKey key)
    {
        lock (gate)
        {
            if (table.TryGetValue(key, out var known))
                return known;

            var added = new RateLimitPartition(key, create(key));
            if (ring.Count < most)
                Append(added);
            else
                Replace(FindLeast(), added);
            table[key] = added;
            return added;
        }
    }

    void Append(RateLimitPartition added)
    {
        added.Slot = ring.Count;
        ring.Add(added);
    }

    void Replace(int slot, RateLimitPartition added)
    {
        var forgotten = ring[slot];
        ring[slot] = added;
        added.Slot = slot;
        table.TryRemove(forgotten.Key, out _);
        // What the application made may hold a timer. Ours hold nothing, and whoever is about to ask one may still do so.
        if (disposeForgotten)
            forgotten.Limiter.Dispose();
    }

    int FindLeast()
    {
        // At most once round: then all were passed over, and the first is the next.
        for (var step = 0; step < ring.Count && ring[hand].SeenAgain; step++)
        {
            ring[hand].SeenAgain = false;
            hand = (hand + 1) % ring.Count;
        }

        for (var ahead = 0; ahead < Math.Min(LookAhead, ring.Count); ahead++)
        {
            var slot = (hand + ahead) % ring.Count;
            if (ring[slot] is { SeenAgain: false, Limiter.IdleDuration: not null })
                return slot;
        }

        var found = hand;
        hand = (hand + 1) % ring.Count;
        return found;
    }
}
