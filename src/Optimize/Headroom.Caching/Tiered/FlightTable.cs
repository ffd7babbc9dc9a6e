using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Headroom.Caching.Local;

namespace Headroom.Caching.Tiered;

/// <summary>
/// Single flight: one factory for each key in this process, however many callers.
/// <list type="number">
/// <item>The first caller puts a flight in and runs the factory in its own context; callers that come meanwhile wait for the same task.</item>
/// <item>A flight that began before an invalidation of its key or of one of its tags is not joined: the caller puts a new one in its place. Those who waited before it get its value, and it is not kept.</item>
/// <item>A caller whose token is cancelled leaves. The factory is cancelled when the last one left.</item>
/// <item>A landed flight is taken out after its value was put into memory, so that who comes later finds one or the other.</item>
/// </list>
/// </summary>
internal sealed class FlightTable(LocalStore store)
{
    readonly ConcurrentDictionary<FlightKey, Flight> flights = new();

    /// <summary>Values that are being made, by key: a removal revokes them.</summary>
    readonly Dictionary<string, (WriteGuard Guard, int Uses)> writes = new(StringComparer.Ordinal);

    public bool IsUnderWay(FlightKey id) => flights.TryGetValue(id, out var flight) && CanBeJoined(flight);

    /// <summary>Joins a flight that is under way.</summary>
    public bool TryJoin<T>(FlightKey id, [NotNullWhen(true)] out Flight<T>? flight)
    {
        flight = null;
        if (!flights.TryGetValue(id, out var found) || !CanBeJoined(found))
            return false;
        FlightScope.ThrowIfInside(found);
        if (!found.TryJoin())
            return false;
        flight = (Flight<T>)found;
        return true;
    }

    /// <summary>The flight to wait for.</summary>
    /// <param name="id">What is asked for.</param>
    /// <param name="tags">The tags of a flight that is made.</param>
    /// <param name="isNew">Whether the caller has to run it.</param>
    /// <param name="group">What a flight that is made is run with; null: alone.</param>
    public Flight<T> JoinOrStart<T>(FlightKey id, string[] tags, out bool isNew, FlightGroup<T>? group = null)
    {
        Flight<T>? made = null;
        while (true)
        {
            flights.TryGetValue(id, out var found);
            if (TryJoin<T>(id, out var joined))
            {
                if (made is not null)
                    EndWrite(id.Key, made.Guard);
                isNew = false;
                return joined;
            }

            made ??= new Flight<T>(id, tags, store.Invalidations, BeginWrite(id.Key), group);
            isNew = true;
            if (found is null ? flights.TryAdd(id, made) : flights.TryUpdate(id, made, found))
                return made;
        }
    }

    public void Remove(Flight flight)
    {
        flights.TryRemove(KeyValuePair.Create(flight.Id, flight));
        EndWrite(flight.Id.Key, flight.Guard);
    }

    /// <summary>Lets a flight count from now on that has read nothing yet that it uses.</summary>
    public void Renew(Flight flight)
    {
        var key = flight.Id.Key;
        EndWrite(key, flight.Guard);
        flight.BeginAnew(store.Invalidations, BeginWrite(key));
    }

    /// <summary>What a write of this key must be given, so that a removal can keep it out.</summary>
    public WriteGuard BeginWrite(string key)
    {
        lock (writes)
        {
            var (guard, uses) = writes.TryGetValue(key, out var open) ? open : (new WriteGuard(), 0);
            writes[key] = (guard, uses + 1);
            return guard;
        }
    }

    public void EndWrite(string key, WriteGuard guard)
    {
        lock (writes)
        {
            if (!writes.TryGetValue(key, out var open) || open.Guard != guard)
                return;
            if (open.Uses == 1)
                writes.Remove(key);
            else
                writes[key] = (guard, open.Uses - 1);
        }
    }

    /// <summary>The guard of whatever is being made for a key, to be revoked; null: nothing is. Whoever begins from now on gets another one.</summary>
    public WriteGuard? TakeGuard(string key)
    {
        lock (writes)
            return writes.Remove(key, out var open) ? open.Guard : null;
    }

    public string[] KeysUnderWay()
    {
        lock (writes)
            return [.. writes.Keys];
    }

    bool CanBeJoined(Flight flight) => flight.IsValidAt(store);
}
