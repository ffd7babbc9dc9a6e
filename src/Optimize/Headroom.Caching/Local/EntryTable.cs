using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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
    const int BucketsNear = 1 << 15;

    LocalEntry?[] buckets = new LocalEntry?[BucketsFewest];
    int resizes;

    public EntryTable()
    {
    }

    public int Count { readonly get; private set; }

    /// <summary>The first entry of the chain that a hash belongs to. Each further one is <see cref="LocalEntry.Next"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LocalEntry? FirstOf(int hash)
    {
        var table = Volatile.Read(ref buckets);

        // There is at least one bucket, and a power of two of them.
        return Volatile.Read(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(table), (nuint)(uint)(hash & (table.Length - 1))));
    }

    public LocalEntry? Find(ReadOnlySpan<char> key, int hash)
    {
        for (var entry = FirstOf(hash); entry is not null; entry = Volatile.Read(ref entry.Next))
        {
            if (entry.Hash == hash && KeyHash.Same(key, entry.Key))
                return entry;
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

    /// <summary>
    /// One to two buckets an entry, 8 to 16 bytes. A table that fits the processor's nearest caches has four to eight: there nearly every key is the first of its chain, the processor guesses
    /// right that it is, and a wrong guess would cost as much as all the rest.
    /// </summary>
    public void GrowIfCrowded()
    {
        var each = buckets.Length < BucketsNear ? 4 : 1;
        if ((long)Count * each <= buckets.Length || buckets.Length == 1 << 30)
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
