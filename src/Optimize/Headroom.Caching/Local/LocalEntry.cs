using System.Runtime.CompilerServices;

namespace Headroom.Caching.Local;

/// <summary>
/// One key of the memory tier. It is at once the node of its hash chain, of its eviction queue and of its timer's list, so that an entry is one object;
/// its fields are arranged to fit 104 bytes. Key and value never change: a reader that holds an entry sees one consistent value.
/// </summary>
internal sealed class LocalEntry(string key, int hash, object? value)
{
    /// <summary>No end of life.</summary>
    public const long Never = long.MaxValue;

    /// <summary>Uses are counted up to this; a used entry is passed over this many times before it may be evicted.</summary>
    public const byte UsesMost = 3;

    const byte SlidesMark = 0x80;

    public LocalEntry? QueuePrevious;
    public LocalEntry? QueueNext;
    public LocalEntry? TimerPrevious;
    public LocalEntry? TimerNext;

    /// <summary>Most entries have at most one of tags and life, so one field keeps either, or a pair of both.</summary>
    object? tagsOrLife;

    // What a lookup reads comes last, so that it lies together.
    public readonly string Key = key;
    public readonly object? Value = value;

    /// <summary>The next entry of the same bucket. Read without a lock.</summary>
    public LocalEntry? Next;

    /// <summary>Until then (milliseconds of the cache's clock) a lookup needs to look at nothing else. Moves while an entry slides.</summary>
    public long FreshUntil = Never;

    /// <summary>The invalidation (its number) up to which the entry is known to be valid.</summary>
    public long ValidAt;

    public readonly int Hash = hash;

    /// <summary>What the entry counts against the limit, as <see cref="EntryWeight"/> packs it.</summary>
    public ushort Weight;

    byte uses;

    public EntryPlace Place;

    /// <summary>Null, one <see cref="Tag"/>, or an array of them.</summary>
    public object? Tags
    {
        get => tagsOrLife is TagsAndLife both ? both.Tags : tagsOrLife is EntryLife ? null : tagsOrLife;
        init => tagsOrLife = value is null || Life is not { } life ? value ?? tagsOrLife : new TagsAndLife(value, life);
    }

    /// <summary>What happens near and after the end of life; null: nothing, the entry is simply over.</summary>
    public EntryLife? Life
    {
        get => tagsOrLife is TagsAndLife both ? both.Life : tagsOrLife as EntryLife;
        init => tagsOrLife = value is null || Tags is not { } tags ? value ?? tagsOrLife : new TagsAndLife(tags, value);
    }

    /// <summary>How often it was used, at most <see cref="UsesMost"/>. Readers add without a lock; a lost addition does not matter.</summary>
    public int Uses => uses & UsesMost;

    /// <summary>A use prolongs its life: a lookup has to do more than to count.</summary>
    public bool Slides
    {
        init => uses = (byte)(value ? SlidesMark : 0);
    }

    /// <summary>
    /// Whether a use needs not be counted, because enough were: then nothing is written any more, so that threads that share the entry do not take it from each other.
    /// </summary>
    public bool HasUsesEnough
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => uses == UsesMost;
    }

    /// <summary>Counts a use, unless there is more to do: the entry slides.</summary>
    /// <returns>Whether that was all.</returns>
    public bool TryCountUse()
    {
        if (uses >= SlidesMark)
            return false;
        CountUse();
        return true;
    }

    public void CountUse()
    {
        if (Uses < UsesMost)
            uses++;
    }

    /// <summary>Takes one of its uses, of which there are some, off. Writers only.</summary>
    public void TakeUse() => uses--;

    /// <summary>Takes all its uses off. Writers only.</summary>
    public void TakeAllUses() => uses &= SlidesMark;

    public void TakeUsesOf(LocalEntry other) => uses = (byte)((uses & SlidesMark) | other.Uses);

    /// <summary>When the entry is of no more use to anybody: its freshness and what may be served stale after it.</summary>
    public long EndsAt => FreshUntil == Never ? Never : Life is null ? FreshUntil : FreshUntil + Life.AfterFresh;
}

/// <summary>What an entry has in one field if it has both.</summary>
internal sealed record TagsAndLife(object Tags, EntryLife Life);

/// <summary>Which eviction queue an entry is in; once it left the cache, why.</summary>
internal enum EntryPlace : byte
{
    Nowhere,
    Window,
    Main,
    Gone,
}

/// <summary>The course of an entry's life beside its end, in milliseconds; shared by all entries that were made with the same options.</summary>
/// <param name="BeforeEnd">How long before the logical end of life <see cref="LocalEntry.FreshUntil"/> lies (eager refresh).</param>
/// <param name="Stale">How long after the logical end the value may still be served stale.</param>
/// <param name="Sliding">How long a use prolongs the life; 0: not at all.</param>
/// <param name="AbsoluteEnd">Where sliding stops, on the cache's clock.</param>
/// <param name="EndInStore">Where it stops in the distributed tier, on the same clock; 0: that has no such entry.</param>
internal sealed record EntryLife(long BeforeEnd, long Stale, long Sliding = 0, long AbsoluteEnd = LocalEntry.Never, long EndInStore = 0)
{
    /// <summary>When a use was last told to the distributed tier.</summary>
    long toldAt;

    public long ToldAt
    {
        init => toldAt = value;
    }

    /// <summary>Whether a use now is to be told to the distributed tier: one use in a quarter of the sliding life is.</summary>
    public bool IsToBeTold(long now)
    {
        var last = Volatile.Read(ref toldAt);
        return EndInStore > now && now - last >= Sliding / 4 && Interlocked.CompareExchange(ref toldAt, now, last) == last;
    }

    public long AfterFresh => BeforeEnd + Stale;
}
