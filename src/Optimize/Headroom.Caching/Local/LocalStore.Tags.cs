namespace Headroom.Caching.Local;

/// <summary>
/// Invalidation in one step, however many entries carry the tag. Invalidations are numbered.
/// <list type="number">
/// <item>Invalidating writes the next number into the tag, then publishes it as <see cref="invalidations"/>.</item>
/// <item>A lookup compares the entry's <see cref="LocalEntry.ValidAt"/> with the published number: equal means that nothing at all was invalidated since the
/// entry was last looked at, which is all that most lookups do.</item>
/// <item>If it differs, the entry's tags are looked at; an entry that stands is marked valid up to the number read before.</item>
/// <item>A value is put in only if none of its tags was invalidated after the number read before it began to be made.</item>
/// <item>A tag that no entry carries is forgotten. <see cref="forgotten"/> keeps the highest number of all forgotten ones of a slot, by the hash of their names: a value that is being made is given up for another tag's
/// sake only where two share a slot, and never kept though it is over.</item>
/// </list>
/// </summary>
internal sealed partial class LocalStore
{
    // One in so many invalidations of a tag that nobody carries costs another such tag's value under way.
    const int ForgottenSlots = 1024;

    readonly Dictionary<string, Tag> tags = new(StringComparer.Ordinal);
    readonly long[] forgotten = new long[ForgottenSlots];
    long invalidations;
    long everythingInvalidatedAt;

    /// <summary>To be read before a value is made, and given with it as <see cref="NewEntry.ValidAt"/>.</summary>
    public long Invalidations => Volatile.Read(ref invalidations);

    internal int TagCount
    {
        get
        {
            lock (gate)
                return tags.Count;
        }
    }

    public void InvalidateTag(string name)
    {
        lock (gate)
        {
            var number = invalidations + 1;
            if (tags.TryGetValue(name, out var tag))
                Volatile.Write(ref tag.InvalidatedAt, number);
            else
                ForgottenAt(name) = number;
            Volatile.Write(ref invalidations, number);
        }
    }

    /// <summary>Makes every entry invalid in one step; their memory is freed as they are met, expire or are evicted.</summary>
    public void InvalidateAll()
    {
        lock (gate)
            InvalidateEverything();
    }

    void InvalidateEverything()
    {
        var number = invalidations + 1;
        Volatile.Write(ref everythingInvalidatedAt, number);
        Volatile.Write(ref invalidations, number);
    }

    bool IsValid(LocalEntry entry)
    {
        var published = Volatile.Read(ref invalidations);
        var validAt = Volatile.Read(ref entry.ValidAt);
        if (validAt == published)
            return true;
        if (Volatile.Read(ref everythingInvalidatedAt) > validAt)
            return false;
        switch (entry.Tags)
        {
            case Tag tag:
                if (Volatile.Read(ref tag.InvalidatedAt) > validAt)
                    return false;
                break;
            case Tag[] several:
                foreach (var tag in several)
                {
                    if (Volatile.Read(ref tag.InvalidatedAt) > validAt)
                        return false;
                }

                break;
        }

        Volatile.Write(ref entry.ValidAt, published);
        return true;
    }

    /// <summary>Whether a value with these tags that began to be made then is over by now.</summary>
    public bool WasInvalidatedSince(string[] names, long validAt)
    {
        if (validAt == Volatile.Read(ref invalidations))
            return false;
        lock (gate)
            return IsInvalidatedSince(names, validAt);
    }

    bool IsInvalidatedSince(string[]? names, long validAt)
    {
        if (validAt == invalidations)
            return false;
        if (everythingInvalidatedAt > validAt)
            return true;
        foreach (var name in names ?? [])
        {
            if ((tags.TryGetValue(name, out var tag) ? tag.InvalidatedAt : ForgottenAt(name)) > validAt)
                return true;
        }

        return false;
    }

    object? Resolve(string[]? names)
    {
        switch (names)
        {
            case null or []:
                return null;
            case [var single]:
                return Carried(single);
            default:
                var several = new Tag[names.Length];
                for (var i = 0; i < several.Length; i++)
                    several[i] = Carried(names[i]);
                return several;
        }
    }

    Tag Carried(string name)
    {
        if (!tags.TryGetValue(name, out var tag))
            tags[name] = tag = new Tag(name, ForgottenAt(name));
        tag.Entries++;
        return tag;
    }

    void Release(object? carried)
    {
        switch (carried)
        {
            case Tag tag:
                Release(tag);
                break;
            case Tag[] several:
                foreach (var tag in several)
                    Release(tag);
                break;
        }
    }

    void Release(Tag tag)
    {
        if (--tag.Entries > 0)
            return;
        tags.Remove(tag.Name);
        ref var forgottenAt = ref ForgottenAt(tag.Name);
        forgottenAt = Math.Max(forgottenAt, tag.InvalidatedAt);
    }

    ref long ForgottenAt(string name) => ref forgotten[(uint)string.GetHashCode(name, StringComparison.Ordinal) % ForgottenSlots];
}
