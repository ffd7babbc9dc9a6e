namespace Headroom.Http;

/// <summary>
/// Keeps API keys: <see cref="DbApiKeyStore"/> in SQLite or PostgreSQL, <see cref="MemoryApiKeyStore"/> in this process. Nothing here caches, invalidates or counts; <see cref="IApiKeys"/> does, so change keys through that.
/// </summary>
public interface IApiKeyStore
{
    /// <summary>Makes what the store needs, a table for example, where it is missing. Called at start-up while <see cref="ApiKeyOptions.PrepareStore"/> is true.</summary>
    ValueTask PrepareAsync(CancellationToken cancellationToken);

    /// <summary>The key of this id; null when there is none.</summary>
    ValueTask<StoredApiKey?> FindAsync(string id, CancellationToken cancellationToken);

    /// <summary>Adds a key; false when its id is taken.</summary>
    ValueTask<bool> AddAsync(StoredApiKey key, CancellationToken cancellationToken);

    /// <summary>
    /// Sets name, scopes, instances and expiry of an active key. False when there is no such key, and when one of these four or its <see cref="ApiKeyRecord.ReplacedBy"/> is not as it was read: it was changed meanwhile, and what another
    /// caller changed, or the end that a rotation gave it, would be undone.
    /// </summary>
    /// <param name="read">The key as it was read.</param>
    /// <param name="changed">The same key as it is to be.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask<bool> UpdateAsync(ApiKeyRecord read, ApiKeyRecord changed, CancellationToken cancellationToken);

    /// <summary>Revokes a key; one that is revoked already keeps its time. False when there is no such key.</summary>
    ValueTask<bool> RevokeAsync(string id, DateTimeOffset revokedAt, CancellationToken cancellationToken);

    /// <summary>
    /// Adds a key in the place of another, which ends at <paramref name="endsAt"/> unless it ends before. Both or nothing; false when the other is not active, expired at <paramref name="now"/>, replaced already or not there, and when
    /// its name, scopes, instances or expiry are not those of <paramref name="successor"/>: it was changed since it was read, and the successor must not have more than it.
    /// </summary>
    ValueTask<bool> ReplaceAsync(string id, StoredApiKey successor, DateTimeOffset endsAt, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Removes a key for good; false when there is no such key.</summary>
    ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken);

    /// <summary>At most so many keys, the newest first, from behind a place in the list.</summary>
    /// <param name="organizationId">Of this organisation only; null: of all.</param>
    /// <param name="after">The last key of the page before; null: from the beginning.</param>
    /// <param name="most">How many, 1 or more.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask<IReadOnlyList<ApiKeyRecord>> ListAsync(string? organizationId, ApiKeyPosition? after, int most, CancellationToken cancellationToken);

    /// <summary>Adds a batch of uses, all or none of it. Keys that are gone are left out; a time before the one that is known changes nothing.</summary>
    ValueTask AddUsageAsync(IReadOnlyList<ApiKeyUsage> usage, CancellationToken cancellationToken);
}
