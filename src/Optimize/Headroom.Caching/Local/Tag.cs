namespace Headroom.Caching.Local;

/// <summary>A label that entries share, so that all of them can be invalidated at once.</summary>
internal sealed class Tag(string name, long invalidatedAt)
{
    public readonly string Name = name;

    /// <summary>The number of the last invalidation of this tag; entries that were valid only before it are not any more.</summary>
    public long InvalidatedAt = invalidatedAt;

    /// <summary>How many entries carry it; a tag that none carries is forgotten.</summary>
    public int Entries;
}
