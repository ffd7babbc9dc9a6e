using System.Diagnostics.CodeAnalysis;
using Headroom.Caching.Distributed;
using Headroom.Caching.Local;
using Headroom.Telemetry;
using Microsoft.Extensions.Caching.Hybrid;

namespace Headroom.Caching.Tiered;

/// <summary>Getting a value that memory does not have fresh.</summary>
internal sealed partial class TieredCache
{
    /// <summary>The flight of a key, where there is one and nothing else to be looked at: so a thousand callers that wait for one value need nothing of their own.</summary>
    bool TryJoin<T>(string key, HybridCacheEntryOptions? given, CancellationToken cancellation, [NotNullWhen(true)] out Task<T>? flight)
    {
        flight = null;
        if (given is not null || cancellation.CanBeCanceled || staleIsServed || options.FactoryHardTimeout is not null || !local.IsShared<T>() || RequestTimings.IsOn)
            return false;
        try
        {
            if (!flights.TryJoin<T>(new FlightKey(key, typeof(T), HybridCacheEntryFlags.None), out var joined))
                return false;
            if (joined.Group is not null)
            {
                // It may end without a value.
                joined.Leave();
                return false;
            }

            Interlocked.Increment(ref coalesced);
            flight = joined.Task;
        }
        catch (InvalidOperationException reentrant)
        {
            flight = Task.FromException<T>(reentrant);
        }

        return true;
    }

    ValueTask<T> CreateAsync<T>(string key, ValueFactory<T> factory, HybridCacheEntryOptions? given, IEnumerable<string>? tags, CancellationToken cancellation)
    {
        Keys.Check(key);
        var plan = EntryPlan.Of(options, given);
        var names = CacheTags.Checked(tags);
        if (cancellation.IsCancellationRequested)
            return ValueTask.FromCanceled<T>(cancellation);

        LocalEntry? stale = null;
        if (plan.ReadsLocal && store.Peek(key) is { } entry)
        {
            var stage = local.StageOf(entry);
            if (entry.Value is KeptFailure failure)
            {
                if (stage == LifeStage.Fresh)
                    return ValueTask.FromException<T>(failure.Thrown);
            }
            else if (local.TryRead<T>(entry, out var value))
            {
                if (stage != LifeStage.Stale)
                    return new ValueTask<T>(ServeAndRefresh(key, value, stage, factory, plan, names));
                stale = entry;
            }
        }

        return plan.MayCreate ? FlyAsync(key, factory, plan, names, stale, cancellation) : ReadDistributedAsync<T>(key, plan, names, cancellation);
    }

    T ServeAndRefresh<T>(string key, T value, LifeStage stage, ValueFactory<T> factory, EntryPlan plan, string[] tags)
    {
        store.CountHit();
        if (stage == LifeStage.Revalidating)
            Interlocked.Increment(ref staleServed);
        var id = new FlightKey(key, typeof(T), plan.Flags);
        if (stage == LifeStage.Fresh || !plan.MayCreate || flights.IsUnderWay(id))
            return value;

        var flight = flights.JoinOrStart<T>(id, tags, out var isNew);
        if (isNew)
        {
            // Nothing of this request (its activity, its locals) belongs to the refresh.
            using var flow = ExecutionContext.SuppressFlow();
            _ = Task.Run(() => RunAsync(flight, factory, plan, fallback: null, asksDistributed: false), CancellationToken.None);
        }

        return value;
    }

    ValueTask<T> FlyAsync<T>(string key, ValueFactory<T> factory, EntryPlan plan, string[] tags, LocalEntry? stale, CancellationToken cancellation)
    {
        Flight<T> flight;
        bool isNew;
        try
        {
            flight = flights.JoinOrStart<T>(new FlightKey(key, typeof(T), plan.Flags), tags, out isNew);
        }
        catch (InvalidOperationException reentrant)
        {
            return ValueTask.FromException<T>(reentrant);
        }

        if (isNew)
            _ = RunAsync(flight, factory, plan, stale, asksDistributed: true);
        else
            Interlocked.Increment(ref coalesced);

        if (!isNew && RequestTimings.IsOn)
            return WaitTimedAsync(flight, factory, plan, tags, stale, cancellation);

        if (flight.Group is not null)
            return WaitOrMakeAsync(flight, factory, plan, tags, stale, cancellation);

        // Most callers have nothing to wait for but the value: they share its task.
        return local.IsShared<T>() && !cancellation.CanBeCanceled && stale is null && options.FactoryHardTimeout is null
            ? new ValueTask<T>(flight.Task)
            : WaitAsync(flight, stale, cancellation);
    }

    /// <summary>The time that a request waits for a value which another one makes belongs to the cache; what the other one spends it on is told there.</summary>
    async ValueTask<T> WaitTimedAsync<T>(Flight<T> flight, ValueFactory<T> factory, EntryPlan plan, string[] tags, LocalEntry? stale, CancellationToken cancellation)
    {
        using (RequestTimings.Measure(RequestPart.Cache))
            return await WaitOrMakeAsync(flight, factory, plan, tags, stale, cancellation);
    }

    /// <summary>Waits for a factory of several values; if that leaves this one out, it is made here after all.</summary>
    async ValueTask<T> WaitOrMakeAsync<T>(Flight<T> flight, ValueFactory<T> factory, EntryPlan plan, string[] tags, LocalEntry? stale, CancellationToken cancellation)
    {
        try
        {
            return await WaitAsync(flight, stale, cancellation);
        }
        catch (ValueLeftOutException)
        {
            return await FlyAsync(flight.Id.Key, factory, plan, tags, stale, cancellation);
        }
    }

    async ValueTask<T> WaitAsync<T>(Flight<T> flight, LocalEntry? stale, CancellationToken cancellation)
    {
        var patience = (stale is null ? null : options.FactorySoftTimeout) ?? options.FactoryHardTimeout ?? Timeout.InfiniteTimeSpan;
        try
        {
            return flight.Share(await flight.Task.WaitAsync(patience, time, cancellation));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested && !flight.Task.IsCompleted)
        {
            flight.Leave();
            throw;
        }
        catch (Exception failed) when (stale is not null && failed is not ValueLeftOutException && store.Now < stale.EndsAt && flight.IsValidAt(store))
        {
            Log.StaleServed(logger, failed);
            Interlocked.Increment(ref staleServed);
            return local.TryRead<T>(stale, out var value) ? value : throw new InvalidOperationException("A value that could be read before cannot any more.", failed);
        }
        catch (TimeoutException slow) when (!flight.Task.IsCompleted)
        {
            throw new TimeoutException($"The factory of a cached value did not finish within {patience}; it goes on, and its value will be kept.", slow);
        }
    }

    async Task RunAsync<T>(Flight<T> flight, ValueFactory<T> factory, EntryPlan plan, LocalEntry? fallback, bool asksDistributed)
    {
        FlightScope.Enter(flight);
        var key = flight.Id.Key;
        var standby = default(Cached<T>);
        try
        {
            // Whoever looked before another flight landed, and came here after, finds its value now: a flight is removed after its value is kept.
            if (asksDistributed && plan.ReadsLocal && store.Peek(key) is { Value: not KeptFailure } kept && local.StageOf(kept) == LifeStage.Fresh && local.TryRead<T>(kept, out var already))
            {
                store.CountHit();
                flights.Remove(flight);
                flight.Land(already);
                return;
            }

            Stamp? stamp = null;
            if (distributed is not null && (plan.ReadsDistributed || plan.WritesDistributed))
            {
                // Also before a refresh and where reading is off: the stamp says what stood before the value was made.
                using var read = await distributed.ReadAsync(key, flight.Tags, flight.Cancellation);
                stamp = read.Stamp;
                if (asksDistributed && plan.ReadsDistributed && TryTake<T>(read, flight, plan, out var found))
                {
                    flights.Remove(flight);
                    flight.Land(found);
                    return;
                }

                if (options.FailSafe > TimeSpan.Zero && read.Outcome == TierOutcome.Hit && TryDeserialize<T>(read, out var older))
                    standby = new Cached<T>(older);
                if (stamp is not null && IsLed(plan))
                {
                    var lead = await LeadAsync(flight, plan, stamp, asksDistributed || read.Outcome != TierOutcome.Hit ? null : read.Content.Metadata.CreatedMs);
                    stamp = lead.Stamp;
                    if (lead.Found.Found)
                    {
                        flights.Remove(flight);
                        flight.Land(lead.Found.Value!);
                        return;
                    }
                }
            }

            // A call that reads no tier has missed none.
            if (asksDistributed && (plan.ReadsLocal || plan.ReadsDistributed))
                store.CountMisses();
            var context = new CacheEntryContext(key, flight.Tags, plan.Expiration) { LocalExpiration = plan.LocalExpiration };
            var value = await factory.RunAsync(context, flight.Cancellation);
            await KeepAsync(flight, value, context, plan, stamp);
            flights.Remove(flight);
            flight.Land(value);
        }
#pragma warning disable CA1031 // Whatever the factory throws goes to everyone who waits for it.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            if (!flight.Cancellation.IsCancellationRequested)
                KeepFailure(flight, thrown, fallback);
            flights.Remove(flight);
            if (standby.Found && flight.IsValidAt(store))
            {
                // Past its life, but all that there is.
                Log.StaleServed(logger, thrown);
                Interlocked.Increment(ref staleServed);
                flight.Land(standby.Value!);
            }
            else
                flight.Crash(thrown);
        }
        finally
        {
            // Not written: others need not wait until the lease ends.
            if (TakeLease(flight) is { } lease)
                await distributed!.ReleaseAsync(lease);
        }
    }

    static IStoreLease? TakeLease(Flight flight)
    {
        var lease = flight.Lease;
        flight.Lease = null;
        return lease;
    }

    async ValueTask KeepAsync<T>(Flight<T> flight, T value, CacheEntryContext context, EntryPlan plan, Stamp? stamp)
    {
        var expiration = value is null && options.NullExpiration is { } forNull ? forNull : context.Expiration;
        var canKeep = local.TryKeep(value, out var kept, out var copies);
        flight.Copies = copies;

        // A factory often computes it, from the end of a token for example: what is over already is not kept, and no caller is to blame.
        if (context.SkipCaching || !canKeep || expiration <= TimeSpan.Zero)
            return;

        var life = expiration < Expirations.Longest ? expiration : Expirations.Longest;
        string[] tags = [.. context.Tags];
        var isCurrent = !plan.WritesLocal
            ? flight.IsValidAt(store)
            : local.Set(flight.Id.Key, kept, life, context.LocalExpiration, tags, flight.ValidAt, flight.Guard) || flight.IsValidAt(store);
        if (distributed is null || !plan.WritesDistributed || stamp is null || !isCurrent)
            return;

        var writing = WriteDistributedAsync(flight.Id.Key, value, life, stamp, tags, TakeLease(flight));
        if (!options.WriteBehind)
            await writing;
    }

    async Task WriteDistributedAsync<T>(string key, T value, TimeSpan life, Stamp stamp, string[] tags, IStoreLease? lease)
    {
        try
        {
            // Outdated: another node invalidated it meanwhile. The stamp keeps it out of the store, this takes it out of memory.
            var outcome = await distributed!.WriteAsync(key, value, serializers.Of<T>(), TimesOf(life), stamp, tags, CancellationToken.None, lease);
            if (outcome == TierWriteOutcome.Outdated)
                store.Remove(key);
            if (outcome == TierWriteOutcome.Written)
                lease = null;
        }
#pragma warning disable CA1031 // A serializer may throw anything; the caller has its value and is not to suffer from the cache.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            Log.NotSerializable(logger, typeof(T), thrown);
        }

        await distributed!.ReleaseAsync(lease);
    }

    /// <summary>A sliding entry is not kept beyond its end in the store: nobody could tell there that it is stale.</summary>
    EntryTimes TimesOf(TimeSpan life) => options.SlidingExpiration is { } sliding ? new EntryTimes(life, TimeSpan.Zero, sliding) : new EntryTimes(life, Stale);

    /// <summary>What is used here is not to end under the readers of other nodes.</summary>
    void SlideInStore(LocalEntry used)
    {
        var life = Math.Min((long)options.SlidingExpiration!.Value.TotalMilliseconds, used.Life!.EndInStore - store.Now);
        using var flow = ExecutionContext.SuppressFlow();
        _ = distributed!.SlideAsync(used.Key, TimeSpan.FromMilliseconds(life)).AsTask();
    }

    TimeSpan Stale => options.FailSafe > options.StaleWhileRevalidate ? options.FailSafe : options.StaleWhileRevalidate;

    void KeepFailure(Flight flight, Exception thrown, LocalEntry? fallback)
    {
        if (fallback is not null && store.Now < fallback.EndsAt)
            local.Retry(fallback, flight.Tags, flight);
        else if (options.FailureExpiration > TimeSpan.Zero && fallback is null)
        {
            store.Set(new NewEntry(flight.Id.Key, new KeptFailure(thrown), flight.ValidAt)
            {
                FreshUntil = store.Now + (long)options.FailureExpiration.TotalMilliseconds,
                Tags = flight.Tags,
                Guard = flight.Guard,
            });
        }
    }

    /// <summary>Takes a fresh value from the distributed tier into memory.</summary>
    bool TryTake<T>(TierRead read, Flight<T> flight, EntryPlan plan, out T value)
    {
        value = default!;
        if (read.Outcome != TierOutcome.Hit)
            return false;
        var rest = TimeSpan.FromMilliseconds(read.Content.Metadata.FreshUntilMs - time.GetUtcNow().ToUnixTimeMilliseconds());
        if (rest <= TimeSpan.Zero || !TryDeserialize(read, out value))
            return false;

        Interlocked.Increment(ref distributedHits);
        var canKeep = local.TryKeep(value, out var kept, out var copies);
        flight.Copies = copies;
        if (plan.WritesLocal && canKeep)
        {
            string[] tags = [.. read.Content.Metadata.Tags.Select(tag => tag.Tag)];
            local.Set(flight.Id.Key, kept, rest < Expirations.Longest ? rest : Expirations.Longest, plan.LocalExpiration, tags, flight.ValidAt, flight.Guard);
        }

        return true;
    }

    bool TryDeserialize<T>(TierRead read, out T value)
    {
        try
        {
            value = read.Content.Deserialize(serializers.Of<T>())!;
            return true;
        }
#pragma warning disable CA1031 // What another version of the program wrote may not read as this type: a miss.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            Log.NotDeserializable(logger, typeof(T), thrown);
            value = default!;
            return false;
        }
    }

    async ValueTask<T> ReadDistributedAsync<T>(string key, EntryPlan plan, string[] tags, CancellationToken cancellation)
    {
        if (distributed is not null && plan.ReadsDistributed)
        {
            var flight = new Flight<T>(new FlightKey(key, typeof(T), plan.Flags), tags, store.Invalidations, flights.BeginWrite(key));
            try
            {
                using var read = await distributed.ReadAsync(key, tags, cancellation, willCreate: false);
                if (TryTake<T>(read, flight, plan, out var value))
                    return value;
            }
            finally
            {
                flights.EndWrite(key, flight.Guard);
            }
        }

        store.CountMisses();
        return default!;
    }
}
