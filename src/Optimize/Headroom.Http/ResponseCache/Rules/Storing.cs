using Microsoft.AspNetCore.Http;

namespace Headroom.Http.ResponseCache.Rules;

/// <summary>Why a response is not stored; told as <c>detail</c> of <c>Cache-Status</c> when debugging.</summary>
internal enum NotStored : byte
{
    /// <summary>It is.</summary>
    No,
    Method,
    Status,
    NoStore,
    Private,
    Authorization,
    SetCookie,
    VaryStar,

    /// <summary>The request has a header by which some frameworks take another method, target or host than the key has.</summary>
    Unkeyed,
    NoFreshness,

    /// <summary>It says nothing of its freshness, and the request was of somebody in particular.</summary>
    Personal,
    NotUnderstood,
    TooLarge,
    EventStream,

    /// <summary>It announces trailers, which would not be stored.</summary>
    Trailer,
    Incomplete,

    /// <summary>Something of it was purged or changed while it was made.</summary>
    Outdated,
}

/// <summary>What is known when the headers of a response are there.</summary>
/// <param name="Method">The request's.</param>
/// <param name="RequestHeaders">The request's headers.</param>
/// <param name="Request">The request's directives.</param>
/// <param name="IsAuthorized">The request had <c>Authorization</c> or an API key, or the user is known otherwise, and no policy says that this is no matter.</param>
/// <param name="Status">The response's.</param>
/// <param name="Headers">The response's.</param>
/// <param name="Directives">Those that govern this cache.</param>
/// <param name="Lifetime">How long it is fresh.</param>
internal sealed record ResponseHead(string Method, IHeaderDictionary RequestHeaders, CacheControl Request, bool IsAuthorized, int Status, IHeaderDictionary Headers, CacheControl Directives, Lifetime Lifetime);

/// <summary>Whether a response may be stored, RFC 9111 §3.</summary>
internal static class Storing
{
    // X-Forwarded-For, -Host and -Proto are not among them: every proxy sends them, and whoever believes them has middleware that changes the request's scheme and host, which are in the key.
    static readonly string[] Overriding =
    [
        "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix", "X-Forwarded-Scheme", "X-Forwarded-Server", "X-Forwarded-Port", "X-Host", "X-Original-Host",
    ];

    /// <summary>Each condition in the order of §3; the first that is not met is the answer.</summary>
    public static NotStored Decide(ResponseHead head)
    {
        var directives = head.Directives;
        if (!HttpMethods.IsGet(head.Method))
            return NotStored.Method;

        // A 206 is part of something and a 304 is no representation (§3.3, §4.3.4).
        if (head.Status is < 200 or > 599 or 206 or 304)
            return NotStored.Status;
        if (directives.MustUnderstand && !IsUnderstood(head.Status))
            return NotStored.NotUnderstood;

        // §5.2.2.3: a cache that understands the status disregards the no-store that is there for those that do not know must-understand.
        if (head.Request.NoStore || (directives.NoStore && !directives.MustUnderstand))
            return NotStored.NoStore;
        if (directives.Private)
            return NotStored.Private;
        if (head.IsAuthorized && !AllowsAuthorized(directives))
            return NotStored.Authorization;
        if (head.Headers.SetCookie.Count > 0)
            return NotStored.SetCookie;
        if (FieldList.Contains(head.Headers.Vary, "*"))
            return NotStored.VaryStar;
        if (IsUnkeyed(head.RequestHeaders))
            return NotStored.Unkeyed;
        if (head.Lifetime.Source == FreshnessSource.Heuristic && (head.RequestHeaders.Cookie.Count > 0 || CacheRequest.HasCredentials(head.RequestHeaders)))
            return NotStored.Personal;
        if (IsEventStream(head.Headers.ContentType))
            return NotStored.EventStream;
        if (head.Headers.Trailer.Count > 0)
            return NotStored.Trailer;
        return HasUse(head) ? NotStored.No : NotStored.NoFreshness;
    }

    /// <summary>Whether a request has a header by which some frameworks take another method, target or host than the key has.</summary>
    public static bool IsUnkeyed(IHeaderDictionary request) => Overriding.Any(request.ContainsKey);

    /// <summary>Whether the next response of the same URL will probably not be stored either: what is of this request, a part, a 304 or an error says nothing of the next one.</summary>
    public static bool WillRecur(NotStored reason, int status) =>
        reason is not (NotStored.No or NotStored.Method or NotStored.Unkeyed or NotStored.Personal) && status is not (206 or 304 or >= 500);

    /// <summary>§3.5.</summary>
    public static bool AllowsAuthorized(CacheControl directives) => directives.Public || directives.MustRevalidate || directives.SharedMaxAge is not null;

    /// <summary>Fresh for some time, or able to be made fresh again by its validator, where it said something about its freshness.</summary>
    static bool HasUse(ResponseHead head)
    {
        if (head.Lifetime.Milliseconds > 0 && !head.Directives.NoCache)
            return true;
        var mayLive = head.Lifetime.Source != FreshnessSource.None || head.Directives.NoCache || (head.Directives.Public && Freshness.MayBeHeuristic(head.Status, CacheControl.None));
        return mayLive && (head.Headers.ETag.Count == 1 || head.Headers.LastModified.Count == 1);
    }

    /// <summary>Statuses whose caching requirements this cache implements: those of RFC 9110, but the ones about parts and conditions.</summary>
    static bool IsUnderstood(int status) =>
        status is >= 200 and <= 205 or >= 300 and <= 303 or 305 or 307 or 308 or >= 400 and <= 417 or 421 or 422 or 426 or >= 500 and <= 505;

    static bool IsEventStream(string? contentType) => contentType is not null && contentType.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase);
}
