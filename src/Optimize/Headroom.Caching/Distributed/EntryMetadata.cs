namespace Headroom.Caching.Distributed;

/// <summary>What the envelope says beside the value. Times are Unix milliseconds.</summary>
internal sealed record EntryMetadata
{
    /// <summary>No end.</summary>
    public const long Never = long.MaxValue;

    public required long CreatedMs { get; init; }

    /// <summary>Until then the value is fresh.</summary>
    public required long FreshUntilMs { get; init; }

    /// <summary>Until then it may be served stale; at least <see cref="FreshUntilMs"/>.</summary>
    public required long EndsAtMs { get; init; }

    /// <summary>How long a read lets it live on; 0 for not at all.</summary>
    public long SlidingMs { get; init; }

    /// <summary>Version of the key's own marker that it was made under. 0, here and below: there was none, as early versions wrote; such an entry is a miss.</summary>
    public long KeyVersion { get; init; }

    /// <summary>Version of the marker of everything that it was made under.</summary>
    public long AllVersion { get; init; }

    /// <summary>Its tags, with the versions of their markers.</summary>
    public IReadOnlyList<TagVersion> Tags { get; init; } = [];
}

/// <summary>A tag, and which version of its marker stood.</summary>
internal readonly record struct TagVersion(string Tag, long Version);

/// <summary>What stood before a value began to be computed: whoever writes the value says so with it.</summary>
/// <param name="TakenAtMs">Unix milliseconds. Tags that only the result names are compared with this.</param>
/// <param name="Moment">The same in the order of <see cref="TagMarkers.NextMoment"/>.</param>
internal sealed record Stamp(long KeyVersion, long AllVersion, IReadOnlyList<TagVersion> Tags, long TakenAtMs, long Moment)
{
    /// <summary>A marker could not be read or made, or changed while it was: nothing may be written with this.</summary>
    public bool IsVoid => KeyVersion <= 0 || AllVersion <= 0 || Tags.Any(tag => tag.Version <= 0);
}
