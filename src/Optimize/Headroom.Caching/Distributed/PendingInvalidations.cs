namespace Headroom.Caching.Distributed;

/// <summary>What was invalidated while the store was away. Too many become one that ends everything.</summary>
internal sealed class PendingInvalidations(int max)
{
    private static readonly Invalidated Everything = new(StoreKeyKind.Tag, StoreKeys.AllTag);

    private readonly Lock _lock = new();
    private readonly Dictionary<Invalidated, long> _pending = [];
    private long _additions;
    private volatile int _count;

    public int Count => _count;

    public void Add(IEnumerable<Invalidated> invalidated)
    {
        lock (_lock)
        {
            foreach (var what in invalidated)
            {
                if (_pending.Count >= max && !_pending.ContainsKey(what))
                {
                    _pending.Clear();
                    _pending[Everything] = ++_additions;
                }

                if (!_pending.ContainsKey(Everything) || what == Everything)
                    _pending[what] = ++_additions;
            }

            _count = _pending.Count;
        }
    }

    public KeyValuePair<Invalidated, long>[] Snapshot()
    {
        lock (_lock)
            return [.. _pending];
    }

    /// <summary>The store has them now, but for those that were invalidated again meanwhile.</summary>
    public void Remove(KeyValuePair<Invalidated, long>[] sent)
    {
        lock (_lock)
        {
            foreach (var (what, addition) in sent)
            {
                if (_pending.TryGetValue(what, out var latest) && latest == addition)
                    _pending.Remove(what);
            }

            _count = _pending.Count;
        }
    }
}

/// <summary>A key or a tag, or all keys that match a <see cref="KeyPattern"/>.</summary>
internal readonly record struct Invalidated(StoreKeyKind Kind, string Name);
