using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headroom.Caching.Local;

/// <summary>
/// The memory tier. Lookups take no lock and allocate nothing; whatever changes entries runs under one lock. In parts: this one finds and changes entries,
/// <c>LocalStore.Eviction</c> says which entry goes, <c>LocalStore.Tags</c> invalidates.
/// </summary>
internal sealed partial class LocalStore : IDisposable
{
    readonly Lock gate = new();
    EntryTable table = new();
    readonly TimingWheel wheel;
    readonly CoarseClock clock;
    readonly HitCells hits = new();
    readonly Action<string, object?, EvictionReason>? onEvict;
    readonly ILogger logger;
    readonly ITimer timer;
    readonly long[] evictions = new long[Enum.GetValues<EvictionReason>().Length];
    long misses;

    /// <param name="maxWeight">What all entries may weigh together: their number, or their bytes.</param>
    /// <param name="time">The clock that lives are measured with.</param>
    /// <param name="onEvict">Called outside the lock for each entry that left.</param>
    /// <param name="logger">Told when <paramref name="onEvict"/> throws.</param>
    /// <param name="clock">How lookups read <paramref name="time"/>; null: in the way that is right for it.</param>
    public LocalStore(long maxWeight, TimeProvider time, Action<string, object?, EvictionReason>? onEvict = null, ILogger? logger = null, CoarseClock? clock = null)
    {
        this.maxWeight = maxWeight;
        this.onEvict = onEvict;
        this.logger = logger ?? NullLogger.Instance;
        windowMost = Math.Max(1, maxWeight / 200);
        this.clock = clock ?? CoarseClock.Of(time);
        wheel = new TimingWheel(this.clock.Now);
        var period = TimeSpan.FromMilliseconds(TimingWheel.Resolution);

        // The timer must not keep a forgotten store alive.
        timer = time.CreateTimer(
            static state =>
            {
                if (((WeakReference<LocalStore>)state!).TryGetTarget(out var store))
                    store.RemoveExpired();
            },
            new WeakReference<LocalStore>(this),
            period,
            period);
    }

    /// <summary>Told of uses of sliding entries that the distributed tier has too, now and then. Must be quick and must not throw.</summary>
    public Action<LocalEntry>? Used { get; init; }

    /// <summary>Milliseconds on the clock that lives are measured with.</summary>
    public long Now => clock.Now;

    public int Count => table.Count;

    public long Weight
    {
        get
        {
            lock (gate)
                return window.Weight + main.Weight;
        }
    }

    public long Hits => hits.Total;

    public long Misses => Interlocked.Read(ref misses);

    public long Evictions(EvictionReason reason) => Volatile.Read(ref evictions[(int)reason]);

    public void CountHit() => hits.Add();

    public void CountMisses(int count = 1) => Interlocked.Add(ref misses, count);

    /// <summary>The entry of a key that is fresh and valid, counted as a hit; null: there is none. Whether that is a miss, the caller knows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LocalEntry? Find(ReadOnlySpan<char> key)
    {
        var hash = KeyHash.Of(key);
        for (var entry = table.FirstOf(hash); entry is not null; entry = Volatile.Read(ref entry.Next))
        {
            if (entry.Hash != hash || !KeyHash.Same(key, entry.Key))
                continue;
            if (entry.ValidAt != Volatile.Read(ref invalidations) || clock.Ticks >= entry.FreshUntil || !(entry.HasUsesEnough || entry.TryCountUse()))
                break;
            if (hits.Add())
                clock.CountUse();
            return entry;
        }

        return FindCarefully(key, hash);
    }

    /// <summary>The same by a call: better where the caller has many variables of its own to keep.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public LocalEntry? FindByCall(string key) => Find(key);

    /// <summary>The entry of a key that is valid and not yet of no use, fresh or stale; null: there is none. Counts nothing.</summary>
    public LocalEntry? Peek(ReadOnlySpan<char> key) =>
        FindEvenWhileGrowing(key, KeyHash.Of(key)) is { } entry && IsValid(entry) && clock.Now < entry.EndsAt ? entry : null;

    [MethodImpl(MethodImplOptions.NoInlining)]
    LocalEntry? FindCarefully(ReadOnlySpan<char> key, int hash)
    {
        if (FindEvenWhileGrowing(key, hash) is not { } entry)
            return null;
        if (!IsValid(entry))
        {
            RemoveInvalid(entry);
            return null;
        }

        var now = clock.Now;
        if (now >= entry.FreshUntil)
            return null;

        if (entry.Life is { Sliding: > 0 } life)
        {
            entry.FreshUntil = Math.Min(Later(now, life.Sliding), life.AbsoluteEnd) - life.BeforeEnd;
            if (life.IsToBeTold(now))
                Used?.Invoke(entry);
        }

        entry.CountUse();
        hits.Add();
        clock.CountUse();
        return entry;
    }

    LocalEntry? FindEvenWhileGrowing(ReadOnlySpan<char> key, int hash)
    {
        var resizes = table.Resizes;
        return table.Find(key, hash) ?? FindAfterResize(key, hash, resizes);
    }

    LocalEntry? FindAfterResize(ReadOnlySpan<char> key, int hash, int resizes)
    {
        if ((resizes & 1) == 0 && table.Resizes == resizes)
            return null;
        lock (gate)
            return table.Find(key, hash);
    }

    /// <summary>Puts a value in, in place of what was under its key.</summary>
    /// <returns>Whether it is in: false if it was invalidated since <see cref="NewEntry.ValidAt"/>, revoked, or weighs more than the cache may hold.</returns>
    public bool Set(in NewEntry added)
    {
        LocalEntry? gone = null;
        bool stored;
        lock (gate)
        {
            Expire(ref gone);
            stored = Store(added, ref gone);
        }

        Tell(gone);
        return stored;
    }

    bool Store(in NewEntry added, ref LocalEntry? gone)
    {
        var hash = KeyHash.Of(added.Key);
        if (added.Guard is { Revoked: true } || IsInvalidatedSince(added.Tags, added.ValidAt))
            return false;

        var old = table.Find(added.Key, hash);
        if (added.Weight > maxWeight)
        {
            // What was there before is not the value of the key any more.
            if (old is not null)
                Retire(old, EvictionReason.Replaced, ref gone);
            return false;
        }

        var entry = new LocalEntry(old?.Key ?? added.Key, hash, added.Value)
        {
            FreshUntil = added.FreshUntil,
            Life = added.Life,
            Slides = added.Life is { Sliding: > 0 },
            ValidAt = invalidations,
            Weight = EntryWeight.Pack(added.Weight),
            Tags = Resolve(added.Tags),
        };
        wheel.Schedule(entry);
        if (old is null)
        {
            table.Add(entry);
            Admit(entry);
            table.GrowIfCrowded();
        }
        else
        {
            // It keeps its uses and the part of the cache it has earned.
            entry.TakeUsesOf(old);
            (old.Place == EntryPlace.Main ? main : window).Append(entry);
            table.Replace(old, entry);
            RetireFromQueues(old, EvictionReason.Replaced, ref gone);
        }

        Trim(entry, ref gone);
        return true;
    }

    /// <summary>Keeps a value out that is being made.</summary>
    public void Revoke(WriteGuard? guard)
    {
        if (guard is null)
            return;
        lock (gate)
            guard.Revoked = true;
    }

    /// <summary>Removes a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="guard">A write under way that must not put its value in any more.</param>
    /// <returns>Whether there was a valid entry.</returns>
    public bool Remove(ReadOnlySpan<char> key, WriteGuard? guard = null)
    {
        var hash = KeyHash.Of(key);
        LocalEntry? gone = null;
        var was = false;
        lock (gate)
        {
            if (guard is not null)
                guard.Revoked = true;
            if (table.Find(key, hash) is { } entry)
            {
                was = IsValid(entry) && clock.Now < entry.EndsAt;
                Retire(entry, EvictionReason.Removed, ref gone);
            }
        }

        Tell(gone);
        return was;
    }

    /// <summary>Every key that <paramref name="chosen"/> says, looking at all of them.</summary>
    public HashSet<string> KeysWhere(Func<string, bool> chosen)
    {
        lock (gate)
            return table.All().Select(entry => entry.Key).Where(chosen).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Removes every key that <paramref name="chosen"/> says, looking at all of them.</summary>
    /// <returns>How many of them were valid.</returns>
    public int RemoveWhere(Func<string, bool> chosen)
    {
        LocalEntry? gone = null;
        var removed = 0;
        lock (gate)
        {
            var now = clock.Now;
            foreach (var entry in table.All().Where(entry => chosen(entry.Key)).ToList())
            {
                if (IsValid(entry) && now < entry.EndsAt)
                    removed++;
                Retire(entry, EvictionReason.Removed, ref gone);
            }
        }

        Tell(gone);
        return removed;
    }

    /// <summary>Removes everything, and lets nothing in that was made before.</summary>
    public void Clear()
    {
        LocalEntry? gone = null;
        lock (gate)
        {
            InvalidateEverything();
            foreach (var entry in table.All().ToList())
                Retire(entry, EvictionReason.Cleared, ref gone);
            table.Clear();
            wheel.Clear(clock.Now);
        }

        Tell(gone);
    }

    /// <summary>Removes what is over. Runs by itself about once a second, and with every change.</summary>
    public void RemoveExpired()
    {
        LocalEntry? gone = null;
        lock (gate)
            Expire(ref gone);
        Tell(gone);
    }

    public void Dispose() => timer.Dispose();

    void Expire(ref LocalEntry? gone)
    {
        var now = clock.Now;
        if (!wheel.IsDue(now))
            return;

        for (var entry = wheel.Advance(now); entry is not null;)
        {
            var next = entry.TimerNext;
            entry.TimerNext = null;
            Retire(entry, EvictionReason.Expired, ref gone);
            entry = next;
        }
    }

    void RemoveInvalid(LocalEntry entry)
    {
        LocalEntry? gone = null;
        lock (gate)
        {
            if (entry.Place != EntryPlace.Gone)
                Retire(entry, EvictionReason.Expired, ref gone);
        }

        Tell(gone);
    }

    /// <summary>Takes an entry out of everything and puts it in front of the chain of those to be told of, linked by its queue's link.</summary>
    void Retire(LocalEntry entry, EvictionReason reason, ref LocalEntry? gone)
    {
        table.Remove(entry);
        RetireFromQueues(entry, reason, ref gone);
    }

    void RetireFromQueues(LocalEntry entry, EvictionReason reason, ref LocalEntry? gone)
    {
        TimingWheel.Cancel(entry);
        (entry.Place == EntryPlace.Main ? main : window).Remove(entry);
        Release(entry.Tags);
        evictions[(int)reason]++;
        entry.Place = EntryPlace.Gone;
        if (onEvict is null)
            return;

        // Its weight is of no more use; the reason takes its place.
        entry.Weight = (ushort)reason;
        entry.QueueNext = gone;
        gone = entry;
    }

    void Tell(LocalEntry? gone)
    {
        if (gone is null)
            return;

        // Chained last first; told in the order in which they left.
        LocalEntry? first = null;
        while (gone is not null)
            (gone.QueueNext, first, gone) = (first, gone, gone.QueueNext);
        for (; first is not null; first = first.QueueNext)
        {
            try
            {
                onEvict!(first.Key, first.Value, (EvictionReason)first.Weight);
            }
#pragma warning disable CA1031 // Whatever a listener throws, the entry has left, and the caller who set another key is not to blame.
            catch (Exception thrown)
#pragma warning restore CA1031
            {
                Log.EvictionCallbackFailed(logger, thrown);
            }
        }
    }

    static long Later(long now, long duration) => duration > LocalEntry.Never - now ? LocalEntry.Never : now + duration;
}
