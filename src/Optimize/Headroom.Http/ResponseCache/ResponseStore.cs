using System.Runtime.InteropServices;
using Headroom.Caching;
using Headroom.Http.ResponseCache.Purging;
using Headroom.Http.ResponseCache.Rules;
using Headroom.Http.ResponseCache.Stored;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Http.ResponseCache;

/// <summary>What a look-up found.</summary>
/// <param name="Response">The stored response, fresh or not; null: none.</param>
/// <param name="Key">Under which it is, or will be, stored.</param>
/// <param name="Rule">The headers that select, where the URL has variants.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Found(StoredResponse? Response, string Key, VariantRule? Rule);

/// <summary>
/// Stored responses in the cache named <c>response</c>: memory, and the distributed tier where there is one. What is being made when something of it is invalidated is not kept; the cache's flights see to that, so every
/// response is stored as the value of one.
/// </summary>
internal sealed class ResponseStore([FromKeyedServices(ResponseCacheOptions.CacheName)] IHeadroomCache cache, PurgeRules purges, TimeProvider time)
{
    // Always run, always kept: what is there is what is replaced.
    static readonly HybridCacheEntryOptions Replace = new() { Flags = HybridCacheEntryFlags.DisableLocalCacheRead | HybridCacheEntryFlags.DisableDistributedCacheRead };

    /// <summary>A rule outlives the variants that are found through it.</summary>
    static readonly TimeSpan RuleLonger = TimeSpan.FromHours(24);
    static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    public IHeadroomCache Cache => cache;

    /// <summary>What memory has under a key, unless it was purged. A hit is counted; a miss where the distributed tier is asked.</summary>
    public CacheItem? Peek(ReadOnlySpan<char> key) => cache.TryPeek<CacheItem>(key, out var item) && !IsGone(item) ? item : null;

    /// <summary>Both steps, in memory.</summary>
    public Found Find(string key, IHeaderDictionary request)
    {
        if (Peek(key) is not { } item)
            return new Found(null, key, null);
        if (item.Variants is not { } rule)
            return new Found(item.Response, key, null);
        var variant = rule.KeyOf(key, request);
        return new Found(Peek(variant)?.Response, variant, rule);
    }

    /// <summary>Takes what the distributed tier has into memory; false: nothing.</summary>
    public async ValueTask<bool> FetchAsync(string key, CancellationToken cancellation)
    {
        var found = await cache.GetAsync<CacheItem>(key, cancellation);
        return found is { Found: true, Value: { } item } && !IsGone(item);
    }

    /// <summary>Whether its time is over because of a soft purge.</summary>
    public bool IsPurgedSoftly(StoredResponse stored) => !purges.IsEmpty && purges.StateOf(stored.Head) == PurgeState.Over;

    bool IsGone(CacheItem item) => !purges.IsEmpty && item.Response is { } response && purges.StateOf(response.Head) == PurgeState.Gone;

    /// <summary>Runs what makes the value of a key and keeps it, unless it was invalidated meanwhile. If another run of the key is under way, waits for that instead; <paramref name="state"/> is then not run.</summary>
    public async ValueTask<CacheItem> MakeAsync<TState>(string key, TState state, Func<TState, CacheEntryContext, ValueTask<CacheItem>> make, string[] tags) =>
        await cache.GetOrCreateAsync(key, (state, make), static (given, context, _) => given.make(given.state, context), Replace, tags, CancellationToken.None);

    /// <summary>Keeps a response as the value of the flight that made it; as a variant of it where headers select it.</summary>
    /// <returns>What the flight's key is to have.</returns>
    public async ValueTask<CacheItem> KeepAsync(StoredResponse stored, Found place, string primaryKey, IHeaderDictionary request, TimeSpan keepFor, CacheEntryContext flight)
    {
        foreach (var tag in stored.Head.Tags)
            flight.AddTag(tag);
        flight.Expiration = keepFor;
        var names = stored.Head.VaryNames;
        if (place.Rule is { } rule)
        {
            if (names.All(name => rule.HeaderNames.Contains(name, StringComparer.Ordinal)))
                return new CacheItem(stored);

            // More headers select than was known: a wider rule for those who come next. The response was made under the narrower one and is not kept.
            flight.SkipCaching = true;
            var wider = new VariantRule(NewNumber(), [.. rule.HeaderNames.Union(names, StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
            await cache.AsHybridCache().SetAsync(primaryKey, new CacheItem(wider), new HybridCacheEntryOptions { Expiration = Shorter(keepFor + RuleLonger) }, stored.Head.Tags);
            return CacheItem.Nothing;
        }

        if (names.Length == 0)
            return new CacheItem(stored);
        var made = new VariantRule(NewNumber(), names);
        var item = new CacheItem(stored);
        await cache.AsHybridCache().SetAsync(ResponseKey.OfVariant(primaryKey, made, request), item, new HybridCacheEntryOptions { Expiration = keepFor }, stored.Head.Tags);
        flight.Expiration = Shorter(keepFor + RuleLonger);
        return new CacheItem(made);
    }

    /// <summary>Puts an updated response in the place of the one that it was made of, if that is still there.</summary>
    public async ValueTask ReplaceAsync(Found place, StoredResponse updated, TimeSpan keepFor)
    {
        if (Peek(place.Key) is { Response: { } there } && ReferenceEquals(there, place.Response))
            await cache.AsHybridCache().SetAsync(place.Key, new CacheItem(updated), new HybridCacheEntryOptions { Expiration = keepFor }, updated.Head.Tags);
    }

    public ValueTask RemoveAsync(string key) => cache.AsHybridCache().RemoveAsync(key);

    /// <summary>How long a response is kept: its life, and as long as it may stand in, be validated or be asked for by <c>max-stale</c> after it.</summary>
    public static TimeSpan KeepFor(StoredHead head, TimeSpan forRevalidation, bool mayBeAskedForStale)
    {
        var isOfUse = head.TagIsOrigins || head.Header("Last-Modified") is not null || (mayBeAskedForStale && !head.Terms.NeverStale);
        var after = isOfUse ? Math.Max(head.Terms.StaleMost, (long)forRevalidation.TotalMilliseconds) : head.Terms.StaleMost;
        var rest = Math.Max(0, head.Terms.Lifetime - head.InitialAge) + after;
        return Shorter(TimeSpan.FromMilliseconds(Math.Max(1, Math.Min(rest, (long)Longest.TotalMilliseconds))));
    }

    static TimeSpan Shorter(TimeSpan time) => time < Longest ? time : Longest;

    string NewNumber() => $"{time.GetUtcNow().Ticks:x}{System.Security.Cryptography.RandomNumberGenerator.GetHexString(8)}";
}
