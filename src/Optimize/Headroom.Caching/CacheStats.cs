namespace Headroom.Caching;

/// <summary>What a cache holds now and did since it was made.</summary>
public sealed record CacheStats
{
    /// <summary>Lookups answered from memory.</summary>
    public long LocalHits { get; init; }

    /// <summary>Lookups answered from the distributed tier.</summary>
    public long DistributedHits { get; init; }

    /// <summary>Lookups that no tier could answer.</summary>
    public long Misses { get; init; }

    /// <summary>Entries in memory.</summary>
    public long Entries { get; init; }

    /// <summary>What they weigh: bytes, estimated, where the cache is bounded by bytes; otherwise their number.</summary>
    public long Weight { get; init; }

    /// <summary>Entries that left memory because it was full.</summary>
    public long Evictions { get; init; }

    /// <summary>Entries that left memory because their time was over or a tag was invalidated.</summary>
    public long Expirations { get; init; }

    /// <summary>Callers that waited for a value that another one was already fetching.</summary>
    public long Coalesced { get; init; }

    /// <summary>Values that this node would have made had not another one made them meanwhile (<see cref="CacheOptions.CoalesceAcrossNodes"/>).</summary>
    public long CoalescedAcrossNodes { get; init; }

    /// <summary>Lookups answered with a value past its life, because it was being refreshed or could not be.</summary>
    public long StaleServed { get; init; }

    /// <summary>Operations of the distributed tier that failed or took too long.</summary>
    public long DistributedErrors { get; init; }

    /// <summary>Entries of the distributed tier that were damaged or in a later version of the format; each was a miss.</summary>
    public long DistributedUnreadable { get; init; }

    /// <summary>Share of lookups, 0 to 1, that some tier answered; null before the first.</summary>
    public double? HitRatio => LocalHits + DistributedHits + Misses is var lookups and > 0 ? (double)(LocalHits + DistributedHits) / lookups : null;
}
