using System.Net;
using System.Security.Cryptography;
using Headroom.Caching;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Http.ApiKeys.Checking;

/// <summary>
/// Says whether a key is good.
/// <list type="number">
/// <item>Its text must be that of a key (<see cref="ApiKeyFormat"/>); then it is hashed, whether anybody has it or not.</item>
/// <item>Memory has the record: it is judged at once, without a lock, a task or an allocation. If it is due, one look-up makes it anew in the background.</item>
/// <item>Otherwise the id may be known to be nobody's, or there were too many vain look-ups (<see cref="UnknownKeys"/>).</item>
/// <item>Else the store is asked, once for all that wait for the same id. A record is kept in memory and nowhere else, so hashes are in the store alone; what is not found is not kept among the records.</item>
/// <item>The hashes are compared in constant time, an id that nobody has against nothing's; then status, and expiry by the clock of now, however old the record is.</item>
/// </list>
/// </summary>
internal sealed class ApiKeyCheck
{
    public const string CacheName = "auth";

    static readonly byte[] NothingsHash = new byte[ApiKeyFormat.HashLength];
    static readonly HybridCacheEntryOptions InMemory = new() { Flags = HybridCacheEntryFlags.DisableDistributedCache };

    readonly IApiKeyStore store;
    readonly ApiKeyFormat format;
    readonly UnknownKeys unknown;
    readonly ApiKeyUsageRecorder usage;
    readonly ApiKeyMetrics metrics;
    readonly IHeadroomCache cache;
    readonly ILogger<ApiKeyCheck> logger;
    readonly TimeProvider time;
    readonly TimeSpan? refreshAfter;
    readonly bool usesCache;
    int storeFails;

    public ApiKeyCheck(
        IApiKeyStore store,
        ApiKeyFormat format,
        UnknownKeys unknown,
        ApiKeyUsageRecorder usage,
        ApiKeyMetrics metrics,
        [FromKeyedServices(CacheName)] IHeadroomCache cache,
        IOptions<CachingOptions> caching,
        IOptions<ApiKeyOptions> options,
        ILogger<ApiKeyCheck> logger,
        TimeProvider time)
    {
        this.store = store;
        this.format = format;
        this.unknown = unknown;
        this.usage = usage;
        this.metrics = metrics;
        this.cache = cache;
        this.logger = logger;
        this.time = time;
        usesCache = options.Value.UseCache;
        var policy = caching.Value.Caches[CacheName];
        refreshAfter = policy.EagerRefresh is { } share ? policy.Expiration * share : null;
    }

    /// <summary>Whether a text begins as a key does, and so is none of other tokens that go into the same header.</summary>
    public bool IsPrefixed(ReadOnlySpan<char> text) => format.IsPrefixed(text);

    public ValueTask<ApiKeyResult> CheckAsync(string key, IPAddress? address, CancellationToken cancellationToken)
    {
        Span<byte> hash = stackalloc byte[ApiKeyFormat.HashLength];
        if (!format.TryRead(key, hash, out var id)) // 1
            return new(new ApiKeyResult(ApiKeyVerdict.Malformed));

        var now = time.GetUtcNow();
        if (usesCache && cache.TryPeek<CachedApiKey>(id, out var kept) && now < kept.RefreshAt)
            return new(Judge(kept, hash, now)); // 2
        return LookUpAsync(id.ToString(), hash.ToArray(), address, cancellationToken);
    }

    /// <summary>What the store knows of a key now, however it is cached: no record if it is not good any more, which is then forgotten here.</summary>
    public async ValueTask<(ApiKeyRecord? Record, bool StoreFailed)> FindFreshAsync(CachedApiKey known, CancellationToken cancellationToken)
    {
        try
        {
            var stored = await FindStoredAsync(known.Record.Id, cancellationToken);
            if (stored is not null && CryptographicOperations.FixedTimeEquals(stored.Hash.Span, known.Hash) && VerdictOf(stored.Record, time.GetUtcNow()) == ApiKeyVerdict.Valid)
                return (stored.Record, false);
            await cache.AsHybridCache().RemoveAsync(known.Record.Id, cancellationToken);
            return (null, false);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            Failed(failure);
            return (null, true);
        }
    }

    async ValueTask<ApiKeyResult> LookUpAsync(string id, byte[] hash, IPAddress? address, CancellationToken cancellationToken)
    {
        try
        {
            var refusal = usesCache ? RefusalOf(id, address) : ApiKeyVerdict.None; // 3
            if (refusal is not ApiKeyVerdict.None and not ApiKeyVerdict.Unknown)
                return new ApiKeyResult(refusal);

            // Nobody has it: compared all the same, so that the work does not tell. 4
            var found = refusal == ApiKeyVerdict.Unknown ? null
                : usesCache ? await cache.GetOrCreateAsync(id, (this, address), static (state, context, token) => state.Item1.LoadAsync(state.address, context, token), InMemory, cancellation: cancellationToken)
                : await FindAsync(id, cancellationToken);
            return Judge(found, hash, time.GetUtcNow());
        }
        catch (LookupRefusedException refused)
        {
            return new ApiKeyResult(refused.Verdict);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            Failed(failure);
            return new ApiKeyResult(ApiKeyVerdict.StoreFailed);
        }
    }

    ApiKeyVerdict RefusalOf(string id, IPAddress? address)
    {
        if (cache.TryPeek<CachedApiKey>(id, out _) || unknown.WasSeen(id))
            return ApiKeyVerdict.None;
        return unknown.IsUnknown(id) ? ApiKeyVerdict.Unknown : unknown.Refusal(address);
    }

    async ValueTask<CachedApiKey?> LoadAsync(IPAddress? address, CacheEntryContext context, CancellationToken cancellationToken)
    {
        var id = context.Key;
        var isNew = !unknown.WasSeen(id);
        bool? isFound = null;
        if (isNew)
            await unknown.EnterAsync(address, cancellationToken);
        try
        {
            var found = await FindAsync(id, cancellationToken);
            isFound = found is not null;
            if (found is null)
            {
                unknown.Add(id);
                context.SkipCaching = true;
            }

            return found;
        }
        catch when (cancellationToken.IsCancellationRequested)
        {
            // Nobody waits for the answer any more. The look-up cost what a vain one costs, and whoever never waits would else use up the look-ups of all addresses.
            isFound ??= false;
            throw;
        }
        finally
        {
            if (isNew)
                unknown.Leave(id, address, isFound);
        }
    }

    async ValueTask<CachedApiKey?> FindAsync(string id, CancellationToken cancellationToken)
    {
        var stored = await FindStoredAsync(id, cancellationToken);
        var refreshAt = refreshAfter is { } after ? time.GetUtcNow() + after : DateTimeOffset.MaxValue;
        return stored is null ? null : new CachedApiKey(stored.Record, stored.Hash, refreshAt, usage.UsesOf(id));
    }

    async ValueTask<StoredApiKey?> FindStoredAsync(string id, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var stored = await store.FindAsync(id, cancellationToken);
        metrics.LookedUp(time.GetElapsedTime(began));
        if (Volatile.Read(ref storeFails) != 0 && Interlocked.Exchange(ref storeFails, 0) != 0)
            ApiKeyLog.StoreAnswers(logger);
        return stored;
    }

    // Once while it lasts: requests come faster than anybody reads.
    void Failed(Exception failure)
    {
        if (Interlocked.Exchange(ref storeFails, 1) == 0)
            ApiKeyLog.StoreFailed(logger, failure);
    }

    static ApiKeyResult Judge(CachedApiKey? key, ReadOnlySpan<byte> hash, DateTimeOffset now) // 5
    {
        var isSame = CryptographicOperations.FixedTimeEquals(hash, key is null ? NothingsHash : key.Hash);
        if (key is null || !isSame)
            return new ApiKeyResult(key is null ? ApiKeyVerdict.Unknown : ApiKeyVerdict.WrongSecret);
        var verdict = VerdictOf(key.Record, now);
        if (verdict != ApiKeyVerdict.Valid)
            return new ApiKeyResult(verdict);
        key.Uses?.Count(now);
        return new ApiKeyResult(verdict, key);
    }

    static ApiKeyVerdict VerdictOf(ApiKeyRecord record, DateTimeOffset now) =>
        record.Status != ApiKeyStatus.Active ? ApiKeyVerdict.Revoked : record.ExpiresAt <= now ? ApiKeyVerdict.Expired : ApiKeyVerdict.Valid;
}
