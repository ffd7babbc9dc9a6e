using System.Security.Claims;
using Headroom.Http.ResponseCache.Policies;
using Headroom.Http.ResponseCache.Rules;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http.ResponseCache;

/// <summary>One request as the cache sees it, once the quick look was not enough.</summary>
internal sealed class CacheRequest
{
    public CacheRequest(HttpContext context, ResponseCachePolicy? policy, string key, ResponseCacheOptions options)
    {
        Context = context;
        Policy = policy;
        Key = key;
        HonoursDirectives = IsHonoured(policy, options);
        Directives = Honoured(context.Request.Headers, HonoursDirectives);
        var isKnown = HasCredentials(context.Request.Headers) || IsKnown(context.User);
        IsAuthorized = isKnown && policy is not { MayServeAuthorized: true };
    }

    /// <summary>Without directives and of nobody in particular.</summary>
    CacheRequest(HttpContext context, ResponseCachePolicy? policy, string key, bool honoursDirectives)
    {
        Context = context;
        Policy = policy;
        Key = key;
        HonoursDirectives = honoursDirectives;
        Directives = CacheControl.None;
    }

    public HttpContext Context { get; }

    public ResponseCachePolicy? Policy { get; }

    /// <summary>Of the URL and what the policy adds; variants have their own.</summary>
    public string Key { get; }

    /// <summary>Whether a client's <c>Cache-Control</c> counts for this endpoint.</summary>
    public bool HonoursDirectives { get; }

    /// <summary>Those of the request that count.</summary>
    public CacheControl Directives { get; }

    /// <summary>Of a known user, and no policy says that it makes no difference.</summary>
    public bool IsAuthorized { get; }

    /// <summary>It may be for something else than its key says: what it is told is its own, and says nothing about what others get.</summary>
    public bool IsUnkeyed => Storing.IsUnkeyed(Context.Request.Headers);

    /// <summary>Nobody waits for this run: it goes on in the background.</summary>
    public bool IsBackground { get; init; }

    /// <summary>A request of which the quick look has seen that it says nothing about caching and that its user is not known.</summary>
    public static CacheRequest Plain(HttpContext context, ResponseCachePolicy? policy, string key, ResponseCacheOptions options) => new(context, policy, key, IsHonoured(policy, options));

    /// <summary>Whether a request says whose it is: by <c>Authorization</c>, or by an API key, which is the same in another header (RFC 9111 §3.5).</summary>
    public static bool HasCredentials(IHeaderDictionary headers) => headers.Authorization.Count > 0 || headers.ContainsKey(ApiKeyDefaults.HeaderName);

    /// <summary>Whether any identity of a user is authenticated, as authorization asks; the first one need not be.</summary>
    public static bool IsKnown(ClaimsPrincipal? user)
    {
        if (user is null)
            return false;
        foreach (var identity in user.Identities)
        {
            if (identity.IsAuthenticated)
                return true;
        }

        return false;
    }

    /// <summary>§5.4: Pragma counts only where there is no Cache-Control.</summary>
    static CacheControl Honoured(IHeaderDictionary headers, bool isHonoured)
    {
        if (headers.CacheControl.Count == 0)
            return headers.Pragma.Count > 0 && isHonoured && FieldList.Contains(headers.Pragma, "no-cache") ? CacheControl.Parse("no-cache") : CacheControl.None;
        var parsed = CacheControl.Parse(headers.CacheControl);
        return isHonoured ? parsed : parsed.OnlyIfCached ? CacheControl.Parse("only-if-cached") : CacheControl.None;
    }

    static bool IsHonoured(ResponseCachePolicy? policy, ResponseCacheOptions options) => policy is null ? options.HonourRequestDirectives : policy.HonoursRequestDirectives;
}
