using System.Buffers;
using Headroom.Caching.Serialization;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;

namespace Headroom.Caching.Distributed;

/// <summary>
/// The second tier over any <see cref="IDistributedStore"/>. Nothing that was computed before an invalidation is read after it, whatever order the nodes' calls reach the store in:
/// <list type="number">
/// <item>A read fetches the entry, the marker of its key and those of its tags, in one call. An entry is a hit only if the versions that it carries are those that stand.</item>
/// <item>What stood is the read's stamp. Whoever computes a missing value began after it, and writes the value with that stamp.</item>
/// <item>An invalidation writes a marker with a new version. Every value that carries an older one is thereby over, also one that is written later.</item>
/// <item>A tag that only the result names was not in the stamp: where its marker is younger than the stamp (less the clocks' difference) or had to be made, the value is not written at all.</item>
/// <item>A marker that is not there is made before the value is computed: absence never makes an entry valid, so a store may drop what it likes (<c>DistributedTier.Markers</c>).</item>
/// <item>An invalidation that the store did not take waits here and is sent again; until then this node neither reads nor writes the store.</item>
/// <item>A store that may have lost invalidations, because it was restored from an older copy or failed over, is told so by whoever notices: all its entries are over (<c>DistributedTier.History</c>).</item>
/// </list>
/// Every write of a marker has a version of its own, also the repeated one: a late one can end entries, never revive them. No method throws but for its caller's cancellation.
/// </summary>
internal sealed partial class DistributedTier : IDisposable
{
    private const int SentAtOnceMax = 500;

    private readonly IDistributedStore _store;
    private readonly IStoreLeases? _leases;
    private readonly IStoreKeySearch? _search;
    private readonly DistributedTierOptions _options;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger _logger;
    private readonly StoreCalls _calls;
    private readonly StoreKeys _keys;
    private readonly PendingInvalidations _pending;
    private readonly ITimer _retry;
    private int _isRetrying;
    private volatile int _sentAtOnce = SentAtOnceMax;

    /// <param name="store">Where entries are.</param>
    /// <param name="options">Valid; read once.</param>
    /// <param name="time">Clock and timers.</param>
    /// <param name="random">Of versions; used under a lock.</param>
    /// <param name="logger">Never sees a key.</param>
    public DistributedTier(IDistributedStore store, DistributedTierOptions options, TimeProvider time, Random random, ILogger logger)
    {
        _store = store;
        _leases = store as IStoreLeases;
        _search = store as IStoreKeySearch;
        _conditional = store as IStoreConditionalSet;
        _options = options;
        _time = time;
        _random = random;
        _logger = logger;
        _calls = new StoreCalls(options, time, Counters, logger);
        _keys = new StoreKeys(options.KeyPrefix);
        _pending = new PendingInvalidations(options.PendingInvalidationsMax);
        Tags = new TagMarkers(options.TagRefresh, time);
        _history = store as IStoreHistory;
        _retry = time.CreateTimer(_ => _ = RetryAsync(), null, options.OpenFor, options.OpenFor);
    }

    public TierCounters Counters { get; } = new();

    /// <summary>Markers of tags as this node knows them; an invalidation that the store pushes is told here.</summary>
    public TagMarkers Tags { get; }

    /// <summary>The names that are used in the store.</summary>
    public StoreKeys Keys => _keys;

    /// <summary>Invalidations that the store does not have yet.</summary>
    public int PendingInvalidations => _pending.Count;

    /// <summary>Reads an entry.</summary>
    /// <param name="key">Not empty.</param>
    /// <param name="tags">What the value will be tagged with when it has to be computed, as far as known.</param>
    /// <param name="cancellation">The caller's.</param>
    /// <param name="willCreate">Whether what is missing is going to be computed. Else the stamp of a miss is of no use.</param>
    public async ValueTask<TierRead> ReadAsync(string key, IReadOnlyList<string> tags, CancellationToken cancellation, bool willCreate = true) =>
        (await ReadAsync([key], tags, cancellation, willCreate))[0];

    /// <summary>
    /// Reads several entries, in one call to the store where this node knows the markers of their tags, else in two for those whose are unknown. What is missing and going to be computed costs another call where markers have to be made.
    /// </summary>
    /// <returns>As many as keys, in their order.</returns>
    public async ValueTask<TierRead[]> ReadAsync(IReadOnlyList<string> keys, IReadOnlyList<string> tags, CancellationToken cancellation, bool willCreate = true)
    {
        var reads = new TierRead[keys.Count];
        Array.Fill(reads, TierRead.Unavailable);
        if (_pending.Count > 0)
        {
            Counters.CountRefusal();
            return reads;
        }

        if (!await IsSameHistoryAsync(cancellation))
        {
            Counters.CountRefusal();
            return reads;
        }

        var connections = _history?.Connections;
        var changes = Tags.Changes;
        var takenAtMs = NowMs;
        var moment = Tags.NextMoment();
        var asked = MarkersToAsk(tags);
        var names = new string[(2 * keys.Count) + asked.Count];
        for (var index = 0; index < keys.Count; index++)
        {
            names[2 * index] = _keys.Entry(keys[index]);
            names[(2 * index) + 1] = _keys.KeyMarker(keys[index]);
        }

        for (var index = 0; index < asked.Count; index++)
            names[(2 * keys.Count) + index] = _keys.TagMarker(asked[index]);
        if (await GetAsync(names, cancellation) is not { } values)
            return reads;

        var markers = Take(asked, values.AsSpan(2 * keys.Count), changes);
        var stamp = new Stamp(0, VersionOf(StoreKeys.AllTag, markers), [.. tags.Select(tag => new TagVersion(tag, VersionOf(tag, markers)))], takenAtMs, moment);
        for (var index = 0; index < keys.Count; index++)
        {
            var keyMarker = Marker.Read(values[(2 * index) + 1]);
            values[(2 * index) + 1].Dispose();
            reads[index] = await JudgeAsync(names[2 * index], values[2 * index], stamp with { KeyVersion = keyMarker.Version }, markers, cancellation);
        }

        if (willCreate)
            await CompleteAsync(keys, tags, reads, cancellation);
        if (_history?.Connections == connections)
            return reads;

        // Some of it may have come from before the loss of a connection, and some from after it.
        foreach (var read in reads)
            read.Dispose();
        Array.Fill(reads, TierRead.Unavailable);
        return reads;
    }

    /// <summary>Writes a value that was computed.</summary>
    /// <param name="key">Not empty.</param>
    /// <param name="value">May be null.</param>
    /// <param name="serializer">Of its type. What it throws is thrown.</param>
    /// <param name="times">How long it lives.</param>
    /// <param name="stamp">Of the read before the value was computed.</param>
    /// <param name="tags">All of its tags.</param>
    /// <param name="cancellation">The caller's.</param>
    /// <param name="lease">Under which it was computed; given back if it is written. Null for none.</param>
    public async ValueTask<TierWriteOutcome> WriteAsync<T>(
        string key, T value, IHybridCacheSerializer<T> serializer, EntryTimes times, Stamp stamp, IReadOnlyList<string> tags, CancellationToken cancellation, IStoreLease? lease = null)
    {
        if (_pending.Count > 0)
            return TierWriteOutcome.Unavailable;
        if (stamp.IsVoid)
        {
            Counters.CountOutdated();
            return TierWriteOutcome.Outdated;
        }

        if (await VersionsAsync(tags, stamp, cancellation) is not { } markers)
            return TierWriteOutcome.Unavailable;
        var unproven = markers.FindAll(marker => !Tags.StoodBefore(marker.Tag, marker.Marker.Version, stamp.Moment));
        if (unproven.Exists(marker => marker.IsNew || marker.Marker.WrittenAtMs >= stamp.TakenAtMs - (long)_options.ClockSkewMax.TotalMilliseconds))
        {
            Counters.CountOutdated();
            return unproven.TrueForAll(marker => marker.IsNew) ? TierWriteOutcome.Unproven : TierWriteOutcome.Outdated;
        }

        var versions = new List<TagVersion>(tags.Count);
        foreach (var tag in tags)
            versions.Add(new TagVersion(tag, FindVersion(stamp.Tags, tag) ?? markers.First(marker => marker.Tag == tag).Marker.Version));
        return await WriteEntryAsync(key, value, serializer, times, stamp with { Tags = versions }, null, lease, cancellation);
    }

    /// <summary>Sets a value that somebody knows to be right now: it replaces what is there, and what is being computed elsewhere does not replace it.</summary>
    public async ValueTask<TierWriteOutcome> SetAsync<T>(
        string key, T value, IHybridCacheSerializer<T> serializer, EntryTimes times, IReadOnlyList<string> tags, CancellationToken cancellation)
    {
        var marker = NextMarker();
        var outcome = TierWriteOutcome.Unavailable;
        try
        {
            if (_pending.Count == 0 && await IsSameHistoryAsync(cancellation) && await VersionsAsync([StoreKeys.AllTag, .. tags], null, cancellation) is { } markers)
            {
                var all = markers.First(found => found.Tag == StoreKeys.AllTag).Marker.Version;
                var versions = tags.Distinct(StringComparer.Ordinal).Select(tag => new TagVersion(tag, markers.First(found => found.Tag == tag).Marker.Version)).ToArray();
                outcome = await WriteEntryAsync(
                    key, value, serializer, times, new Stamp(marker.Version, all, versions, NowMs, Tags.NextMoment()), marker, null, cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            // The caller left, and nobody knows whether the store has it: what it has is over, whichever it is.
            _pending.Add([new Invalidated(StoreKeyKind.Key, key)]);
            _ = Task.Run(RetryAsync, CancellationToken.None);
            throw;
        }

        if (outcome == TierWriteOutcome.TooLarge)
            await InvalidateAsync([new Invalidated(StoreKeyKind.Key, key)], cancellation);
        else if (outcome != TierWriteOutcome.Written)
            _pending.Add([new Invalidated(StoreKeyKind.Key, key)]);
        return outcome;
    }

    /// <summary>Ends entries of keys, of tags, and of keys that match a pattern (<see cref="CanSearch"/>). Afterwards none that was made before is read from the store by anyone, once the store has it.</summary>
    /// <param name="invalidated">What to end.</param>
    /// <param name="cancellation">The caller's.</param>
    /// <param name="found">Gets the keys that matched patterns.</param>
    /// <returns>False when the store does not have it yet; it is sent as soon as the store takes it.</returns>
    public async ValueTask<bool> InvalidateAsync(IReadOnlyList<Invalidated> invalidated, CancellationToken cancellation, ISet<string>? found = null)
    {
        if (invalidated.Count == 0)
            return true;
        var sent = 0;
        try
        {
            if (_pending.Count == 0)
                sent = await SendManyAsync(invalidated, found, cancellation);
        }
        finally
        {
            // Also when the caller left: it asked, and what it asked for is done.
            if (sent < invalidated.Count)
                _pending.Add(invalidated.Skip(sent));
            if (sent < invalidated.Count && (sent > 0 || cancellation.IsCancellationRequested))
                _ = Task.Run(RetryAsync, CancellationToken.None);
            foreach (var tag in invalidated.Where(what => what.Kind == StoreKeyKind.Tag))
                Tags.Forget(tag.Name);
        }

        return sent == invalidated.Count;
    }

    /// <summary>Sends what waits, now instead of at the next turn of the timer.</summary>
    public async Task RetryAsync()
    {
        if (_pending.Count == 0 || Interlocked.Exchange(ref _isRetrying, 1) == 1)
            return;
        try
        {
            var waiting = _pending.Snapshot();
            var sent = 0;
            while (sent < waiting.Length)
            {
                var part = waiting.AsSpan(sent, Math.Min(_sentAtOnce, waiting.Length - sent)).ToArray();
                if (!await SendAsync([.. part.Select(pair => pair.Key)], found: null, CancellationToken.None))
                    return;
                _pending.Remove(part);
                Tags.ForgetAll();
                sent += part.Length;
            }

            LogSent(waiting.Length);
        }
        finally
        {
            Volatile.Write(ref _isRetrying, 0);
        }
    }

    public void Dispose() => _retry.Dispose();

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>As many as the store takes within the time of one write.</summary>
    /// <returns>How many of them, from the first.</returns>
    private async ValueTask<int> SendManyAsync(IReadOnlyList<Invalidated> invalidated, ISet<string>? found, CancellationToken cancellation)
    {
        var sent = 0;
        for (var begin = _time.GetTimestamp(); sent < invalidated.Count && (sent == 0 || _time.GetElapsedTime(begin) < _options.WriteTimeout);)
        {
            var part = invalidated.Count <= _sentAtOnce ? invalidated : [.. invalidated.Skip(sent).Take(_sentAtOnce)];
            if (!await SendAsync(part, found, cancellation))
                break;
            sent += part.Count;
        }

        return sent;
    }

    private async ValueTask<bool> SendAsync(IReadOnlyList<Invalidated> invalidated, ISet<string>? found, CancellationToken cancellation)
    {
        var named = invalidated.Where(what => what.Kind != StoreKeyKind.Pattern).ToList();
        if (named.Count > 0 && !await SendNamedAsync(named, cancellation))
            return false;
        foreach (var what in invalidated.Where(what => what.Kind == StoreKeyKind.Pattern))
        {
            if (!await SendMatchingAsync(new KeyPattern(what.Name), found, cancellation))
                return false;
        }

        return true;
    }

    private async ValueTask<bool> SendNamedAsync(List<Invalidated> invalidated, CancellationToken cancellation)
    {
        var writes = new StoreWrite[invalidated.Count];
        for (var index = 0; index < writes.Length; index++)
        {
            var what = invalidated[index];
            writes[index] = what.Kind == StoreKeyKind.Key ? KeyMarkerWrite(what.Name) : TagMarkerWrite(what.Name);
        }

        if (!await _calls.TryAsync(token => _store.SetAsync(writes, token), _options.WriteTimeout, static () => { }, cancellation))
        {
            // Perhaps it was too much for the time: a store that takes few at once gets few.
            _sentAtOnce = Math.Max(1, Math.Min(_sentAtOnce, writes.Length) / 4);
            return false;
        }

        if (writes.Length == _sentAtOnce && _sentAtOnce < SentAtOnceMax)
            _sentAtOnce++;

        // The entries are over; removing them only frees their memory.
        var entries = invalidated.Where(what => what.Kind == StoreKeyKind.Key).Select(what => _keys.Entry(what.Name)).ToArray();
        if (entries.Length > 0)
            await _calls.TryAsync(token => _store.RemoveAsync(entries, token), _options.WriteTimeout, static () => { }, cancellation);
        return true;
    }

    private async ValueTask<TierWriteOutcome> WriteEntryAsync<T>(
        string key, T value, IHybridCacheSerializer<T> serializer, EntryTimes times, Stamp stamp, Marker? marker, IStoreLease? lease, CancellationToken cancellation)
    {
        var now = NowMs;
        var fresh = Min(times.Fresh, _options.EntryLifeMax);
        var life = Min(times.Fresh < _options.EntryLifeMax ? times.Fresh + times.Stale : fresh, _options.EntryLifeMax);
        var envelope = new PooledBuffer();
        try
        {
            EntryEnvelope.Write(
                envelope,
                new EntryMetadata
                {
                    CreatedMs = now,
                    FreshUntilMs = now + (long)fresh.TotalMilliseconds,
                    EndsAtMs = now + (long)life.TotalMilliseconds,
                    SlidingMs = (long)(times.Sliding?.TotalMilliseconds ?? 0),
                    KeyVersion = stamp.KeyVersion,
                    AllVersion = stamp.AllVersion,
                    Tags = stamp.Tags,
                },
                value,
                serializer,
                _options.CompressAboveBytes);
        }
        catch
        {
            envelope.Dispose();
            throw;
        }

        if (envelope.Length > _options.ValueBytesMax)
        {
            envelope.Dispose();
            Counters.CountTooLarge();
            return TierWriteOutcome.TooLarge;
        }

        var entry = new StoreWrite(_keys.Entry(key), new ReadOnlySequence<byte>(envelope.WrittenMemory), life, times.Sliding);
        StoreWrite[] writes = marker is null ? [entry] : [new StoreWrite(_keys.KeyMarker(key), new ReadOnlySequence<byte>(marker.Value.ToBytes()), MarkerLife), entry];
        var isHeld = true;

        // Side by side with the entry, for which nothing waits: the key's marker is to outlive it.
        if (marker is null && life + ComputingMax > MadeKeyMarkerLife && _store is not DistributedCacheStore)
            _ = TouchAsync(_keys.KeyMarker(key), life + ComputingMax).AsTask();
        if (!await _calls.TryAsync(WriteAsync, _options.WriteTimeout, envelope.Dispose, cancellation))
            return TierWriteOutcome.Unavailable;
        envelope.Dispose();
        if (!isHeld)
        {
            // Another node got the lease since, and has made or makes a newer value.
            Counters.CountOutdated();
            return TierWriteOutcome.Outdated;
        }

        Counters.CountWrite();
        return TierWriteOutcome.Written;

        async ValueTask WriteAsync(CancellationToken token)
        {
            if (lease is null)
                await _store.SetAsync(writes, token);
            else
                isHeld = await lease.SetAndReleaseAsync(entry, token);
        }
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    [LoggerMessage(EventId = 2103, Level = LogLevel.Information, Message = "{Count} invalidations that waited for the second tier's store were sent.")]
    private partial void LogSent(int count);
}
