namespace Headroom.Caching;

/// <summary>What a factory may decide once it knows the value. Belongs to one run of one factory.</summary>
public sealed class CacheEntryContext
{
    readonly List<string> tags;

    internal CacheEntryContext(string key, IEnumerable<string> tags, TimeSpan expiration)
    {
        Key = key;
        this.tags = [.. tags];
        Expiration = expiration;
    }

    /// <summary>The key that the value is made for.</summary>
    public string Key { get; }

    /// <summary>How long the value is kept, at most 3,650 days; zero and less: it is not kept. What the caller or the cache's options say until it is set.</summary>
    public TimeSpan Expiration { get; set; }

    /// <summary>How long it is kept in memory at most; null: as the cache's options say.</summary>
    public TimeSpan? LocalExpiration { get; set; }

    /// <summary>True: the value goes to those who wait for it and is not kept.</summary>
    public bool SkipCaching { get; set; }

    /// <summary>The value's tags so far.</summary>
    public IReadOnlyList<string> Tags => tags;

    /// <summary>Adds a label that is known only from the result.</summary>
    /// <param name="tag">Not empty and not <c>*</c>.</param>
    public void AddTag(string tag)
    {
        CacheTags.Check(tag);
        if (!tags.Contains(tag))
            tags.Add(tag);
    }
}
