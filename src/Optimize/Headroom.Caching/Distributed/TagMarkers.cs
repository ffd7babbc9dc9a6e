using System.Runtime.InteropServices;

namespace Headroom.Caching.Distributed;

/// <summary>
/// Markers of tags that this node has read, so that an entry's tags need not be asked for at every read. Good for a time, or, where the store pushes changes, until one comes. A marker that was
/// asked for before a change was told is not kept: its answer may be from before.
/// </summary>
internal sealed class TagMarkers(TimeSpan refresh, TimeProvider time)
{
    private const int TagsMax = 50_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Known> _known = new(StringComparer.Ordinal);
    private long _changes;
    private long _moment;
    private bool _isPushed;

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Known(Marker Marker, long ReadAt, long Since);

    /// <summary>Taken before asking the store; given back with the answer.</summary>
    public long Changes
    {
        get
        {
            lock (_lock)
                return _changes;
        }
    }

    /// <summary>Whether the store tells of every change at present: then what is known stays good.</summary>
    public bool IsPushed
    {
        get => Volatile.Read(ref _isPushed);
        set
        {
            Volatile.Write(ref _isPushed, value);
            ForgetAll();
        }
    }

    /// <summary>The order in which this node learnt of things; clocks may step back.</summary>
    public long NextMoment()
    {
        lock (_lock)
            return ++_moment;
    }

    /// <summary>Whether this node had read this version before a moment. A version that stands later too stood all the time, for none comes back.</summary>
    public bool StoodBefore(string tag, long version, long moment)
    {
        lock (_lock)
            return _known.TryGetValue(tag, out var known) && known.Marker.Version == version && known.Since < moment;
    }

    public bool TryGet(string tag, out Marker marker)
    {
        lock (_lock)
        {
            var found = _known.TryGetValue(tag, out var known) && (_isPushed || time.GetElapsedTime(known.ReadAt) < refresh);
            marker = found ? known.Marker : Marker.None;
            return found;
        }
    }

    /// <param name="tag">The tag that was asked for.</param>
    /// <param name="marker">The store's answer; one that is absent or unreadable is not kept.</param>
    /// <param name="changes">What <see cref="Changes"/> was before asking.</param>
    public void Add(string tag, Marker marker, long changes)
    {
        lock (_lock)
        {
            if (changes != _changes || marker.Version <= 0)
                return;
            var since = _known.TryGetValue(tag, out var known) && known.Marker == marker ? known.Since : ++_moment;
            if (_known.Count >= TagsMax)
                _known.Clear();
            _known[tag] = new Known(marker, time.GetTimestamp(), since);
        }
    }

    public void Forget(string tag)
    {
        lock (_lock)
        {
            _changes++;
            _known.Remove(tag);
        }
    }

    public void ForgetAll()
    {
        lock (_lock)
        {
            _changes++;
            _known.Clear();
        }
    }
}
