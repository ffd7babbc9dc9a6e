namespace Headroom.Http;

/// <summary>Whether a key may be used.</summary>
public enum ApiKeyStatus
{
    /// <summary>It may, until it expires.</summary>
    Active,

    /// <summary>It may not, and never again.</summary>
    Revoked,
}

/// <summary>What is known of a key. The key itself is not: nobody can read it back from this.</summary>
public sealed record ApiKeyRecord
{
    /// <summary>16 letters and digits, which also stand in the key. Not a secret: lists and logs of the application may show it.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it. 1 to 200 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Whose it is. 1 to 128 characters.</summary>
    public required string OrganizationId { get; init; }

    /// <summary>Whether it may be used, expiry aside.</summary>
    public ApiKeyStatus Status { get; init; }

    /// <summary>From this moment on it is refused, cached or not; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What it may do, for example <c>messages:send</c>: at most 100, each 1 to 128 visible characters without spaces, quotes and backslashes (RFC 6749, §3.3). Compared letter by letter.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>The instances that it is for, written as scopes are, at most 1,000; null: all.</summary>
    public IReadOnlyList<string>? InstanceIds { get; init; }

    /// <summary>When it was made, to the millisecond.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was revoked; null: it was not.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>The id of the key that took its place; null: none did.</summary>
    public string? ReplacedBy { get; init; }

    /// <summary>When it was last used, as of the last batch that was written; null: never.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>How many requests it was good for, as of the last batch that was written.</summary>
    public long UseCount { get; init; }
}

/// <summary>A record as a store keeps it.</summary>
/// <param name="Record">What is known of the key.</param>
/// <param name="Hash">SHA-256 of the key without its checksum: 32 bytes.</param>
public sealed record StoredApiKey(ApiKeyRecord Record, ReadOnlyMemory<byte> Hash);

/// <summary>How often a key was used since the batch before.</summary>
/// <param name="Id">The key's id.</param>
/// <param name="Count">Uses, 1 or more.</param>
/// <param name="LastUsedAt">The last of them.</param>
public sealed record ApiKeyUsage(string Id, long Count, DateTimeOffset LastUsedAt);

/// <summary>A place in a list of keys, which is sorted by age, the newest first, and then by id.</summary>
/// <param name="CreatedAt">When the key there was made.</param>
/// <param name="Id">Its id.</param>
public sealed record ApiKeyPosition(DateTimeOffset CreatedAt, string Id);
