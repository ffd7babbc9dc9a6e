using System.Numerics;

namespace Headroom.Caching.Local;

/// <summary>
/// About how often a key was asked for lately, in or out of the cache: a count-min sketch of four rows with counters of 4 bits, all counters halved
/// after a sample of additions (TinyLFU: Einziger, Friedman, Manes, ACM Transactions on Storage 2017). Four to eight bytes a key of the cache.
/// </summary>
internal sealed class FrequencySketch
{
    const int CounterMost = 15;
    const int KeysOfBlock = 8;

    // A key's four counters lie in one word each of a block of four words, one cache line at most two.
    const int Rows = 4;
    const ulong OddBits = 0x7777_7777_7777_7777;

    ulong[] words;
    int blockMask;
    long sample;
    long added;

    public FrequencySketch(int keys)
    {
        (words, blockMask, sample) = Sized(keys);
    }

    public int Keys { get; private set; }

    /// <summary>Makes room for more keys. What is known is kept: each half of the new table starts as the old one.</summary>
    public void GrowTo(int keys)
    {
        var old = words;
        (words, blockMask, sample) = Sized(keys);
        for (var at = 0; at < words.Length; at += old.Length)
            old.CopyTo(words, at);
    }

    public int Estimate(int hash)
    {
        var block = BlockOf(hash, out var counters);
        var least = CounterMost;
        for (var row = 0; row < Rows; row++)
            least = Math.Min(least, (int)(words[block + row] >> Shift(counters, row)) & CounterMost);
        return least;
    }

    public void Add(int hash)
    {
        var block = BlockOf(hash, out var counters);
        for (var row = 0; row < Rows; row++)
        {
            ref var word = ref words[block + row];
            var shift = Shift(counters, row);
            if (((word >> shift) & CounterMost) < CounterMost)
                word += 1UL << shift;
        }

        if (++added >= sample)
            Halve();
    }

    /// <summary>Forgets half of everything: what is used now weighs more than what was.</summary>
    /// <param name="times">2: three quarters, and so on.</param>
    public void Halve(int times = 1)
    {
        added = 0;
        if (times > 1)
            Halve(times - 1);
        foreach (ref var word in words.AsSpan())
            word = (word >> 1) & OddBits;
    }

    int BlockOf(int hash, out uint counters)
    {
        // The table of the cache uses the hash's low bits; another multiplication spreads all of them over block and counters.
        var spread = (ulong)(uint)hash * 0x9E37_79B9_7F4A_7C15;
        counters = (uint)(spread >> 24) & 0xFFFF;
        return ((int)(spread >> 40) & blockMask) * Rows;
    }

    static int Shift(uint counters, int row) => (int)((counters >> (row * 4)) & 15) * 4;

    (ulong[] Words, int BlockMask, long Sample) Sized(int keys)
    {
        Keys = keys;

        var blocks = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, keys / KeysOfBlock));
        return (new ulong[blocks * Rows], blocks - 1, 10L * Math.Max(1, keys));
    }
}
