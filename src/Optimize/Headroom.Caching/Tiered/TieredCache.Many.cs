using Headroom.Caching.Distributed;
using Headroom.Caching.Local;
using Microsoft.Extensions.Caching.Hybrid;

namespace Headroom.Caching.Tiered;

/// <summary>Several keys at once: one request to the distributed tier, and one run of the factory, for all that memory does not have.</summary>
internal sealed partial class TieredCache
{
    const int KeysMost = 10_000;

    /// <summary>What stood before the values of the missing keys are made.</summary>
    sealed record Missing(long ValidAt, List<string> Keys, Dictionary<string, Stamp?> Stamps);

    public async ValueTask<IReadOnlyDictionary<string, T>> GetManyAsync<T>(IEnumerable<string> keys, CancellationToken cancellation = default)
    {
        var found = new Dictionary<string, T>(StringComparer.Ordinal);
        var missing = await FindManyAsync(Checked(keys), [], EntryPlan.Of(options, null), found, cancellation);
        store.CountMisses(missing.Keys.Count);
        return found;
    }

    public async ValueTask<IReadOnlyDictionary<string, T>> GetOrCreateManyAsync<T>(
        IEnumerable<string> keys,
        Func<IReadOnlyList<string>, CancellationToken, ValueTask<IReadOnlyDictionary<string, T>>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(factory);
        var plan = EntryPlan.Of(this.options, options);
        var names = CacheTags.Checked(tags);
        var found = new Dictionary<string, T>(StringComparer.Ordinal);
        var asked = Checked(keys);
        var guards = new Dictionary<string, WriteGuard>(StringComparer.Ordinal);
        try
        {
            foreach (var key in asked)
                guards[key] = flights.BeginWrite(key);
            var missing = await FindManyAsync(asked, names, plan, found, cancellation);
            store.CountMisses(missing.Keys.Count);
            if (missing.Keys.Count == 0 || !plan.MayCreate)
                return found;

            var made = await factory(missing.Keys, cancellation);
            foreach (var key in missing.Keys)
            {
                if (!made.TryGetValue(key, out var value))
                    continue;
                found[key] = value;
                var flight = new Flight<T>(new FlightKey(key, typeof(T), plan.Flags), names, missing.ValidAt, guards[key]);
                await KeepAsync(flight, value, new CacheEntryContext(key, names, plan.Expiration) { LocalExpiration = plan.LocalExpiration }, plan, missing.Stamps.GetValueOrDefault(key));
            }

            return found;
        }
        finally
        {
            foreach (var (key, guard) in guards)
                flights.EndWrite(key, guard);
        }
    }

    async ValueTask<Missing> FindManyAsync<T>(List<string> keys, string[] tags, EntryPlan plan, Dictionary<string, T> found, CancellationToken cancellation)
    {
        var missing = new Missing(store.Invalidations, [], new Dictionary<string, Stamp?>(StringComparer.Ordinal));
        foreach (var key in keys)
        {
            if (plan.ReadsLocal && TryFind<T>(key, out var value))
                found[key] = value;
            else
                missing.Keys.Add(key);
        }

        if (missing.Keys.Count == 0 || distributed is null || (!plan.ReadsDistributed && !plan.WritesDistributed))
            return missing;

        var guards = missing.Keys.ToDictionary(key => key, flights.BeginWrite, StringComparer.Ordinal);
        try
        {
            var reads = await distributed.ReadAsync(missing.Keys, tags, cancellation);
            for (var i = reads.Length - 1; i >= 0; i--)
            {
                var key = missing.Keys[i];
                using var read = reads[i];
                missing.Stamps[key] = read.Stamp;
                var flight = new Flight<T>(new FlightKey(key, typeof(T), plan.Flags), tags, missing.ValidAt, guards[key]);
                if (!plan.ReadsDistributed || !TryTake<T>(read, flight, plan, out var value))
                    continue;
                found[key] = value;
                missing.Keys.RemoveAt(i);
            }
        }
        finally
        {
            foreach (var (key, guard) in guards)
                flights.EndWrite(key, guard);
        }

        return missing;
    }

    static List<string> Checked(IEnumerable<string> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var distinct = keys.Distinct(StringComparer.Ordinal).ToList();
        if (distinct.Count > KeysMost)
            throw new ArgumentException($"{distinct.Count} keys were given; allowed are {KeysMost} at a time.", nameof(keys));
        foreach (var key in distinct)
            Keys.Checked(key);
        return distinct;
    }
}
