using Microsoft.Extensions.Caching.Hybrid;
using ReferenceApi.Hosting;

namespace ReferenceApi.Caching;

/// <summary>Results of queries that many requests share, kept for a time by the cache named <c>query</c>. With the feature QueryCache off every request asks the database.</summary>
internal sealed class QueryCache(FeatureSet features, [FromKeyedServices(QueryCache.Name)] HybridCache? cache = null)
{
    public const string Name = "query";

    public bool IsOn => features[Feature.QueryCache];

    /// <summary>How long the database's answer to a health check counts.</summary>
    public static readonly HybridCacheEntryOptions Health = new() { Expiration = TimeSpan.FromSeconds(5) };

    public static readonly HybridCacheEntryOptions Info = new() { Expiration = TimeSpan.FromSeconds(30) };

    public static readonly HybridCacheEntryOptions Settings = new() { Expiration = TimeSpan.FromSeconds(60) };

    public ValueTask<T> GetAsync<TState, T>(string key, HybridCacheEntryOptions options, TState state, Func<TState, CancellationToken, ValueTask<T>> query, CancellationToken cancellationToken) =>
        !IsOn || cache is null ? query(state, cancellationToken) : cache.GetOrCreateAsync(key, state, query, options, tags: null, cancellationToken);
}
