using Headroom.Caching;
using Headroom.Http.ResponseCache.Exchanges;
using Headroom.Http.ResponseCache.Stored;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headroom.Http.ResponseCache.Purging;

/// <summary>
/// Purges, here and on other nodes. Tags and URLs are removed from the cache, which tells other nodes as its store can. Rules (soft purges, prefixes) are one value in the cache; each node takes in what others wrote at most a
/// second after a request asked, and writes back what it has more, so that nothing is lost when two nodes purge at once.
/// </summary>
internal sealed class PurgeSharing(
    [FromKeyedServices(ResponseCacheOptions.CacheName)] IHeadroomCache cache,
    PurgeRules rules,
    ExchangeTable exchanges,
    TimeProvider time,
    ILogger<PurgeSharing> logger) : IResponseCache
{
    // Begins with a line feed, which no URL has.
    const string Key = "\npurges";
    static readonly HybridCacheEntryOptions Kept = new() { Expiration = ResponseCacheOptions.Longest, LocalCacheExpiration = TimeSpan.FromSeconds(1) };

    // So long ago that the first request looks.
    long lookedAt = long.MinValue / 2;

    public ValueTask PurgeTagAsync(string tag, PurgeMode mode = PurgeMode.Hard, CancellationToken cancellation = default)
    {
        ResponseCachePolicyBuilder.CheckedTag(tag);
        if (mode == PurgeMode.Soft)
            return AddAsync([(PurgeKind.Tag, tag)], isSoft: true, cancellation);
        exchanges.Detach();
        return cache.AsHybridCache().RemoveByTagAsync(tag, cancellation);
    }

    public ValueTask PurgeUrlAsync(Uri url, PurgeMode mode = PurgeMode.Hard, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https"))
            throw new ArgumentException($"The URL '{url}' is not absolute; write scheme, host and path, for example https://api.example/users?page=1.", nameof(url));

        // As it was written: keys are byte-exact, and Uri would change escapes.
        var text = url.OriginalString;
        var start = text.IndexOf("://", StringComparison.Ordinal) + 3;
        var path = text.AsSpan(start).IndexOfAny('/', '?');
        var host = path < 0 ? text[start..] : text.Substring(start, path);
        var target = path < 0 ? "/" : text[start + path] == '?' ? string.Concat("/", text.AsSpan(start + path)) : text[(start + path)..];
        var fragment = target.IndexOf('#', StringComparison.Ordinal);
        var key = ResponseKey.UrlOf(url.Scheme, host, fragment < 0 ? target : target[..fragment]);
        return mode == PurgeMode.Soft
            ? AddAsync([(PurgeKind.Url, key), (PurgeKind.Tag, ResponseTags.OfPath(key)), (PurgeKind.Tag, ResponseTags.OfPathWithoutHost(key))], isSoft: true, cancellation)
            : InvalidateAsync(key, alsoOtherKeys: true, cancellation);
    }

    public async ValueTask PurgePrefixAsync(string prefix, PurgeMode mode = PurgeMode.Hard, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        prefix = WithHostInLowerCase(prefix);
        exchanges.Detach();
        await AddAsync([(PurgeKind.Prefix, prefix)], mode == PurgeMode.Soft, cancellation);

        // The rule says it to everybody; what is in memory here goes at once.
        if (mode == PurgeMode.Hard)
            await cache.RemoveByPrefixAsync(prefix, cancellation);
    }

    public ValueTask PurgeAllAsync(PurgeMode mode = PurgeMode.Hard, CancellationToken cancellation = default)
    {
        exchanges.Detach();
        return mode == PurgeMode.Soft ? AddAsync([(PurgeKind.All, "")], isSoft: true, cancellation) : cache.ClearAsync(cancellation);
    }

    /// <summary>Removes what is stored for a URL: its response, or the rule through which its variants are found; and what policies gave keys of their own.</summary>
    public async ValueTask InvalidateAsync(string url, bool alsoOtherKeys, CancellationToken cancellation = default)
    {
        var key = ResponseKey.OfUrl(url);
        exchanges.Detach(alsoOtherKeys ? null : key);
        await cache.AsHybridCache().RemoveAsync(key, cancellation);
        if (alsoOtherKeys)
            await cache.AsHybridCache().RemoveByTagAsync([ResponseTags.OfPath(url), ResponseTags.OfPathWithoutHost(url)], cancellation);
    }

    /// <summary>As URLs are kept: scheme and host are compared without regard to case, the rest byte for byte.</summary>
    static string WithHostInLowerCase(string prefix)
    {
        var host = prefix.IndexOf("://", StringComparison.Ordinal) + 3;
        if (host < 3)
            return prefix;
        var path = prefix.AsSpan(host).IndexOfAny('/', '?');
        return path < 0 ? prefix.ToLowerInvariant() : string.Concat(prefix[..(host + path)].ToLowerInvariant(), prefix.AsSpan(host + path));
    }

    /// <summary>On the way of a hit: takes in other nodes' rules in the background, once a second.</summary>
    public void Look()
    {
        if (!IsDue())
            return;
        using var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        _ = Task.Run(TakeInAsync);
    }

    /// <summary>Takes in other nodes' rules, once a second.</summary>
    public ValueTask LookAsync() => IsDue() ? new ValueTask(TakeInAsync()) : default;

    /// <summary>True for one caller a second.</summary>
    bool IsDue()
    {
        var now = time.GetTimestamp();
        var before = Volatile.Read(ref lookedAt);
        return now - before > time.TimestampFrequency && Interlocked.CompareExchange(ref lookedAt, now, before) == before;
    }

    async Task TakeInAsync()
    {
        try
        {
            // Asked first whether it is there, which counts as no miss.
            if (await cache.HasAsync(Key) && await cache.GetAsync<PurgeList>(Key) is { Found: true, Value: { } others } && rules.Merge(others.Rules))
                await WriteAsync(CancellationToken.None);
        }
#pragma warning disable CA1031 // No request fails because of purges that cannot be read.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            ResponseCacheLog.PurgesNotRead(logger, thrown);
        }
    }

    async ValueTask AddAsync((PurgeKind Kind, string Text)[] added, bool isSoft, CancellationToken cancellation)
    {
        exchanges.Detach();
        foreach (var (kind, text) in added)
            rules.Add(kind, text, isSoft);
        if (await cache.HasAsync(Key, cancellation) && await cache.GetAsync<PurgeList>(Key, cancellation) is { Found: true, Value: { } others })
            rules.Merge(others.Rules);
        await WriteAsync(cancellation);
    }

    ValueTask WriteAsync(CancellationToken cancellation) => cache.AsHybridCache().SetAsync(Key, new PurgeList(rules.Current), Kept, cancellationToken: cancellation);
}
