using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http.ResponseCache.Rules;

/// <summary>Where a freshness lifetime comes from (RFC 9111 §4.2.1), in the order in which they count.</summary>
internal enum FreshnessSource : byte
{
    /// <summary>The response says nothing that a lifetime could be made of.</summary>
    None,

    /// <summary>The endpoint's policy.</summary>
    Policy,
    SharedMaxAge,
    MaxAge,
    Expires,

    /// <summary>A tenth of the time since the last modification (§4.2.2).</summary>
    Heuristic,
}

/// <summary>How long a response is fresh, from when it was made.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Lifetime(long Milliseconds, FreshnessSource Source)
{
    public bool IsExplicit => Source is not (FreshnessSource.None or FreshnessSource.Heuristic);
}

/// <summary>Freshness and age, RFC 9111 §4.2. Times are milliseconds since 1970.</summary>
internal static class Freshness
{
    const long Second = 1000;

    /// <summary>
    /// The freshness lifetime (§4.2.1): <c>s-maxage</c>, else <c>max-age</c>, else <c>Expires</c> less <c>Date</c>, else heuristic. With a targeted field (RFC 9213 §2.2) <c>Expires</c> does not count.
    /// </summary>
    /// <param name="directives">Those that govern this cache: of the targeted field, or of <c>Cache-Control</c>.</param>
    /// <param name="isTargeted">They are of a targeted field.</param>
    /// <param name="status">The response's status.</param>
    /// <param name="headers">The response's headers.</param>
    /// <param name="received">When it arrived.</param>
    /// <param name="heuristicMost">How long it may be fresh without having said so; 0: not at all.</param>
    public static Lifetime LifetimeOf(CacheControl directives, bool isTargeted, int status, IHeaderDictionary headers, DateTimeOffset received, TimeSpan heuristicMost)
    {
        if (directives.SharedMaxAge is { } shared)
            return new Lifetime(shared * Second, FreshnessSource.SharedMaxAge);
        if (directives.MaxAge is { } maxAge)
            return new Lifetime(maxAge * Second, FreshnessSource.MaxAge);

        var date = DateOf(headers, received);
        if (!isTargeted && headers.Expires.Count > 0)
        {
            // §5.3: what cannot be read, "0" above all, is in the past; so is a field that is there twice.
            var isRead = HttpDate.TryParse(headers.Expires.Count == 1 ? headers.Expires[0] : null, received, out var expires);
            return new Lifetime(isRead ? Math.Max(0, (long)(expires - date).TotalMilliseconds) : 0, FreshnessSource.Expires);
        }

        return heuristicMost > TimeSpan.Zero && MayBeHeuristic(status, directives) && HttpDate.TryParse(headers.LastModified, received, out var modified) && modified < date
            ? new Lifetime((long)Math.Min((date - modified).TotalMilliseconds / 10, heuristicMost.TotalMilliseconds), FreshnessSource.Heuristic)
            : default;
    }

    /// <summary>RFC 9110 §15.1, and <c>public</c> for all others (RFC 9111 §4.2.2).</summary>
    public static bool MayBeHeuristic(int status, CacheControl directives) =>
        directives.Public || status is 200 or 203 or 204 or 300 or 301 or 308 or 404 or 405 or 410 or 414 or 501;

    /// <summary>When the response was made: its <c>Date</c>, or when it arrived (RFC 9110 §6.6.1).</summary>
    public static DateTimeOffset DateOf(IHeaderDictionary headers, DateTimeOffset received) => HttpDate.TryParse(headers.Date, received, out var date) ? date : received;

    /// <summary>
    /// How old the response was when it arrived (§4.2.3, corrected_initial_age): by its <c>Date</c>, or by its <c>Age</c> and the time it was under way, whichever is more.
    /// </summary>
    public static long InitialAge(IHeaderDictionary headers, DateTimeOffset requested, DateTimeOffset received)
    {
        var apparent = Math.Max(0, (long)(received - DateOf(headers, received)).TotalMilliseconds);

        // Date has no milliseconds: what was made this second is not a second old.
        if (apparent < Second)
            apparent = 0;
        return Math.Max(apparent, AgeOf(headers) * Second + (long)(received - requested).TotalMilliseconds);
    }

    /// <summary>§5.1: of several members the first counts; what is no number of seconds is as if it were not there.</summary>
    static long AgeOf(IHeaderDictionary headers)
    {
        foreach (var member in new FieldList(headers.Age))
            return CacheControl.Seconds(member) is { } seconds && member[0] != '"' ? seconds : 0;
        return 0;
    }
}
