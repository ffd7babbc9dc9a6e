using System.Buffers;

namespace Headroom.Caching.Distributed;

/// <summary>
/// A store may drop any key at any time: its memory is full, or the key's life is over. Were "no marker" a version of its own, an entry made before the first invalidation would be valid again once the marker of that
/// invalidation is dropped. So whoever is going to compute a value first makes the markers that are not there, and an entry is a hit only under markers that stand: what is dropped costs a miss.
/// </summary>
internal sealed partial class DistributedTier
{
    /// <summary>The marker of everything is one key, whose end would end every entry.</summary>
    private static readonly TimeSpan AllMarkerLife = TimeSpan.FromDays(3650);

    /// <summary>How long a computation may take and still find the marker of its key; a longer one is a miss.</summary>
    private static readonly TimeSpan ComputingMax = TimeSpan.FromMinutes(10);

    /// <summary>A key's marker that nobody's invalidation wrote is to end soon after its entry, lest keys that are asked for once fill the store. Entries that live longer prolong it.</summary>
    private static readonly TimeSpan MadeKeyMarkerLife = ComputingMax + TimeSpan.FromMinutes(5);

    private readonly IStoreConditionalSet? _conditional;

    private TimeSpan MarkerLife => _options.EntryLifeMax + ComputingMax;

    private Marker NextMarker()
    {
        lock (_random)
            return Marker.Next(_random, _time.GetUtcNow());
    }

    private StoreWrite TagMarkerWrite(string tag) => MarkerWrite(_keys.TagMarker(tag), tag == StoreKeys.AllTag ? AllMarkerLife : MarkerLife);

    private StoreWrite KeyMarkerWrite(string key) => MarkerWrite(_keys.KeyMarker(key), MarkerLife);

    /// <summary>A store that prolongs no lives is told the whole of it.</summary>
    private StoreWrite MadeKeyMarkerWrite(string key) => MarkerWrite(_keys.KeyMarker(key), _store is DistributedCacheStore ? MarkerLife : Min(MadeKeyMarkerLife, MarkerLife));

    private StoreWrite MarkerWrite(string name, TimeSpan life) => new(name, new ReadOnlySequence<byte>(NextMarker().ToBytes()), life);

    /// <summary>Stamps for those who are going to compute: with a version for every marker, also those that nobody had made.</summary>
    /// <param name="reads">Those that missed get a new one; where the markers could not be made, none.</param>
    private async ValueTask CompleteAsync(IReadOnlyList<string> keys, IReadOnlyList<string> tags, TierRead[] reads, CancellationToken cancellation)
    {
        var missed = Enumerable.Range(0, keys.Count).Where(index => reads[index] is { Outcome: TierOutcome.Miss, Stamp: not null }).ToArray();
        if (missed.Length == 0)
            return;
        var first = reads[missed[0]].Stamp!;
        var absentTags = tags.Where(tag => FindVersion(first.Tags, tag) == 0).Distinct(StringComparer.Ordinal).ToList();
        if (first.AllVersion == 0)
            absentTags.Add(StoreKeys.AllTag);
        var absentKeys = missed.Where(index => reads[index].Stamp!.KeyVersion == 0).ToArray();
        if (absentTags.Count + absentKeys.Length == 0)
            return;

        var changes = Tags.Changes;
        StoreWrite[] writes = [.. absentTags.Select(TagMarkerWrite), .. absentKeys.Select(index => MadeKeyMarkerWrite(keys[index]))];
        var markers = await MakeAsync(writes, cancellation);
        if (markers is null)
        {
            foreach (var index in missed)
                reads[index] = TierRead.Unavailable;
            return;
        }

        var made = new Dictionary<string, Marker>(StringComparer.Ordinal);
        for (var index = 0; index < absentTags.Count; index++)
        {
            made[absentTags[index]] = markers[index];
            Tags.Add(absentTags[index], markers[index], changes);
        }

        foreach (var index in missed)
        {
            var stamp = reads[index].Stamp! with
            {
                AllVersion = made.TryGetValue(StoreKeys.AllTag, out var all) ? all.Version : first.AllVersion,
                Tags = [.. first.Tags.Select(tag => made.TryGetValue(tag.Tag, out var marker) ? new TagVersion(tag.Tag, marker.Version) : tag)],
            };
            var position = Array.IndexOf(absentKeys, index);
            reads[index] = new TierRead(TierOutcome.Miss, default, position < 0 ? stamp : stamp with { KeyVersion = markers[absentTags.Count + position].Version }, null);
        }
    }

    /// <summary>Writes markers where there are none. One that another node wrote meanwhile may be written over: a new version ends entries and revives none.</summary>
    /// <returns>What stands now; null where the store could not be asked.</returns>
    private async ValueTask<Marker[]?> MakeAsync(StoreWrite[] writes, CancellationToken cancellation)
    {
        var values = new StoredValue[writes.Length];
        if (!await _calls.TryAsync(MakeAsync, _options.ReadTimeout, () => DisposeAll(values), cancellation))
            return null;
        var markers = new Marker[writes.Length];
        for (var index = 0; index < markers.Length; index++)
        {
            // Gone again already: what is made under it is never read.
            markers[index] = values[index].Exists ? Marker.Read(values[index]) : Marker.Unreadable;
            values[index].Dispose();
        }

        return markers;

        async ValueTask MakeAsync(CancellationToken token)
        {
            if (_conditional is not null)
            {
                await _conditional.SetIfAbsentAsync(writes, values, token);
                return;
            }

            await _store.SetAsync(writes, token);
            for (var index = 0; index < writes.Length; index++)
                values[index] = new StoredValue(writes[index].Value.ToArray());
        }
    }

    /// <summary>
    /// Markers of tags that a stamp does not have, made where there are none; null where the store could not be asked. It is asked only for those of which nobody would tell this node a change: one that is told too late makes
    /// an entry that nobody reads, never one that is read and should not be.
    /// </summary>
    private async ValueTask<List<TagMarker>?> VersionsAsync(IReadOnlyList<string> tags, Stamp? stamp, CancellationToken cancellation)
    {
        var found = new List<TagMarker>();
        var asked = new List<string>();
        foreach (var tag in tags.Where(tag => stamp is null || FindVersion(stamp.Tags, tag) is null))
        {
            if (Tags.IsPushed && Tags.TryGet(tag, out var marker))
                found.Add(new TagMarker(tag, marker, IsNew: false));
            else if (!asked.Contains(tag))
                asked.Add(tag);
        }

        if (asked.Count == 0)
            return found;
        var changes = Tags.Changes;
        if (_conditional is null)
        {
            if (await GetAsync([.. asked.Select(_keys.TagMarker)], cancellation) is not { } values)
                return null;
            foreach (var (tag, marker) in Take(asked, values, changes).Where(pair => pair.Value != Marker.None))
                found.Add(new TagMarker(tag, marker, IsNew: false));
            asked.RemoveAll(tag => found.Any(each => each.Tag == tag));
        }

        StoreWrite[] writes = [.. asked.Select(TagMarkerWrite)];
        if (writes.Length == 0)
            return found;
        if (await MakeAsync(writes, cancellation) is not { } made)
            return null;
        for (var index = 0; index < made.Length; index++)
        {
            Tags.Add(asked[index], made[index], changes);
            found.Add(new TagMarker(asked[index], made[index], made[index].Version == VersionIn(writes[index])));
        }

        return found;
    }

    private static long VersionIn(in StoreWrite write) => Marker.Read(new StoredValue(write.Value.ToArray())).Version;

    /// <param name="IsNew">Nobody had made it: what happened to the tag before now, nobody knows.</param>
    private readonly record struct TagMarker(string Tag, Marker Marker, bool IsNew);
}
