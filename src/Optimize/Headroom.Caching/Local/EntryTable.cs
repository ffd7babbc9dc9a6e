using System.Numerics;
using System.Runtime.CompilerServices;

namespace Headroom.Caching.Local;

/// <summary>
/// Entries by key: chains that one writer at a time changes while any number of readers walk them without a lock.
/// <list type="number">
/// <item>A new entry goes in front of its chain, fully made, by one store. One that replaces another takes its very place in the chain, by one store too: in
/// front, a reader on its way to the old one would find neither.</item>
/// <item>An entry that is taken out keeps its <see cref="LocalEntry.Next"/>, so a reader that stands on it goes on to the rest of the chain.</item>
/// <item>Growing links the same entries anew, so a reader may be led past the key it seeks. It knows by <see cref="resizes"/>, which is odd meanwhile,
/// and looks again under the writers' lock: only after a miss, and only if the table grew at that moment.</item>
/// </list>
/// A part of the store, not an object of its own: a lookup has one place less to go through. Never to be copied.
/// </summary>
internal struct EntryTable
{
    const int BucketsFewest = 16;

    LocalEntry?[] buckets = new LocalEntry?[BucketsFewest];
    int resizes;

    public EntryTable()
    {
    }

    public int Count { readonly get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LocalEntry? Find(ReadOnlySpan<char> key, int hash)
    {
        var table = Volatile.Read(ref buckets);
        var entry = Volatile.Read(ref table[hash & (table.Length - 1)]);
        while (entry is not null)
        {
            if (entry.Hash == hash && key.SequenceEqual(entry.Key))
                return entry;
            entry = Volatile.Read(ref entry.Next);
        }

        return null;
    }

    /// <summary>A number to compare after a miss: if it is odd or has changed, the miss may not be true.</summary>
    public int Resizes => Volatile.Read(ref resizes);

    /// <summary>Puts an entry in. Writers only.</summary>
    public void Add(LocalEntry entry)
    {
        ref var bucket = ref buckets[entry.Hash & (buckets.Length - 1)];
        entry.Next = bucket;
        Volatile.Write(ref bucket, entry);
        Count++;
    }

    /// <summary>Puts an entry in place of another one with its key. Writers only.</summary>
    public void Replace(LocalEntry old, LocalEntry entry)
    {
        entry.Next = old.Next;
        Volatile.Write(ref LinkTo(old), entry);
    }

    /// <summary>Takes an entry out. Writers only.</summary>
    public void Remove(LocalEntry entry)
    {
        Volatile.Write(ref LinkTo(entry), entry.Next);
        Count--;
    }

    ref LocalEntry? LinkTo(LocalEntry entry)
    {
        ref var link = ref buckets[entry.Hash & (buckets.Length - 1)];
        while (!ReferenceEquals(link, entry))
        {
            if (link is null)
                throw new InvalidOperationException("The entry is not in the table.");
            link = ref link.Next;
        }

        return ref link!;
    }

    /// <summary>Five entries on four buckets: 6 to 13 bytes of table an entry, and a found key is the first or second of its chain.</summary>
    public void GrowIfCrowded()
    {
        if (Count <= buckets.Length + buckets.Length / 4 || buckets.Length == 1 << 30)
            return;

        Volatile.Write(ref resizes, resizes + 1);
        Interlocked.MemoryBarrier();
        var grown = new LocalEntry?[BitOperations.RoundUpToPowerOf2((uint)buckets.Length + 1)];
        foreach (var first in buckets)
        {
            for (var entry = first; entry is not null;)
            {
                var next = entry.Next;
                ref var bucket = ref grown[entry.Hash & (grown.Length - 1)];
                Volatile.Write(ref entry.Next, bucket);
                bucket = entry;
                entry = next;
            }
        }

        Volatile.Write(ref buckets, grown);
        Volatile.Write(ref resizes, resizes + 1);
    }

    /// <summary>Every entry. Writers only.</summary>
    public readonly IEnumerable<LocalEntry> All() => All(buckets);

    static IEnumerable<LocalEntry> All(LocalEntry?[] buckets)
    {
        foreach (var first in buckets)
        {
            for (var entry = first; entry is not null; entry = entry.Next)
                yield return entry;
        }
    }

    /// <summary>Empties the table. Writers only.</summary>
    public void Clear()
    {
        Volatile.Write(ref buckets, new LocalEntry?[BucketsFewest]);
        Count = 0;
    }
}
