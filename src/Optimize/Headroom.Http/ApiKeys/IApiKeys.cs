namespace Headroom.Http;

/// <summary>
/// Makes and changes API keys. Every change is made in the <see cref="IApiKeyStore"/> first; then this node forgets what it had cached of the key before the call returns, and other nodes are told through the second tier of the cache
/// (Headroom.Redis); without one they follow when the cached record is over (60 s). See docs/api-keys.md.
/// </summary>
public interface IApiKeys
{
    /// <summary>Makes a key. This is the only time that it can be read.</summary>
    /// <exception cref="ArgumentException">Something of it is out of bounds; the message names all of it.</exception>
    ValueTask<IssuedApiKey> CreateAsync(NewApiKey key, CancellationToken cancellationToken = default);

    /// <summary>What the store knows of a key, never cached; null when there is none.</summary>
    ValueTask<ApiKeyRecord?> FindAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>A page of keys, the newest first, as <see cref="IApiKeyStore.ListAsync"/>.</summary>
    ValueTask<IReadOnlyList<ApiKeyRecord>> ListAsync(string? organizationId = null, ApiKeyPosition? after = null, int most = 50, CancellationToken cancellationToken = default);

    /// <summary>Gives an active key another name, other scopes, instances and another expiry.</summary>
    /// <param name="read">The key as <see cref="FindAsync"/> gave it.</param>
    /// <param name="changed">What it is to be: <c>read with { Scopes = ["messages:read"] }</c>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False when there is no active key of that id, or when it was changed or rotated since it was read: nothing was written; read it again.</returns>
    /// <exception cref="ArgumentException">Something of it is out of bounds, the message names all of it; or the two are not the same key.</exception>
    ValueTask<bool> UpdateAsync(ApiKeyRecord read, ApiKeyRecord changed, CancellationToken cancellationToken = default);

    /// <summary>Makes a key in the place of another, with its name, organisation, scopes, instances and expiry. The other goes on for a while, so that clients can change over.</summary>
    /// <param name="id">The key to replace.</param>
    /// <param name="overlap">How long it goes on, 0 to 90 days; null: <see cref="ApiKeyOptions.RotationOverlap"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The new key; null when the other is not there, over, or replaced already.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The overlap is out of bounds.</exception>
    ValueTask<IssuedApiKey?> RotateAsync(string id, TimeSpan? overlap = null, CancellationToken cancellationToken = default);

    /// <summary>Ends a key for good; its record stays.</summary>
    /// <returns>False when there is no such key.</returns>
    ValueTask<bool> RevokeAsync(string id, CancellationToken cancellationToken = default);

    /// <summary>Ends a key and removes its record.</summary>
    /// <returns>False when there is no such key.</returns>
    ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken = default);
}

/// <summary>What a new key is to be; bounds as in <see cref="ApiKeyRecord"/>.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="OrganizationId">Whose it is.</param>
/// <param name="Scopes">What it may do; null: nothing that asks for a scope.</param>
/// <param name="InstanceIds">The instances that it is for; null: all.</param>
/// <param name="ExpiresAt">When it ends, in the future; null: never.</param>
public sealed record NewApiKey(string Name, string OrganizationId, IReadOnlyList<string>? Scopes = null, IReadOnlyList<string>? InstanceIds = null, DateTimeOffset? ExpiresAt = null);

/// <summary>A key that was just made.</summary>
/// <param name="Record">What is known of it from now on.</param>
/// <param name="Key">The key. Give it to the client and forget it.</param>
public sealed record IssuedApiKey(ApiKeyRecord Record, string Key)
{
    /// <summary>Without the key, which must not get into a log.</summary>
    public override string ToString() => $"IssuedApiKey {{ Id = {Record.Id} }}";
}
