namespace Headroom.Http;

/// <summary>What becomes of purged responses.</summary>
public enum PurgeMode
{
    /// <summary>They are gone.</summary>
    Hard,

    /// <summary>Their time is over: they are made anew or validated when asked for, and stand in where <c>stale-while-revalidate</c> or <c>stale-if-error</c> allow it.</summary>
    Soft,
}

/// <summary>
/// Purging of stored responses, on this node at once and on all others that share the store: hard purges of tags and URLs as fast as the store tells changes, all others within a second of their next request. What is being
/// made when a purge is called is not kept. Register with <c>AddHeadroomResponseCache</c>.
/// </summary>
public interface IResponseCache
{
    /// <summary>Purges the responses with a label of <c>CacheResponse(p => p.Tag(...))</c>.</summary>
    /// <param name="tag">1 to 1,024 characters.</param>
    /// <param name="mode">Gone, or only over.</param>
    /// <param name="cancellation">Ends the wait for the store.</param>
    ValueTask PurgeTagAsync(string tag, PurgeMode mode = PurgeMode.Hard, CancellationToken cancellation = default);

    /// <summary>Purges the responses of one URL, all variants.</summary>
    /// <param name="url">Scheme, host, path and query as clients ask for it; compared byte for byte, the host without regard to case.</param>
    /// <param name="mode">Gone, or only over.</param>
    /// <param name="cancellation">Ends the wait for the store.</param>
    ValueTask PurgeUrlAsync(Uri url, PurgeMode mode = PurgeMode.Hard, CancellationToken cancellation = default);

    /// <summary>Purges the responses of all URLs that begin with a text.</summary>
    /// <param name="prefix">For example <c>https://api.example/users/</c>.</param>
    /// <param name="mode">Gone, or only over.</param>
    /// <param name="cancellation">Ends the wait for the store.</param>
    ValueTask PurgePrefixAsync(string prefix, PurgeMode mode = PurgeMode.Hard, CancellationToken cancellation = default);

    /// <summary>Purges everything.</summary>
    /// <param name="mode">Gone, or only over.</param>
    /// <param name="cancellation">Ends the wait for the store.</param>
    ValueTask PurgeAllAsync(PurgeMode mode = PurgeMode.Hard, CancellationToken cancellation = default);
}
