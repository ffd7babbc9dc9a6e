namespace Headroom.Caching;

/// <summary>Why an entry left the memory tier.</summary>
public enum EvictionReason
{
    /// <summary>Its time was over, or one of its tags was invalidated.</summary>
    Expired,

    /// <summary>The cache was full and the entry was used less than others.</summary>
    Capacity,

    /// <summary>It was removed by key, prefix or pattern.</summary>
    Removed,

    /// <summary>Another value was set under its key.</summary>
    Replaced,

    /// <summary>The whole cache was cleared.</summary>
    Cleared,
}
