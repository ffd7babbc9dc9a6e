using Headroom.Caching.Distributed;

namespace Headroom.Caching.Tiered;

/// <summary>
/// One factory for each key in the whole cluster.
/// <list type="number">
/// <item>Who found nothing in any tier asks the store for the lease of the key.</item>
/// <item>Who gets it looks into the store once more, because another node may have made the value in between, and then runs the factory.</item>
/// <item>The value is written under the lease: the store takes it only if nobody got the lease since (fencing), and the lease is given back with it. A factory that failed gives it back too.</item>
/// <item>Who does not get it waits until the store tells that the value or the lease changed, or else for a moment drawn at random, looks for the value and asks for the lease again. The lease of a node that died ends
/// by itself.</item>
/// <item>Nobody waits longer than two leases last; a store that is away is not waited for at all. Then the factory runs here.</item>
/// </list>
/// </summary>
internal sealed partial class TieredCache
{
    /// <summary>What came of asking for the lease: a value that another node made, or else leave to make it.</summary>
    readonly record struct Lead<T>(Cached<T> Found, Stamp? Stamp);

    readonly ChangeSignals signals = new();
    long coalescedAcrossNodes;

    bool IsLed(EntryPlan plan) => options.CoalesceAcrossNodes && distributed is { HasLeases: true } && plan.ReadsDistributed && plan.WritesDistributed;

    /// <param name="flight">Gets the lease.</param>
    /// <param name="plan">What is asked for.</param>
    /// <param name="stamp">What stood when the store was found to have no value.</param>
    /// <param name="knownMs">When the value that is to be made anew was made; null: there is none, and any will do.</param>
    async ValueTask<Lead<T>> LeadAsync<T>(Flight<T> flight, EntryPlan plan, Stamp stamp, long? knownMs)
    {
        var key = flight.Id.Key;
        var began = time.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            var changed = signals.Next(key);
            (var isAsked, flight.Lease) = await distributed!.TryLeaseAsync(key, options.LeaseDuration, flight.Cancellation);
            if (!isAsked)
                return new Lead<T>(default, stamp);
            if (flight.Lease is null)
            {
                if (time.GetElapsedTime(began) >= 2 * options.LeaseDuration)
                    return default;
                await PauseAsync(changed, distributed.PollDelay(attempt, local.IsTold), flight.Cancellation);
            }

            // What is read or made from here on is as of now, also for who joins.
            flights.Renew(flight);
            using var read = await distributed.ReadAsync(key, flight.Tags, flight.Cancellation);
            if (read.Stamp is null)
                return default;
            stamp = read.Stamp;
            if (read.Outcome == TierOutcome.Hit && read.Content.Metadata.CreatedMs != knownMs && TryTake<T>(read, flight, plan, out var found))
            {
                Interlocked.Increment(ref coalescedAcrossNodes);
                return new Lead<T>(new Cached<T>(found), stamp);
            }

            if (flight.Lease is not null)
                return new Lead<T>(default, stamp);
        }
    }

    async ValueTask PauseAsync(Task changed, TimeSpan delay, CancellationToken cancellation)
    {
        try
        {
            await changed.WaitAsync(delay, time, cancellation);
        }
        catch (TimeoutException)
        {
            // Nobody told anything: the store is asked.
        }
    }
}
