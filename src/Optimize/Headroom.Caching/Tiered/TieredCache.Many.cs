using Headroom.Caching.Distributed;
using Headroom.Caching.Local;
using Microsoft.Extensions.Caching.Hybrid;

namespace Headroom.Caching.Tiered;

/// <summary>
/// Several keys at once.
/// <list type="number">
/// <item>What memory has is taken from there.</item>
/// <item>Of the others, those that somebody is making are joined; the rest are this caller's, and others join them from now on.</item>
/// <item>For its own it sends one request to the distributed tier, and runs the factory once for all that this does not have either. It waits for nobody before, so that two callers never wait for each other.</item>
/// <item>Then it takes what the others have made. What another caller's factory left out goes back to step 2.</item>
/// </list>
/// </summary>
internal sealed partial class TieredCache
{
    const int KeysMost = 10_000;
    const int WritesAtOnce = 64;

    public async ValueTask<IReadOnlyDictionary<string, T>> GetManyAsync<T>(IEnumerable<string> keys, CancellationToken cancellation = default)
    {
        var found = new Dictionary<string, T>(StringComparer.Ordinal);
        await FindManyAsync(Checked(keys), EntryPlan.Of(options, null), found, cancellation);
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
        var open = Checked(keys);
        cancellation.ThrowIfCancellationRequested();
        if (!plan.MayCreate)
        {
            await FindManyAsync(open, plan, found, cancellation);
            return found;
        }

        for (open = plan.ReadsLocal ? TakeLocal(open, found) : open; open.Count > 0;)
        {
            var (own, joined) = Board<T>(open, names, plan);
            Interlocked.Add(ref coalesced, joined.Count);
            var running = own.Flights.Count == 0 ? Task.CompletedTask : RunManyAsync(own, factory, names, plan);
            open = await CollectAsync(own, running, joined, found, cancellation);
        }

        return found;
    }

    List<string> TakeLocal<T>(List<string> keys, Dictionary<string, T> found)
    {
        var missing = new List<string>();
        foreach (var key in keys)
        {
            if (TryFind<T>(key, out var value))
                found[key] = value;
            else
                missing.Add(key);
        }

        return missing;
    }

    (FlightGroup<T> Own, List<Flight<T>> Joined) Board<T>(List<string> keys, string[] tags, EntryPlan plan)
    {
        var own = new FlightGroup<T>();
        var joined = new List<Flight<T>>();
        try
        {
            foreach (var key in keys)
            {
                var flight = flights.JoinOrStart<T>(new FlightKey(key, typeof(T), plan.Flags), tags, out var isNew, own);
                if (isNew)
                    own.Add(flight);
                else
                    joined.Add(flight);
            }
        }
        catch (InvalidOperationException reentrant)
        {
            foreach (var flight in own.Flights)
                End(flight, reentrant);
            joined.ForEach(flight => flight.Leave());
            throw;
        }

        own.Close();
        return (own, joined);
    }

    /// <summary>Waits for this caller's own flights, then for the others.</summary>
    /// <returns>Keys that a factory of somebody else left out.</returns>
    async ValueTask<List<string>> CollectAsync<T>(FlightGroup<T> own, Task running, List<Flight<T>> joined, Dictionary<string, T> found, CancellationToken cancellation)
    {
        var leftOut = new List<string>();
        var next = 0;
        try
        {
            await running.WaitAsync(options.FactoryHardTimeout ?? Timeout.InfiniteTimeSpan, time, cancellation);
            foreach (var flight in own.Flights.Where(flight => !flight.IsLeftOut))
                found[flight.Id.Key] = flight.Share(await flight.Task);
            while (next < joined.Count)
            {
                var flight = joined[next++];
                try
                {
                    found[flight.Id.Key] = await WaitAsync(flight, stale: null, cancellation);
                }
                catch (ValueLeftOutException)
                {
                    leftOut.Add(flight.Id.Key);
                }
            }

            return leftOut;
        }
        catch (Exception failed)
        {
            // The one that was waited for has been left already, if it is to be. An own factory that takes too long goes on.
            foreach (var flight in joined.Skip(next).Concat(cancellation.IsCancellationRequested ? own.Flights : []).Where(flight => !flight.Task.IsCompleted))
                flight.Leave();
            if (failed is TimeoutException && !running.IsCompleted)
                throw new TimeoutException($"The factory of several cached values did not finish within {options.FactoryHardTimeout}; it goes on, and its values will be kept.", failed);
            throw;
        }
    }

    /// <summary>Fetches or makes the values of the group's keys. Does not throw: each flight tells those who wait for it.</summary>
    async Task RunManyAsync<T>(
        FlightGroup<T> group, Func<IReadOnlyList<string>, CancellationToken, ValueTask<IReadOnlyDictionary<string, T>>> factory, string[] tags, EntryPlan plan)
    {
        FlightScope.Enter(group);
        var open = group.Flights.ToDictionary(flight => flight.Id.Key, StringComparer.Ordinal);
        try
        {
            var stamps = await LandFoundAsync(group, open, tags, plan);
            store.CountMisses(open.Count);
            if (open.Count == 0)
                return;

            var made = await factory([.. open.Keys], group.Cancellation);
            foreach (var some in open.Values.ToList().Chunk(WritesAtOnce))
                await Task.WhenAll(some.Select(flight => LandMadeAsync(flight, made, plan, stamps?.GetValueOrDefault(flight.Id.Key))));
        }
#pragma warning disable CA1031 // Whatever the factory throws goes to everyone who waits for it.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            foreach (var flight in open.Values.Where(flight => !flight.Task.IsCompleted))
                End(flight, thrown);
        }
    }

    async Task LandMadeAsync<T>(Flight<T> flight, IReadOnlyDictionary<string, T> made, EntryPlan plan, Stamp? stamp)
    {
        if (!made.TryGetValue(flight.Id.Key, out var value))
        {
            End(flight, new ValueLeftOutException());
            return;
        }

        await KeepAsync(flight, value, new CacheEntryContext(flight.Id.Key, flight.Tags, plan.Expiration) { LocalExpiration = plan.LocalExpiration }, plan, stamp);
        Land(flight, value);
    }

    /// <summary>Lands, and takes out, the flights whose values some tier has.</summary>
    /// <returns>What stood in the store for the others; null where there is none, or it is not to be written.</returns>
    async ValueTask<Dictionary<string, Stamp?>?> LandFoundAsync<T>(FlightGroup<T> group, Dictionary<string, Flight<T>> open, string[] tags, EntryPlan plan)
    {
        // Whoever looked before another flight landed, and came here after, finds its value now.
        foreach (var (key, flight) in open)
        {
            if (plan.ReadsLocal && store.Peek(key) is { Value: not KeptFailure } kept && local.StageOf(kept) == LifeStage.Fresh && local.TryRead<T>(kept, out var value))
            {
                store.CountHit();
                Land(flight, value);
                group.Landed(flight);
                open.Remove(key);
            }
        }

        if (open.Count == 0 || distributed is null || (!plan.ReadsDistributed && !plan.WritesDistributed))
            return null;
        string[] keys = [.. open.Keys];
        var stamps = new Dictionary<string, Stamp?>(StringComparer.Ordinal);
        var reads = await distributed.ReadAsync(keys, tags, group.Cancellation);
        for (var i = 0; i < reads.Length; i++)
        {
            using var read = reads[i];
            stamps[keys[i]] = read.Stamp;
            if (!plan.ReadsDistributed || !TryTake<T>(read, open[keys[i]], plan, out var value))
                continue;
            Land(open[keys[i]], value);
            group.Landed(open[keys[i]]);
            open.Remove(keys[i]);
        }

        return stamps;
    }

    /// <summary>What the tiers have; nothing is made, so nobody is waited for.</summary>
    async ValueTask FindManyAsync<T>(List<string> keys, EntryPlan plan, Dictionary<string, T> found, CancellationToken cancellation)
    {
        var missing = plan.ReadsLocal ? TakeLocal(keys, found) : keys;
        if (missing.Count > 0 && distributed is not null && plan.ReadsDistributed)
        {
            var flown = missing.ConvertAll(key => new Flight<T>(new FlightKey(key, typeof(T), plan.Flags), [], store.Invalidations, flights.BeginWrite(key)));
            try
            {
                var reads = await distributed.ReadAsync(missing, [], cancellation, willCreate: false);
                for (var i = 0; i < reads.Length; i++)
                {
                    using var read = reads[i];
                    if (TryTake<T>(read, flown[i], plan, out var value))
                        found[flown[i].Id.Key] = value;
                }
            }
            finally
            {
                flown.ForEach(flight => flights.EndWrite(flight.Id.Key, flight.Guard));
            }
        }

        store.CountMisses(missing.Count(key => !found.ContainsKey(key)));
    }

    void Land<T>(Flight<T> flight, T value)
    {
        flights.Remove(flight);
        flight.Land(value);
    }

    void End<T>(Flight<T> flight, Exception thrown)
    {
        flights.Remove(flight);
        flight.Crash(thrown);
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
