using System.Runtime.InteropServices;

namespace Headroom.Caching.Distributed;

/// <summary>What the second tier had.</summary>
/// <param name="outcome">Whether there is an entry.</param>
/// <param name="content">The entry, for a hit.</param>
/// <param name="stamp">What stood at the time; null where the store could not be asked, and then nothing may be written either.</param>
/// <param name="owner">Gives the entry's bytes back.</param>
internal sealed class TierRead(TierOutcome outcome, EntryContent content, Stamp? stamp, IDisposable? owner) : IDisposable
{
    public static readonly TierRead Unavailable = new(TierOutcome.Unavailable, default, null, null);

    public TierOutcome Outcome => outcome;

    public EntryContent Content => content;

    public Stamp? Stamp => stamp;

    public void Dispose() => owner?.Dispose();
}

internal enum TierOutcome
{
    Miss,
    Hit,

    /// <summary>The store failed, was too slow, or is left alone after failures.</summary>
    Unavailable,
}

internal enum TierWriteOutcome
{
    Written,

    /// <summary>Something was invalidated since the value began to be computed.</summary>
    Outdated,

    /// <summary>A tag that only the result names had no marker: whether it was invalidated since the value began to be computed, the store cannot say. The next value can be written.</summary>
    Unproven,

    /// <summary>Longer than <see cref="DistributedTierOptions.ValueBytesMax"/>.</summary>
    TooLarge,

    Unavailable,
}

/// <summary>How long a written entry lives from now.</summary>
/// <param name="Fresh">More than zero.</param>
/// <param name="Stale">Beyond that; zero or more.</param>
/// <param name="Sliding">Null, or how long a read lets it live on.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct EntryTimes(TimeSpan Fresh, TimeSpan Stale = default, TimeSpan? Sliding = null);

/// <summary>What happened since the start.</summary>
internal sealed class TierCounters
{
    private long _hits;
    private long _misses;
    private long _invalidated;
    private long _damaged;
    private long _newer;
    private long _writes;
    private long _outdated;
    private long _tooLarge;
    private long _errors;
    private long _timeouts;
    private long _refusals;

    public long Hits => Volatile.Read(ref _hits);

    /// <summary>All of them: nothing there, invalidated, damaged, newer.</summary>
    public long Misses => Volatile.Read(ref _misses);

    /// <summary>Entries that were there, but were made before an invalidation.</summary>
    public long Invalidated => Volatile.Read(ref _invalidated);

    public long Damaged => Volatile.Read(ref _damaged);

    /// <summary>Entries in a later version of the format.</summary>
    public long Newer => Volatile.Read(ref _newer);

    public long Writes => Volatile.Read(ref _writes);

    public long Outdated => Volatile.Read(ref _outdated);

    public long TooLarge => Volatile.Read(ref _tooLarge);

    public long Errors => Volatile.Read(ref _errors);

    public long Timeouts => Volatile.Read(ref _timeouts);

    /// <summary>Calls that were not made, because the store was left alone.</summary>
    public long Refusals => Volatile.Read(ref _refusals);

    public void CountHit() => Interlocked.Increment(ref _hits);

    public void CountMiss() => Interlocked.Increment(ref _misses);

    public void CountInvalidated() => Interlocked.Increment(ref _invalidated);

    public void CountUnreadable(EnvelopeState state)
    {
        if (state == EnvelopeState.Newer)
            Interlocked.Increment(ref _newer);
        else
            Interlocked.Increment(ref _damaged);
    }

    public void CountWrite() => Interlocked.Increment(ref _writes);

    public void CountOutdated() => Interlocked.Increment(ref _outdated);

    public void CountTooLarge() => Interlocked.Increment(ref _tooLarge);

    public void CountError() => Interlocked.Increment(ref _errors);

    public void CountTimeout() => Interlocked.Increment(ref _timeouts);

    public void CountRefusal() => Interlocked.Increment(ref _refusals);
}
