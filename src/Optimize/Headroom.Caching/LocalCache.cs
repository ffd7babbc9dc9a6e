using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Headroom.Caching.Local;
using Microsoft.Extensions.Logging;

namespace Headroom.Caching;

/// <summary>
/// A bounded cache in memory. A lookup takes no lock and allocates nothing; the newest value is always admitted; when full, what is asked for least goes
/// (docs/decisions/cache-eviction.md). Values are kept as the objects they are: do not change one that you set or got. All members may be called
/// from any thread.
/// </summary>
public sealed class LocalCache : ICacheProvider, IDisposable
{
    readonly LocalStore store;
    readonly Expirations expirations;
    readonly TimeSpan defaultExpiration;
    readonly EntrySize? size;

    /// <summary>Makes a cache.</summary>
    /// <param name="options">Bounds and defaults; null: 10,000 entries, 5 minutes each.</param>
    /// <param name="time">The clock that lives are measured with; null: the system's.</param>
    /// <param name="logger">Told when <see cref="LocalCacheOptions.OnEvict"/> throws.</param>
    /// <exception cref="ArgumentException">Options are out of bounds; the message names each.</exception>
    public LocalCache(LocalCacheOptions? options = null, TimeProvider? time = null, ILogger<LocalCache>? logger = null)
    {
        options ??= new LocalCacheOptions();
        var errors = options.Errors().ToList();
        if (errors.Count > 0)
            throw new ArgumentException(string.Join(' ', errors), nameof(options));

        store = new LocalStore(options.MaxBytes ?? options.MaxEntries, time ?? TimeProvider.System, options.OnEvict, logger);
        expirations = new Expirations(options.ExpirationJitter);
        defaultExpiration = options.DefaultExpiration;
        size = options.MaxBytes is null ? null : new EntrySize(options.SizeOf);
    }

    /// <summary>The value under a key.</summary>
    /// <typeparam name="T">The type it was set as; another type is a miss.</typeparam>
    /// <param name="key">The key; need not be a string of its own.</param>
    /// <param name="value">The value, if found.</param>
    /// <returns>Whether it was found.</returns>
    public bool TryGet<T>(ReadOnlySpan<char> key, [MaybeNullWhen(false)] out T value)
    {
        if (store.Find(key) is { } entry)
        {
            // The exact type first: it is one comparison, a cast in code that several types share is a call.
            var kept = entry.Value;
            if (kept is not null && kept.GetType() == typeof(T))
            {
                value = typeof(T).IsValueType ? (T)kept : Unsafe.As<object, T>(ref kept);
                return true;
            }

            if (kept is T other)
            {
                value = other;
                return true;
            }

            if (kept is null && default(T) is null)
            {
                value = default!;
                return true;
            }
        }

        store.CountMisses();
        value = default;
        return false;
    }

    /// <summary>Puts a value under a key, in place of what was there.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="key">The key, 1 to 4,096 characters.</param>
    /// <param name="value">The value; null is a value.</param>
    /// <param name="expiration">How long it is kept at most; null: <see cref="LocalCacheOptions.DefaultExpiration"/>.</param>
    /// <param name="tags">Labels for <see cref="RemoveByTag"/>.</param>
    /// <returns>Whether it is kept: false if it alone is larger than <see cref="LocalCacheOptions.MaxBytes"/>.</returns>
    public bool Set<T>(string key, T value, TimeSpan? expiration = null, IEnumerable<string>? tags = null)
    {
        Keys.Checked(key);
        var life = Expirations.Checked(expiration ?? defaultExpiration, nameof(expiration));
        var names = tags?.Distinct(StringComparer.Ordinal).ToArray();
        return store.Set(new NewEntry(key, value, store.Invalidations)
        {
            FreshUntil = store.Now + expirations.Draw(life),
            Tags = names,
            Weight = size?.Of(key, value) ?? 1,
        });
    }

    /// <summary>Removes a key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether it had a value.</returns>
    public bool Remove(ReadOnlySpan<char> key) => store.Remove(key);

    /// <summary>Removes every entry that carries a tag, in one step however many there are.</summary>
    /// <param name="tag">The tag; <c>*</c> is all entries, tagged or not.</param>
    public void RemoveByTag(string tag)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        if (tag == "*")
            store.InvalidateAll();
        else
            store.InvalidateTag(tag);
    }

    /// <summary>Removes every key that begins with a text, looking at all keys, during which nothing else can be set.</summary>
    /// <param name="prefix">The beginning, compared by characters.</param>
    /// <returns>How many were removed.</returns>
    public int RemoveByPrefix(string prefix)
    {
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        return store.RemoveWhere(key => key.StartsWith(prefix, StringComparison.Ordinal));
    }

    /// <summary>Whether a key has a value. Counts as neither hit nor miss.</summary>
    /// <param name="key">The key.</param>
    public bool Has(ReadOnlySpan<char> key) => store.Peek(key) is not null;

    /// <summary>Removes everything.</summary>
    public void Clear() => store.Clear();

    /// <inheritdoc/>
    public CacheStats Stats() => new()
    {
        LocalHits = store.Hits,
        Misses = store.Misses,
        Entries = store.Count,
        Weight = store.Weight,
        Evictions = store.Evictions(EvictionReason.Capacity),
        Expirations = store.Evictions(EvictionReason.Expired),
    };

    ValueTask<Cached<T>> ICacheProvider.GetAsync<T>(string key, CancellationToken cancellation) =>
        new(TryGet<T>(Keys.Checked(key), out var value) ? new Cached<T>(value) : default);

    ValueTask ICacheProvider.SetAsync<T>(string key, T value, TimeSpan? expiration, CancellationToken cancellation)
    {
        Set(key, value, expiration);
        return ValueTask.CompletedTask;
    }

    ValueTask<bool> ICacheProvider.DeleteAsync(string key, CancellationToken cancellation) => new(Remove(Keys.Checked(key)));

    ValueTask<bool> ICacheProvider.HasAsync(string key, CancellationToken cancellation) => new(Has(Keys.Checked(key)));

    ValueTask ICacheProvider.ClearAsync(CancellationToken cancellation)
    {
        Clear();
        return ValueTask.CompletedTask;
    }

    /// <summary>Stops the clean-up of expired entries.</summary>
    public void Dispose() => store.Dispose();
}
