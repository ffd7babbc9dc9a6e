using System.Runtime.InteropServices;

namespace Headroom.Http.ResponseCache.Rules;

/// <summary>What becomes of a stored response, RFC 9111 §4.</summary>
internal enum Reuse : byte
{
    /// <summary>It is the answer.</summary>
    Fresh,

    /// <summary>It is the answer though its time is over, because the request says so (<c>max-stale</c>).</summary>
    Stale,

    /// <summary>It is the answer, and is made anew in the background (RFC 5861 §3).</summary>
    StaleWhileRevalidate,

    /// <summary>It has to be validated first: its time is over, or it says <c>no-cache</c>.</summary>
    Revalidate,

    /// <summary>It has to be validated first because the request wants it (<c>no-cache</c>, <c>max-age</c>, <c>min-fresh</c>).</summary>
    RevalidateForRequest,
}

/// <summary>What counts of a stored response when it is asked for again. Durations in milliseconds.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Terms
{
    public long Lifetime { get; init; }

    /// <summary>Validated before every use.</summary>
    public bool AlwaysRevalidate { get; init; }

    /// <summary>Never served when its time is over: <c>must-revalidate</c>, <c>proxy-revalidate</c> or <c>s-maxage</c> (§4.2.4, §5.2.2.10) without a <c>stale-*</c> beside it, which says the opposite.</summary>
    public bool NeverStale { get; init; }

    public long StaleWhileRevalidate { get; init; }

    public long StaleIfError { get; init; }

    /// <summary>How long after its life the response is still of use to somebody.</summary>
    public long StaleMost => NeverStale ? 0 : Math.Max(StaleWhileRevalidate, StaleIfError);

    /// <summary>What a response's own directives say; <c>stale-*</c> are the defaults where it says nothing.</summary>
    public static Terms Of(CacheControl directives, Lifetime lifetime, TimeSpan staleWhileRevalidate, TimeSpan staleIfError) => new()
    {
        Lifetime = lifetime.Milliseconds,
        AlwaysRevalidate = directives.NoCache,
        NeverStale = directives.MustRevalidate || directives.ProxyRevalidate || (directives is { SharedMaxAge: not null, StaleWhileRevalidate: null, StaleIfError: null }),
        StaleWhileRevalidate = directives.StaleWhileRevalidate * 1000 ?? (long)staleWhileRevalidate.TotalMilliseconds,
        StaleIfError = directives.StaleIfError * 1000 ?? (long)staleIfError.TotalMilliseconds,
    };
}

/// <summary>Selecting: whether a stored response answers a request.</summary>
internal static class Reusing
{
    /// <summary>§4.2 and the request's directives, §5.2.1.</summary>
    /// <param name="terms">Of the stored response.</param>
    /// <param name="age">Its age now, in milliseconds.</param>
    /// <param name="request">The request's directives.</param>
    public static Reuse Decide(in Terms terms, long age, CacheControl request)
    {
        if (request.NoCache || request.NoCacheFields.Length > 0)
            return Reuse.RevalidateForRequest;
        if (terms.AlwaysRevalidate)
            return Reuse.Revalidate;

        var over = age - terms.Lifetime;
        // max-age=0 is how clients ask for validation, also of what was stored in this millisecond.
        if (request.MaxAge is { } maxAge && (maxAge == 0 || age > maxAge * 1000) && !(over >= 0 && request.MaxStale is not null))
            return Reuse.RevalidateForRequest;
        if (request.MinFresh is { } minFresh && -over < minFresh * 1000)
            return over < 0 ? Reuse.RevalidateForRequest : Reuse.Revalidate;
        if (over < 0)
            return Reuse.Fresh;
        if (terms.NeverStale)
            return Reuse.Revalidate;
        if (request.MaxStale is { } maxStale && over <= maxStale * 1000)
            return Reuse.Stale;
        return over < terms.StaleWhileRevalidate ? Reuse.StaleWhileRevalidate : Reuse.Revalidate;
    }

    /// <summary>Whether a stored response stands in for one that could not be had, RFC 5861 §4; the request may allow it, too.</summary>
    public static bool MayServeOnError(in Terms terms, long age, CacheControl request)
    {
        if (terms.NeverStale || terms.AlwaysRevalidate || request.NoCache)
            return false;
        var over = age - terms.Lifetime;
        return over < Math.Max(terms.StaleIfError, (request.StaleIfError ?? 0) * 1000);
    }

    /// <summary>The statuses that <c>stale-if-error</c> is about (RFC 5861 §4).</summary>
    public static bool IsError(int status) => status is 500 or 502 or 503 or 504;
}
