namespace Headroom.Caching.Distributed;

/// <summary>Ending entries of keys that match a pattern, where the store can look through its keys.</summary>
internal sealed partial class DistributedTier
{
    /// <summary>Whether patterns can be invalidated.</summary>
    public bool CanSearch => _search is not null;

    /// <summary>Goes through the store's keys page by page, each in its own time, and ends those that match. Keys that are set while it runs may be missed.</summary>
    /// <param name="pattern">In <see cref="KeyPattern"/>'s notation.</param>
    /// <param name="found">Gets the keys.</param>
    /// <param name="cancellation">The caller's.</param>
    private async ValueTask<bool> SendMatchingAsync(KeyPattern pattern, ISet<string>? found, CancellationToken cancellation)
    {
        var pages = _search!.FindAsync(_keys.EntriesMatching(pattern.Text), cancellation).GetAsyncEnumerator(CancellationToken.None);
        while (true)
        {
            // A page that was given up may still be on its way; only when it has ended can the search be.
            var isMore = false;
            if (!await _calls.TryAsync(async _ => isMore = await pages.MoveNextAsync(), _options.WriteTimeout, () => _ = pages.DisposeAsync().AsTask(), cancellation))
                return false;
            if (!isMore)
            {
                await pages.DisposeAsync();
                return true;
            }

            var keys = pages.Current.Select(_keys.Parse).OfType<(StoreKeyKind Kind, string Name)>().Where(key => key.Kind == StoreKeyKind.Key && pattern.IsMatch(key.Name)).Select(key => key.Name);
            foreach (var some in keys.Chunk(_sentAtOnce))
            {
                if (!await SendNamedAsync([.. some.Select(key => new Invalidated(StoreKeyKind.Key, key))], cancellation))
                {
                    await pages.DisposeAsync();
                    return false;
                }

                found?.UnionWith(some);
            }
        }
    }
}
