namespace Headroom.Http;

/// <summary>API keys in this process: for tests, and for applications whose keys come from elsewhere at every start. What is made here ends with the process, and no other node knows it.</summary>
public sealed class MemoryApiKeyStore : IApiKeyStore
{
    readonly Dictionary<string, StoredApiKey> keys = new(StringComparer.Ordinal);
    readonly Lock gate = new();

    /// <inheritdoc />
    public ValueTask PrepareAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc />
    public ValueTask<StoredApiKey?> FindAsync(string id, CancellationToken cancellationToken)
    {
        lock (gate)
            return new(keys.GetValueOrDefault(id));
    }

    /// <inheritdoc />
    public ValueTask<bool> AddAsync(StoredApiKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        lock (gate)
            return new(keys.TryAdd(key.Record.Id, key));
    }

    /// <inheritdoc />
    public ValueTask<bool> UpdateAsync(ApiKeyRecord read, ApiKeyRecord changed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(changed);
        return new(TryChange(
            read.Id,
            known => known with { Name = changed.Name, Scopes = changed.Scopes, InstanceIds = changed.InstanceIds, ExpiresAt = changed.ExpiresAt },
            known => known.Status == ApiKeyStatus.Active && known.ReplacedBy == read.ReplacedBy && IsAsRead(read, known)));
    }

    /// <inheritdoc />
    public ValueTask<bool> RevokeAsync(string id, DateTimeOffset revokedAt, CancellationToken cancellationToken) =>
        new(TryChange(id, known => known with { Status = ApiKeyStatus.Revoked, RevokedAt = known.RevokedAt ?? revokedAt }));

    /// <inheritdoc />
    public ValueTask<bool> ReplaceAsync(string id, StoredApiKey successor, DateTimeOffset endsAt, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(successor);
        lock (gate)
        {
            if (keys.GetValueOrDefault(id) is not { Record: { Status: ApiKeyStatus.Active, ReplacedBy: null } record } known || record.ExpiresAt <= now)
                return new(false);
            if (!IsAsRead(successor.Record, record) || !keys.TryAdd(successor.Record.Id, successor))
                return new(false);
            keys[id] = known with { Record = record with { ReplacedBy = successor.Record.Id, ExpiresAt = record.ExpiresAt < endsAt ? record.ExpiresAt : endsAt } };
            return new(true);
        }
    }

    /// <inheritdoc />
    public ValueTask<bool> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        lock (gate)
            return new(keys.Remove(id));
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<ApiKeyRecord>> ListAsync(string? organizationId, ApiKeyPosition? after, int most, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return new(
            [
                .. keys.Values.Select(static key => key.Record)
                    .Where(record => organizationId is null || record.OrganizationId == organizationId)
                    .Where(record => after is null || record.CreatedAt < after.CreatedAt || (record.CreatedAt == after.CreatedAt && string.CompareOrdinal(record.Id, after.Id) > 0))
                    .OrderByDescending(static record => record.CreatedAt).ThenBy(static record => record.Id, StringComparer.Ordinal)
                    .Take(most),
            ]);
        }
    }

    /// <inheritdoc />
    public ValueTask AddUsageAsync(IReadOnlyList<ApiKeyUsage> usage, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(usage);
        foreach (var each in usage)
            _ = TryChange(each.Id, known => known with { UseCount = known.UseCount + each.Count, LastUsedAt = known.LastUsedAt > each.LastUsedAt ? known.LastUsedAt : each.LastUsedAt });
        return ValueTask.CompletedTask;
    }

    static bool IsAsRead(ApiKeyRecord read, ApiKeyRecord known) =>
        read.Name == known.Name && read.ExpiresAt == known.ExpiresAt && read.Scopes.SequenceEqual(known.Scopes, StringComparer.Ordinal)
        && (read.InstanceIds is null ? known.InstanceIds is null : known.InstanceIds is not null && read.InstanceIds.SequenceEqual(known.InstanceIds, StringComparer.Ordinal));

    bool TryChange(string id, Func<ApiKeyRecord, ApiKeyRecord> change, Func<ApiKeyRecord, bool>? may = null)
    {
        lock (gate)
        {
            if (!keys.TryGetValue(id, out var known) || may?.Invoke(known.Record) == false)
                return false;
            keys[id] = known with { Record = change(known.Record) };
            return true;
        }
    }
}
