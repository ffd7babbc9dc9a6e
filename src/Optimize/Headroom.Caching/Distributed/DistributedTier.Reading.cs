namespace Headroom.Caching.Distributed;

/// <summary>Asking the store, and judging what it has.</summary>
internal sealed partial class DistributedTier
{
    private readonly record struct TagMarker(string Tag, Marker Marker);

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

            isValid = content.Metadata.Tags.All(tag => VersionOf(tag.Tag, markers) == tag.Version);
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
            await SlideAsync(name, content.Metadata, cancellation);
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
        if (metadata.KeyVersion == stamp.KeyVersion && metadata.AllVersion == stamp.AllVersion)
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

    /// <summary>Markers of tags that a stamp does not have; null where the store could not be asked.</summary>
    private async ValueTask<List<TagMarker>?> VersionsAsync(IReadOnlyList<string> tags, Stamp? stamp, CancellationToken cancellation)
    {
        var found = new List<TagMarker>();
        var asked = new List<string>();
        foreach (var tag in tags.Where(tag => stamp is null || FindVersion(stamp.Tags, tag) is null))
        {
            if (!asked.Contains(tag))
                asked.Add(tag);
        }

        if (asked.Count == 0)
            return found;
        var changes = Tags.Changes;
        if (await GetAsync([.. asked.Select(_keys.TagMarker)], cancellation) is not { } values)
            return null;
        foreach (var (tag, marker) in Take(asked, values, changes))
            found.Add(new TagMarker(tag, marker));
        return found;
    }

    private ValueTask<bool> SlideAsync(string name, EntryMetadata metadata, CancellationToken cancellation)
    {
        var rest = TimeSpan.FromMilliseconds(Math.Min(metadata.SlidingMs, metadata.EndsAtMs - NowMs));
        return _calls.TryAsync(token => _store.TouchAsync(name, rest, token), _options.ReadTimeout, static () => { }, cancellation);
    }

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
