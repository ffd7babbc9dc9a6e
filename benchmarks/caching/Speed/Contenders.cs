using System.Collections.Concurrent;
using Headroom.Caching.Local;
using Headroom.Caching.Serialization;
using Headroom.Caching.Tiered;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Headroom.Caching.Benchmarks.Speed;

/// <summary>One way to look keys up, all keys present. Returns how many were found, so that nothing is optimised away.</summary>
internal abstract class Contender(string name) : IDisposable
{
    public string Name => name;

    public abstract int LookUp(string[] trace, int from, int count);

    public abstract void Dispose();
}

internal sealed class DictionaryLookUp : Contender
{
    readonly ConcurrentDictionary<string, object> dictionary = new();

    public DictionaryLookUp(string[] keys) : base("ConcurrentDictionary.TryGetValue")
    {
        foreach (var key in keys)
            dictionary[key] = key;
    }

    public override int LookUp(string[] trace, int from, int count)
    {
        var found = 0;
        for (var i = from; i < from + count; i++)
        {
            if (dictionary.TryGetValue(trace[i], out var value) && value is string)
                found++;
        }

        return found;
    }

    public override void Dispose() => dictionary.Clear();
}

internal sealed class LocalCacheLookUp : Contender
{
    readonly LocalCache cache;

    public LocalCacheLookUp(string[] keys) : base("Headroom LocalCache.TryGet (life and tag)")
    {
        cache = new LocalCache(new LocalCacheOptions { MaxEntries = keys.Length });
        foreach (var key in keys)
            cache.Set(key, key, TimeSpan.FromHours(1), ["tag"]);
    }

    public override int LookUp(string[] trace, int from, int count)
    {
        var found = 0;
        for (var i = from; i < from + count; i++)
        {
            if (cache.TryGet<string>(trace[i], out _))
                found++;
        }

        return found;
    }

    public override void Dispose() => cache.Dispose();
}

internal sealed class MemoryCacheLookUp : Contender
{
    readonly MemoryCache cache = new(Options.Create(new MemoryCacheOptions()));

    public MemoryCacheLookUp(string[] keys) : base("MemoryCache.TryGetValue (life)")
    {
        foreach (var key in keys)
            cache.Set(key, key, TimeSpan.FromHours(1));
    }

    public override int LookUp(string[] trace, int from, int count)
    {
        var found = 0;
        for (var i = from; i < from + count; i++)
        {
            if (cache.TryGetValue(trace[i], out string? _))
                found++;
        }

        return found;
    }

    public override void Dispose() => cache.Dispose();
}

internal sealed class HybridLookUp : Contender
{
    readonly TieredCache cache;

    public HybridLookUp(string[] keys) : base("Headroom HybridCache.GetOrCreateAsync (life and tag)")
    {
        cache = Tiered(keys.Length);
        foreach (var key in keys)
            cache.SetAsync(key, key, null, ["tag"]).AsTask().Wait();
    }

    public static TieredCache Tiered(int entries) => new(
        "default",
        new CacheOptions { MaxEntries = entries, Expiration = TimeSpan.FromHours(1) },
        new ValueSerializers(new ServiceCollection().BuildServiceProvider()),
        null,
        null,
        TimeProvider.System,
        NullLogger.Instance);

    public override int LookUp(string[] trace, int from, int count) => LookUp(cache, trace, from, count);

    // Through the framework's type, as an application has it.
    public static int LookUp(HybridCache cache, string[] trace, int from, int count)
    {
        var found = 0;
        for (var i = from; i < from + count; i++)
        {
            var got = cache.GetOrCreateAsync(trace[i], trace, static (state, _) => new ValueTask<string>(state[0]));
            if (got.IsCompletedSuccessfully && got.Result.Length > 0)
                found++;
        }

        return found;
    }

    public override void Dispose() => cache.Dispose();
}

/// <summary>What a call of the framework's abstract generic method costs by itself, whoever implements it: it returns its key.</summary>
internal sealed class DispatchLookUp() : Contender("an empty HybridCache.GetOrCreateAsync: the dispatch alone")
{
    readonly HybridCache cache = new Empty();

    public override int LookUp(string[] trace, int from, int count) => HybridLookUp.LookUp(cache, trace, from, count);

    public override void Dispose()
    {
    }

    sealed class Empty : HybridCache
    {
        public override ValueTask<T> GetOrCreateAsync<TState, T>(
            string key,
            TState state,
            Func<TState, CancellationToken, ValueTask<T>> factory,
            HybridCacheEntryOptions? options = null,
            IEnumerable<string>? tags = null,
            CancellationToken cancellationToken = default) => new((T)(object)key);

        public override ValueTask SetAsync<T>(
            string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default) => default;

        public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default) => default;

        public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) => default;
    }
}

/// <summary>Work that shares nothing: what two threads cost each other here however they are programmed.</summary>
internal sealed class HashAlone() : Contender("the key's hash alone (nothing shared)")
{
    public override int LookUp(string[] trace, int from, int count)
    {
        var sum = 0;
        for (var i = from; i < from + count; i++)
            sum ^= KeyHash.Of(trace[i]);
        return sum == 0 ? count - 1 : count;
    }

    public override void Dispose()
    {
    }
}

internal sealed class MemoryCacheCreate : Contender
{
    readonly MemoryCache cache = new(Options.Create(new MemoryCacheOptions()));

    public MemoryCacheCreate(string[] keys) : base("MemoryCache.GetOrCreateAsync (life)")
    {
        foreach (var key in keys)
            cache.Set(key, key, TimeSpan.FromHours(1));
    }

    public override int LookUp(string[] trace, int from, int count)
    {
        var found = 0;
        for (var i = from; i < from + count; i++)
        {
            var got = cache.GetOrCreateAsync(trace[i], static entry => Task.FromResult((string)entry.Key));
            if (got.IsCompletedSuccessfully && got.Result!.Length > 0)
                found++;
        }

        return found;
    }

    public override void Dispose() => cache.Dispose();
}
