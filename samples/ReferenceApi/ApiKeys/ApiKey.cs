using System.ComponentModel;

namespace ReferenceApi.ApiKeys;

/// <summary>What the database knows of a key; not the key.</summary>
[ImmutableObject(true)]
internal sealed record ApiKey
{
    public required string Client { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }
}
