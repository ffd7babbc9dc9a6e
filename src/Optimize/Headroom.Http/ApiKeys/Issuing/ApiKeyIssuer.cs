using Headroom.Caching;
using Headroom.Http.ApiKeys.Checking;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Headroom.Http.ApiKeys.Issuing;

/// <summary>Makes and changes keys: the store first, then the caches of this node and the others.</summary>
internal sealed class ApiKeyIssuer(IApiKeyStore store, ApiKeyFormat format, [FromKeyedServices(ApiKeyCheck.CacheName)] IHeadroomCache cache, IOptions<ApiKeyOptions> options, TimeProvider time) : IApiKeys
{
    const int AttemptsMost = 3;
    const int PageMost = 1_000;

    public async ValueTask<IssuedApiKey> CreateAsync(NewApiKey key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        var template = new ApiKeyRecord { Id = "", Name = key.Name, OrganizationId = key.OrganizationId, Scopes = [.. key.Scopes ?? []], InstanceIds = Copy(key.InstanceIds), ExpiresAt = Rounded(key.ExpiresAt) };
        ApiKeyRules.Check(template, ApiKeyRules.ExpiryErrors(key.ExpiresAt, time.GetUtcNow()) is { } over ? new() { ["expiresAt"] = over } : null);

        // An id is taken once in 2^95 times.
        for (var attempt = 1; attempt <= AttemptsMost; attempt++)
        {
            if (await TryAddAsync(template, stored => store.AddAsync(stored, cancellationToken)) is { } issued)
                return issued;
        }

        throw new InvalidOperationException("The store took none of three new API keys, as if it had their ids already.");
    }

    public async ValueTask<ApiKeyRecord?> FindAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        return ApiKeyFormat.IsId(id) ? (await store.FindAsync(id, cancellationToken))?.Record : null;
    }

    public ValueTask<IReadOnlyList<ApiKeyRecord>> ListAsync(string? organizationId = null, ApiKeyPosition? after = null, int most = 50, CancellationToken cancellationToken = default)
    {
        if (most is < 1 or > PageMost)
            throw new ArgumentOutOfRangeException(nameof(most), most, $"Allowed are 1 to {PageMost}.");
        return store.ListAsync(organizationId, after, most, cancellationToken);
    }

    public ValueTask<bool> UpdateAsync(ApiKeyRecord read, ApiKeyRecord changed, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(changed);
        if (changed.Id != read.Id)
            throw new ArgumentException($"The key that was read is '{read.Id}', the one to write '{changed.Id}'; write a copy of the first: read with {{ Name = \"new\" }}.", nameof(changed));
        ApiKeyRules.Check(changed);
        return ChangeAsync(
            read.Id, () => store.UpdateAsync(read with { ExpiresAt = Rounded(read.ExpiresAt) }, changed with { Scopes = [.. changed.Scopes], InstanceIds = Copy(changed.InstanceIds), ExpiresAt = Rounded(changed.ExpiresAt) }, cancellationToken));
    }

    public async ValueTask<IssuedApiKey?> RotateAsync(string id, TimeSpan? overlap = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        var goesOn = overlap ?? options.Value.RotationOverlap;
        if (goesOn < TimeSpan.Zero || goesOn > ApiKeyOptions.OverlapMost)
            throw new ArgumentOutOfRangeException(nameof(overlap), goesOn, $"Allowed are 0 to {ApiKeyOptions.OverlapMost:c}.");
        if (!ApiKeyFormat.IsId(id))
            return null;

        // Read anew each time: the store refuses a successor of what was changed meanwhile.
        for (var attempt = 1; attempt <= AttemptsMost; attempt++)
        {
            if (await store.FindAsync(id, cancellationToken) is not { Record: { ReplacedBy: null, Status: ApiKeyStatus.Active } old })
                return null;
            var now = time.GetUtcNow();
            IssuedApiKey? issued = null;
            await ChangeAsync(
                id,
                async () => (issued = await TryAddAsync(old with { LastUsedAt = null, UseCount = 0 }, successor => store.ReplaceAsync(id, successor, now + goesOn, now, cancellationToken))) is not null);
            if (issued is not null)
                return issued;
        }

        return null;
    }

    public ValueTask<bool> RevokeAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        return ChangeAsync(id, () => store.RevokeAsync(id, time.GetUtcNow(), cancellationToken));
    }

    public ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        return ChangeAsync(id, () => store.DeleteAsync(id, cancellationToken));
    }

    // Stores keep milliseconds.
    static DateTimeOffset? Rounded(DateTimeOffset? time) => time is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds()) : null;

    static string[]? Copy(IReadOnlyList<string>? words) => words is null ? null : [.. words];

    async ValueTask<IssuedApiKey?> TryAddAsync(ApiKeyRecord template, Func<StoredApiKey, ValueTask<bool>> add)
    {
        var (key, id, hash) = format.Make();
        var record = template with { Id = id, CreatedAt = Rounded(time.GetUtcNow())!.Value };
        return await add(new StoredApiKey(record, hash)) ? new IssuedApiKey(record, key) : null;
    }

    // Also where the store failed: what it did before that is not known. A caller who gives up now must not leave it cached either.
    async ValueTask<bool> ChangeAsync(string id, Func<ValueTask<bool>> change)
    {
        if (!ApiKeyFormat.IsId(id))
            return false;
        try
        {
            return await change();
        }
        finally
        {
            await ForgetAsync(id);
        }
    }

    ValueTask ForgetAsync(string id) => cache.AsHybridCache().RemoveAsync(id, CancellationToken.None);
}
