using Headroom.Caching.Distributed;
using Headroom.Caching.Local;
using Microsoft.Extensions.Caching.Hybrid;

namespace Headroom.Caching.Tiered;

/// <summary>Setting and invalidating. Memory first, so that this node stops serving at once what is over; then the store, which tells the other nodes if it can; then memory again.</summary>
internal sealed partial class TieredCache
{
    public override async ValueTask SetAsync<T>(
        string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
    {
        Keys.Checked(key);
        var plan = EntryPlan.Of(this.options, options);
        var names = CacheTags.Checked(tags);
        cancellationToken.ThrowIfCancellationRequested();
        var canKeep = local.TryKeep(value, out var kept, out _);

        // What is being made for this key is older than what is set now.
        store.Revoke(flights.TakeGuard(key));
        if (plan.WritesLocal && canKeep)
            local.Set(key, kept, plan.Expiration, plan.LocalExpiration, names, store.Invalidations, guard: null);
        else
            store.Remove(key);
        if (distributed is not null && plan.WritesDistributed)
        {
            try
            {
                await distributed.SetAsync(key, value, serializers.Of<T>(), TimesOf(plan.Expiration), names, cancellationToken);
            }
            catch (Exception thrown) when (thrown is not OperationCanceledException)
            {
                // What the store has is over all the same.
                Log.NotSerializable(logger, typeof(T), thrown);
                await distributed.InvalidateAsync([new Invalidated(StoreKeyKind.Key, key)], cancellationToken);
            }
            finally
            {
                DropOlder(key, kept);
            }
        }
    }

    public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default)
    {
        Keys.Checked(key);
        return RemoveKeysAsync([key], cancellationToken);
    }

    public override ValueTask RemoveAsync(IEnumerable<string> keys, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        string[] all = [.. keys.Distinct(StringComparer.Ordinal)];
        foreach (var key in all)
            Keys.Checked(key);
        return RemoveKeysAsync(all, cancellationToken);
    }

    public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        return RemoveTagsAsync([tag], cancellationToken);
    }

    public override ValueTask RemoveByTagAsync(IEnumerable<string> tags, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tags);
        string[] all = [.. tags.Distinct(StringComparer.Ordinal)];
        foreach (var tag in all)
            ArgumentException.ThrowIfNullOrEmpty(tag, nameof(tags));
        return RemoveTagsAsync(all, cancellationToken);
    }

    public ValueTask<int> RemoveByPrefixAsync(string prefix, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        return RemoveWhereAsync(KeyPattern.OfPrefix(prefix), key => key.StartsWith(prefix, StringComparison.Ordinal), cancellation);
    }

    public ValueTask<int> RemoveByPatternAsync(string pattern, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        var chosen = KeyPattern.OfWildcards(pattern);
        return RemoveWhereAsync(chosen, chosen.IsMatch, cancellation);
    }

    public ValueTask ClearAsync(CancellationToken cancellation = default)
    {
        store.Clear();
        return InvalidateEverywhereAsync([new Invalidated(StoreKeyKind.Tag, CacheTags.All)], cancellation);
    }

    async ValueTask<int> RemoveWhereAsync(KeyPattern pattern, Func<string, bool> chosen, CancellationToken cancellation)
    {
        var (keys, removed) = RemoveLocally(chosen);
        if (distributed is null)
            return removed;
        var found = new HashSet<string>(StringComparer.Ordinal);
        var invalidated = keys.Select(key => new Invalidated(StoreKeyKind.Key, key));
        try
        {
            await distributed.InvalidateAsync([.. invalidated, .. distributed.CanSearch ? [new Invalidated(StoreKeyKind.Pattern, pattern.Text)] : Array.Empty<Invalidated>()], cancellation, found);
        }
        finally
        {
            RemoveLocally(chosen);
        }

        found.ExceptWith(keys);
        return removed + found.Count;
    }

    (HashSet<string> Keys, int Removed) RemoveLocally(Func<string, bool> chosen)
    {
        var keys = store.KeysWhere(chosen);
        keys.UnionWith(flights.KeysUnderWay().Where(chosen));
        return (keys, keys.Count(key => store.Remove(key, flights.TakeGuard(key))));
    }

    ValueTask RemoveKeysAsync(string[] keys, CancellationToken cancellation)
    {
        foreach (var key in keys)
            store.Remove(key, flights.TakeGuard(key));
        return InvalidateEverywhereAsync([.. keys.Select(key => new Invalidated(StoreKeyKind.Key, key))], cancellation);
    }

    ValueTask RemoveTagsAsync(string[] tags, CancellationToken cancellation)
    {
        foreach (var tag in tags)
            InvalidateLocally(tag);
        return InvalidateEverywhereAsync([.. tags.Select(tag => new Invalidated(StoreKeyKind.Tag, tag))], cancellation);
    }

    void InvalidateLocally(string tag)
    {
        if (tag == CacheTags.All)
            store.InvalidateAll();
        else
            store.InvalidateTag(tag);
    }

    /// <summary>
    /// The store, and then memory once more: who asked between the two found nothing in memory and, in the store, what was still valid there.
    /// </summary>
    async ValueTask InvalidateEverywhereAsync(Invalidated[] invalidated, CancellationToken cancellation)
    {
        if (distributed is null || invalidated.Length == 0)
            return;
        try
        {
            await distributed.InvalidateAsync(invalidated, cancellation);
        }
        finally
        {
            foreach (var what in invalidated)
            {
                if (what.Kind == StoreKeyKind.Key)
                    store.Remove(what.Name, flights.TakeGuard(what.Name));
                else
                    InvalidateLocally(what.Name);
            }
        }
    }

    /// <summary>What was taken from the store while it still had the older value is not what was set.</summary>
    void DropOlder(string key, object? kept)
    {
        store.Revoke(flights.TakeGuard(key));
        if (store.Peek(key) is { } entry && !ReferenceEquals(entry.Value, kept))
            store.Remove(key);
    }

    ValueTask<bool> ICacheProvider.HasAsync(string key, CancellationToken cancellation) => HasAsync(key, cancellation);

    async ValueTask<bool> HasAsync(string key, CancellationToken cancellation)
    {
        Keys.Checked(key);
        if (store.Peek(key) is { } entry && local.StageOf(entry) is LifeStage.Fresh or LifeStage.DueForRefresh)
            return true;
        if (distributed is null)
            return false;
        using var read = await distributed.ReadAsync(key, [], cancellation, willCreate: false);
        return read.Outcome == TierOutcome.Hit;
    }

    async ValueTask<bool> ICacheProvider.DeleteAsync(string key, CancellationToken cancellation)
    {
        var was = await HasAsync(key, cancellation);
        await RemoveAsync(key, cancellation);
        return was;
    }

    async ValueTask<Cached<T>> ICacheProvider.GetAsync<T>(string key, CancellationToken cancellation)
    {
        var found = await GetManyAsync<T>([key], cancellation);
        return found.TryGetValue(key, out var value) ? new Cached<T>(value) : default;
    }

    ValueTask ICacheProvider.SetAsync<T>(string key, T value, TimeSpan? expiration, CancellationToken cancellation) =>
        SetAsync(key, value, expiration is null ? null : new HybridCacheEntryOptions { Expiration = expiration }, null, cancellation);
}
