using Headroom.Http;
using ReferenceApi.Data;

namespace ReferenceApi.ApiKeys;

/// <summary>The keys of the data set, for Headroom's API keys to look up. They come with the data and are changed by nobody.</summary>
internal sealed class ApiKeyTable(Database database) : IApiKeyStore
{
    public ValueTask PrepareAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public async ValueTask<StoredApiKey?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenAsync(cancellationToken);
        var row = await session.QueryFirstOrDefaultAsync<ApiKeyRow>("find-api-key", "SELECT key_hash, client, created_at, expires_at, revoked_at FROM api_keys WHERE id = @id", new { id });
        return row is null ? null : new StoredApiKey(row.ToRecord(id), Convert.FromHexString(row.KeyHash));
    }

    public ValueTask<bool> AddAsync(StoredApiKey key, CancellationToken cancellationToken) => throw ReadOnly();

    public ValueTask<bool> UpdateAsync(ApiKeyRecord read, ApiKeyRecord changed, CancellationToken cancellationToken) => throw ReadOnly();

    public ValueTask<bool> RevokeAsync(string id, DateTimeOffset revokedAt, CancellationToken cancellationToken) => throw ReadOnly();

    public ValueTask<bool> ReplaceAsync(string id, StoredApiKey successor, DateTimeOffset endsAt, DateTimeOffset now, CancellationToken cancellationToken) => throw ReadOnly();

    public ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken) => throw ReadOnly();

    public ValueTask<IReadOnlyList<ApiKeyRecord>> ListAsync(string? organizationId, ApiKeyPosition? after, int most, CancellationToken cancellationToken) => throw ReadOnly();

    public ValueTask AddUsageAsync(IReadOnlyList<ApiKeyUsage> usage, CancellationToken cancellationToken) => throw ReadOnly();

    private static NotSupportedException ReadOnly() => new("The keys of the reference API come with its data set and are not changed.");

    private sealed record ApiKeyRow
    {
        public required string KeyHash { get; init; }

        public required string Client { get; init; }

        public required DateTimeOffset CreatedAt { get; init; }

        public DateTimeOffset? ExpiresAt { get; init; }

        public DateTimeOffset? RevokedAt { get; init; }

        public ApiKeyRecord ToRecord(string id) => new()
        {
            Id = id,
            Name = Client,
            OrganizationId = Client,
            Status = RevokedAt is null ? ApiKeyStatus.Active : ApiKeyStatus.Revoked,
            CreatedAt = CreatedAt,
            ExpiresAt = ExpiresAt,
            RevokedAt = RevokedAt,
        };
    }
}
