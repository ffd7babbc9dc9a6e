namespace Headroom.Caching.Distributed;

/// <summary>Asking the store, and judging what it has.</summary>
internal sealed partial class DistributedTier
{
    /// <summary>The tags whose markers this node does not know at present, and that of everything.</summary>
    private List<string> MarkersToAsk(IEnumerable<string> tags)
    {
        var asked = new List<string>();
        if (!Tags.TryGet(StoreKeys.AllTag, out _))
            asked.Add(StoreKeys.AllTag);
        foreach (var tag in tags)
        {
            if (!Tags.TryGet(tag, out _) && !asked.Contains(tag))
                asked.Add(tag);
        }

        return asked;
    }

    private async ValueTask<StoredValue[]?> GetAsync(string[] names, CancellationToken cancellation)
    {
        var values = new StoredValue[names.Length];
        return await _calls.TryAsync(token => _store.GetAsync(names, values, token), _options.ReadTimeout, () => DisposeAll(values), cancellation) ? values : null;
    }

    /// <summary>Markers that came, told to the node's memory of them; their buffers given back.</summary>
    private Dictionary<string, Marker> Take(List<string> asked, ReadOnlySpan<StoredValue> values, long changes)
    {
        var markers = new Dictionary<string, Marker>(asked.Count, StringComparer.Ordinal);
        for (var index = 0; index < asked.Count; index++)
        {
            var marker = Marker.Read(values[index]);
            values[index].Dispose();
            markers[asked[index]] = marker;
            Tags.Add(asked[index], marker, changes);
        }

        return markers;
    }

    /// <summary>What came with this read; else what was known when it began. If that has been forgotten since, an invalidation came, and no version is right.</summary>
    private long VersionOf(string tag, Dictionary<string, Marker> markers) =>
        markers.TryGetValue(tag, out var marker) || Tags.TryGet(tag, out marker) ? marker.Version : Marker.Unreadable.Version;

    /// <summary>Whether what the store has is an entry that may be used.</summary>
    private async ValueTask<TierRead> JudgeAsync(string name, StoredValue stored, Stamp stamp, Dictionary<string, Marker> markers, CancellationToken cancellation)
    {
        var content = default(EntryContent);
        var isValid = stored.Exists && IsReadable(stored, out content) && IsCurrent(content.Metadata, stamp);
        if (isValid)
        {
            if (!await AskForTagsAsync(content.Metadata.Tags, markers, cancellation))
            {
                stored.Dispose();
                return TierRead.Unavailable;
            }

            isValid = content.Metadata.Tags.All(tag => tag.Version > 0 && VersionOf(tag.Tag, markers) == tag.Version);
            if (!isValid)
                Counters.CountInvalidated();
        }

        if (!isValid)
        {
            stored.Dispose();
            Counters.CountMiss();
            return new TierRead(TierOutcome.Miss, default, stamp, null);
        }

        Counters.CountHit();
        if (content.Metadata.SlidingMs > 0)
            _ = TouchAsync(name, TimeSpan.FromMilliseconds(Math.Min(content.Metadata.SlidingMs, content.Metadata.EndsAtMs - NowMs))).AsTask();
        return new TierRead(TierOutcome.Hit, content, stamp, stored);
    }

    private bool IsReadable(StoredValue stored, out EntryContent content)
    {
        var state = EntryEnvelope.TryRead(stored.Bytes, out content);
        if (state == EnvelopeState.Read && content.PayloadBytes <= _options.ValueBytesMax)
            return true;
        Counters.CountUnreadable(state);
        return false;
    }

    private bool IsCurrent(EntryMetadata metadata, Stamp stamp)
    {
        if (NowMs >= metadata.EndsAtMs)
            return false;
        if (metadata is { KeyVersion: > 0, AllVersion: > 0 } && metadata.KeyVersion == stamp.KeyVersion && metadata.AllVersion == stamp.AllVersion)
            return true;
        Counters.CountInvalidated();
        return false;
    }

    /// <summary>The markers of an entry's own tags, where they are not known yet.</summary>
    /// <returns>False where the store could not be asked.</returns>
    private async ValueTask<bool> AskForTagsAsync(IReadOnlyList<TagVersion> tags, Dictionary<string, Marker> markers, CancellationToken cancellation)
    {
        var unknown = tags.Select(tag => tag.Tag).Where(tag => !markers.ContainsKey(tag) && !Tags.TryGet(tag, out _)).Distinct(StringComparer.Ordinal).ToList();
        if (unknown.Count == 0)
            return true;
        var changes = Tags.Changes;
        if (await GetAsync([.. unknown.Select(_keys.TagMarker)], cancellation) is not { } values)
            return false;
        foreach (var (tag, marker) in Take(unknown, values, changes))
            markers[tag] = marker;
        return true;
    }

    /// <summary>Lets a sliding entry live on that memory answered for.</summary>
    /// <param name="life">From now on; not beyond the entry's absolute end.</param>
    public async ValueTask SlideAsync(string key, TimeSpan life)
    {
        if (_pending.Count == 0 && life > TimeSpan.Zero)
            await TouchAsync(_keys.Entry(key), life);
    }

    /// <summary>No reader waits for it.</summary>
    private async ValueTask TouchAsync(string name, TimeSpan life) =>
        await _calls.TryAsync(token => _store.TouchAsync(name, life, token), _options.ReadTimeout, static () => { }, CancellationToken.None);

    private static long? FindVersion(IReadOnlyList<TagVersion> versions, string tag)
    {
        foreach (var version in versions)
        {
            if (version.Tag == tag)
                return version.Version;
        }

        return null;
    }

    private static void DisposeAll(StoredValue[] values)
    {
        foreach (var value in values)
            value.Dispose();
    }
}
