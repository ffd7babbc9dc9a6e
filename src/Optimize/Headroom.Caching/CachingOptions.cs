namespace Headroom.Caching;

/// <summary>The caches of an application. Bound from the configuration section <c>Headroom:Caching</c>; code given to <c>AddHeadroomCaching</c> runs after it.</summary>
public sealed class CachingOptions
{
    /// <summary>The configuration section that these options are bound from.</summary>
    public const string SectionName = "Headroom:Caching";

    /// <summary>The name of the cache without a name.</summary>
    public const string DefaultCache = "default";

    internal const int NameLongest = 64;

    /// <summary>The cache that is injected as <c>HybridCache</c> and <see cref="IHeadroomCache"/>.</summary>
    public CacheOptions Default { get; } = new();

    /// <summary>
    /// Further caches by name, each with its own room and policy. There from the start: <c>auth</c> (60 s, eager refresh at 0.8), <c>query</c> (5 min), <c>response</c> (60 s, stale for 30 s while it is made
    /// anew), <c>rate-limit</c> (60 s, without jitter).
    /// </summary>
    public IDictionary<string, CacheOptions> Caches { get; } = new Dictionary<string, CacheOptions>(StringComparer.Ordinal)
    {
        ["auth"] = new() { Expiration = TimeSpan.FromSeconds(60), EagerRefresh = 0.8 },
        ["query"] = new(),
        ["response"] = new() { Expiration = TimeSpan.FromSeconds(60), StaleWhileRevalidate = TimeSpan.FromSeconds(30) },
        ["rate-limit"] = new() { Expiration = TimeSpan.FromSeconds(60), ExpirationJitter = 0 },
    };

    /// <summary>How the distributed tier is used, if an <c>IDistributedCache</c> or <see cref="IDistributedStore"/> is registered. Each cache's keys have its name before them.</summary>
    public DistributedTierOptions Distributed { get; } = new();

    /// <summary>False: a registered <c>IDistributedCache</c> is left alone and every cache is in memory only. Default true.</summary>
    public bool UseDistributed { get; set; } = true;

    /// <summary>What could not be read from the configuration; reported with the validation errors.</summary>
    internal List<string> BindingErrors { get; } = [];
}
