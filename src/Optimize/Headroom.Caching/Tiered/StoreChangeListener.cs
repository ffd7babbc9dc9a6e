using Headroom.Caching.Distributed;
using Headroom.Caching.Local;

namespace Headroom.Caching.Tiered;

/// <summary>
/// Takes out of memory what the store says has changed.
/// <list type="number">
/// <item>A key's entry or marker changed: the key goes, and what is being made for it is not kept. Who waits for another node to make it looks again, also when its lease changed.</item>
/// <item>A tag's marker changed: everything with the tag is over.</item>
/// <item>Interrupted: everything is over, and until changes are told again memory is believed for seconds only.</item>
/// <item>Resumed: what was taken in meanwhile may have changed unheard, so everything is over once more.</item>
/// </list>
/// </summary>
internal sealed class StoreChangeListener(LocalStore store, LocalTier local, FlightTable flights, DistributedTier distributed, ChangeSignals signals) : IStoreChangeListener
{
    public void Changed(string key)
    {
        if (distributed.Keys.Parse(key) is not var (kind, name))
            return;
        if (kind != StoreKeyKind.Tag)
        {
            if (kind == StoreKeyKind.Key)
                store.Remove(name, flights.TakeGuard(name));
            signals.Tell(name);
            return;
        }

        distributed.Tags.Forget(name);
        if (name == CacheTags.All)
            store.InvalidateAll();
        else
            store.InvalidateTag(name);
    }

    public void Interrupted()
    {
        local.IsTold = false;
        distributed.Tags.IsPushed = false;
        store.InvalidateAll();
    }

    public void Resumed()
    {
        store.InvalidateAll();
        distributed.Tags.IsPushed = true;
        local.IsTold = true;
    }
}
