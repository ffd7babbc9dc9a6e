namespace Headroom.Caching;

/// <summary>
/// The smallest contract of a cache: what every store can do, in memory or across the network. For coalescing, tags and stale values use
/// <c>HybridCache</c>. Keys are 1 to 4,096 characters.
/// </summary>
public interface ICacheProvider
{
    /// <summary>The value under a key.</summary>
    /// <typeparam name="T">The type it was set as; another type is a miss.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="cancellation">Ends the wait of a store that is away.</param>
    /// <returns>The value, or one that says <see cref="Cached{T}.Found"/> is false.</returns>
    ValueTask<Cached<T>> GetAsync<T>(string key, CancellationToken cancellation = default);

    /// <summary>Puts a value under a key, in place of what was there.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; null is a value.</param>
    /// <param name="expiration">How long it is kept at most, more than zero; null: the cache's default.</param>
    /// <param name="cancellation">Ends the wait of a store that is away.</param>
    /// <exception cref="ArgumentOutOfRangeException">The expiration is not more than zero.</exception>
    ValueTask SetAsync<T>(string key, T value, TimeSpan? expiration = null, CancellationToken cancellation = default);

    /// <summary>Removes a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellation">Ends the wait of a store that is away.</param>
    /// <returns>Whether it was there, as far as the store can tell.</returns>
    ValueTask<bool> DeleteAsync(string key, CancellationToken cancellation = default);

    /// <summary>Whether a key has a value. Counts as neither hit nor miss.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellation">Ends the wait of a store that is away.</param>
    ValueTask<bool> HasAsync(string key, CancellationToken cancellation = default);

    /// <summary>Removes everything.</summary>
    /// <param name="cancellation">Ends the wait of a store that is away.</param>
    ValueTask ClearAsync(CancellationToken cancellation = default);

    /// <summary>What the cache holds and did so far.</summary>
    CacheStats Stats();
}
