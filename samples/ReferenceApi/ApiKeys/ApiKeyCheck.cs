using Headroom.Caching;
using Microsoft.Extensions.Caching.Hybrid;
using ReferenceApi.Data;
using ReferenceApi.Data.DataSets;
using ReferenceApi.Hosting;

namespace ReferenceApi.ApiKeys;

/// <summary>Says whose a key is: one query for each request, or with the feature ApiKeyCache what the cache named <c>auth</c> has kept for a minute.</summary>
internal sealed class ApiKeyCheck(Database database, FeatureSet features, TimeProvider time, [FromKeyedServices(ApiKeyCheck.CacheName)] HybridCache? cache = null)
{
    public const string CacheName = "auth";

    private const int LongestKey = 128;

    /// <summary>Keys that nobody has cost a query too, and there is no end of them: they are kept for a shorter time, and the cache's bound and admission keep them from driving out those that are in use.</summary>
    public static void Configure(CacheOptions options)
    {
        options.MaxEntries = 10_000;
        options.NullExpiration = TimeSpan.FromSeconds(10);
    }

    public async ValueTask<(ApiKey? Key, string? Refusal)> CheckAsync(string key, CancellationToken cancellationToken)
    {
        if (key.Length is 0 or > LongestKey)
            return (null, $"The header x-api-key has {key.Length} characters; send one key of at most {LongestKey}.");

        // The key itself goes nowhere, neither to the database nor into a cache.
        var hash = ApiKeyRows.Hash(key);
        var found = features[Feature.ApiKeyCache] && cache is not null
            ? await cache.GetOrCreateAsync(CacheKey.For("api-key", hash), (check: this, hash), static (state, token) => state.check.FindAsync(state.hash, token), cancellationToken: cancellationToken)
            : await FindAsync(hash, cancellationToken);
        return found switch
        {
            null => (null, "The API key in the header x-api-key is not known."),
            { RevokedAt: not null } => (null, "The API key in the header x-api-key was revoked."),
            { ExpiresAt: { } end } when end <= time.GetUtcNow() => (null, "The API key in the header x-api-key has expired."),
            _ => (found, null),
        };
    }

    private async ValueTask<ApiKey?> FindAsync(string hash, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenAsync(cancellationToken);
        return await session.QueryFirstOrDefaultAsync<ApiKey>("find-api-key", "SELECT client, expires_at, revoked_at FROM api_keys WHERE key_hash = @hash", new { hash });
    }
}
