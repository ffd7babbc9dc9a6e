using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Hybrid;

namespace Headroom.Caching;

/// <summary>
/// What the cache does beside <see cref="HybridCache"/>. One object is both: whatever is set through one is found through the other. All members may be called from any thread.
/// </summary>
public interface IHeadroomCache : ICacheProvider
{
    /// <summary>The cache's name; <c>default</c> for the one without.</summary>
    string Name { get; }

    /// <summary>The same cache as the framework's type.</summary>
    HybridCache AsHybridCache();

    /// <summary>The value in memory, fresh; asks no other tier and runs nothing.</summary>
    /// <typeparam name="T">The type it was set as; another type is a miss.</typeparam>
    /// <param name="key">The key; need not be a string of its own.</param>
    /// <param name="value">The value, if found.</param>
    bool TryGet<T>(ReadOnlySpan<char> key, [MaybeNullWhen(false)] out T value);

    /// <summary>As <see cref="TryGet"/>, and counts no miss: for a first look before the one that counts.</summary>
    /// <typeparam name="T">The type it was set as; another type is a miss.</typeparam>
    /// <param name="key">The key; need not be a string of its own.</param>
    /// <param name="value">The value, if found.</param>
    bool TryPeek<T>(ReadOnlySpan<char> key, [MaybeNullWhen(false)] out T value);

    /// <summary>The value from whichever tier has it, or what the factory makes, which can decide life, tags and whether to keep it.</summary>
    /// <typeparam name="TState">What the factory needs; a static delegate with its state allocates nothing on a hit.</typeparam>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="key">1 to 4,096 characters.</param>
    /// <param name="state">Given to the factory.</param>
    /// <param name="factory">Makes the value; at most one at a time runs for a key in this process.</param>
    /// <param name="options">Lives and tiers for this value; null: the cache's.</param>
    /// <param name="tags">Labels to invalidate it by.</param>
    /// <param name="cancellation">Ends this caller's wait. The factory is cancelled when nobody waits any more.</param>
    ValueTask<T> GetOrCreateAsync<TState, T>(
        string key,
        TState state,
        Func<TState, CacheEntryContext, CancellationToken, ValueTask<T>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellation = default);

    /// <summary>The values of several keys, from memory and then with one request to the distributed tier for all others.</summary>
    /// <typeparam name="T">The values' type.</typeparam>
    /// <param name="keys">At most 10,000; each is answered once.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Those found.</returns>
    ValueTask<IReadOnlyDictionary<string, T>> GetManyAsync<T>(IEnumerable<string> keys, CancellationToken cancellation = default);

    /// <summary>
    /// The values of several keys; the factory is run once for all that no tier has and nobody else is making: callers of the same keys, of one or of many, wait for each other's factories.
    /// </summary>
    /// <typeparam name="T">The values' type.</typeparam>
    /// <param name="keys">At most 10,000; each is answered once.</param>
    /// <param name="factory">Given the missing keys; a key that it leaves out is not kept and not in the result. Another caller that waited for such a key has its own factory asked.</param>
    /// <param name="options">Lives and tiers; null: the cache's.</param>
    /// <param name="tags">Labels of all values made.</param>
    /// <param name="cancellation">Ends this caller's wait. The factory is cancelled when nobody waits for any of its values any more.</param>
    ValueTask<IReadOnlyDictionary<string, T>> GetOrCreateManyAsync<T>(
        IEnumerable<string> keys,
        Func<IReadOnlyList<string>, CancellationToken, ValueTask<IReadOnlyDictionary<string, T>>> factory,
        HybridCacheEntryOptions? options = null,
        IEnumerable<string>? tags = null,
        CancellationToken cancellation = default);

    /// <summary>
    /// Removes every key that begins with a text, looking at all keys of memory and, where it can look through its keys (<see cref="IStoreKeySearch"/>, Headroom.Redis for example), of the distributed tier. What only that has is
    /// otherwise not found. A value that another node is just making is not found either: use a tag where that matters.
    /// </summary>
    /// <param name="prefix">The beginning, compared by characters.</param>
    /// <param name="cancellation">Ends the wait for the distributed tier, and there the search; what was not found until then stays to be removed, as when the tier is away.</param>
    /// <returns>How many were removed; in the distributed tier also those that were over but still there.</returns>
    ValueTask<int> RemoveByPrefixAsync(string prefix, CancellationToken cancellation = default);

    /// <summary>As <see cref="RemoveByPrefixAsync"/> with a pattern: <c>*</c> stands for any characters, <c>?</c> for one.</summary>
    /// <param name="pattern">For example <c>user:*:orders</c>.</param>
    /// <param name="cancellation">Ends the wait for the distributed tier.</param>
    /// <returns>How many were removed.</returns>
    ValueTask<int> RemoveByPatternAsync(string pattern, CancellationToken cancellation = default);
}
