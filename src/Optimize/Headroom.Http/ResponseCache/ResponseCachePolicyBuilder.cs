using Headroom.Http.ResponseCache.Policies;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http;

/// <summary>
/// Says how the responses of an endpoint or a group are cached; given to <see cref="ResponseCacheExtensions.CacheResponse{TBuilder}"/>. Durations are more than 0 (or 0 where it says so) and at most 365 days.
/// </summary>
public sealed class ResponseCachePolicyBuilder
{
    readonly Dictionary<int, TimeSpan> statuses = [];
    readonly List<string> tags = [];
    readonly List<Func<HttpContext, string>> madeTags = [];
    readonly List<(string Name, Func<HttpContext, string?> Value)> values = [];
    readonly SortedSet<string> headers = new(StringComparer.Ordinal);
    SortedSet<string>? query;
    TimeSpan? lifetime;
    TimeSpan? staleWhileRevalidate;
    TimeSpan? staleIfError;
    bool byUser;
    bool sharesAuthorized;
    bool ignoresHost;
    bool honoursRequest;

    internal ResponseCachePolicyBuilder()
    {
    }

    /// <summary>How long a 200 is fresh, whatever its headers say, except <c>no-store</c> and <c>private</c>, which always count. Without it the response's own headers say.</summary>
    /// <param name="lifetime">More than 0, at most 365 days.</param>
    public ResponseCachePolicyBuilder For(TimeSpan lifetime)
    {
        this.lifetime = Checked(lifetime, mayBeZero: false);
        return this;
    }

    /// <summary>How long a response with another status is fresh (negative caching), for example 404 for 10 seconds. Without it only a 200 is stored by <see cref="For"/>.</summary>
    /// <param name="status">200 to 599, but 206 and 304.</param>
    /// <param name="lifetime">More than 0, at most 365 days.</param>
    public ResponseCachePolicyBuilder ForStatus(int status, TimeSpan lifetime)
    {
        if (status is < 200 or > 599 or 206 or 304)
            throw new ArgumentOutOfRangeException(nameof(status), status, "Allowed are 200 to 599, except 206 and 304, which are no responses to store.");
        statuses[status] = Checked(lifetime, mayBeZero: false);
        return this;
    }

    /// <summary>A label that <see cref="IResponseCache.PurgeTagAsync"/> purges by.</summary>
    /// <param name="tags">Each 1 to 1,024 characters, not <c>*</c>.</param>
    public ResponseCachePolicyBuilder Tag(params string[] tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        foreach (var tag in tags)
            this.tags.Add(CheckedTag(tag));
        return this;
    }

    /// <summary>A label that depends on the request, for example <c>context => $"user:{context.Request.RouteValues["id"]}"</c>. Called before the endpoint.</summary>
    /// <param name="tag">Makes it.</param>
    public ResponseCachePolicyBuilder Tag(Func<HttpContext, string> tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        madeTags.Add(tag);
        return this;
    }

    /// <summary>Only these query parameters count, in any order; all others, and none if no name is given, are not part of the key. Without it the whole query counts, byte for byte.</summary>
    /// <param name="names">Compared without regard to case, as ASP.NET Core does.</param>
    public ResponseCachePolicyBuilder VaryByQuery(params string[] names)
    {
        ArgumentNullException.ThrowIfNull(names);
        query ??= new SortedSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
            query.Add(name.ToLowerInvariant());
        return this;
    }

    /// <summary>Request headers that select the response, besides those that its <c>Vary</c> names.</summary>
    /// <param name="names">Names of headers.</param>
    public ResponseCachePolicyBuilder VaryByHeader(params string[] names)
    {
        ArgumentNullException.ThrowIfNull(names);
        foreach (var name in names)
        {
            ArgumentException.ThrowIfNullOrEmpty(name, nameof(names));
            headers.Add(name.ToLowerInvariant());
        }

        return this;
    }

    /// <summary>
    /// Each user has responses of its own: the claim <c>NameIdentifier</c>, its issuer and the authentication type, of every identity that is authenticated, or nobody. A user without that claim is not cached for. Requests with <c>Authorization</c> that nothing
    /// authenticated are told apart by a hash of that header.
    /// </summary>
    public ResponseCachePolicyBuilder VaryByUser()
    {
        byUser = true;
        return this;
    }

    /// <summary>Something else that selects the response, for example a tenant.</summary>
    /// <param name="name">What it is called in the key.</param>
    /// <param name="value">Reads it from the request; null differs from the empty text.</param>
    public ResponseCachePolicyBuilder VaryBy(string name, Func<HttpContext, string?> value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(value);
        values.Add((name, value));
        return this;
    }

    /// <summary>Responses to authenticated requests are stored too, and shared by everybody: say so only where they are the same for all. Without it, or <see cref="VaryByUser"/>, such requests are not answered from the cache.</summary>
    public ResponseCachePolicyBuilder ShareAuthorized()
    {
        sharesAuthorized = true;
        return this;
    }

    /// <summary>The host is not part of the key: all names of the application share their responses. Not where links in responses are made from the host.</summary>
    public ResponseCachePolicyBuilder IgnoreHost()
    {
        ignoresHost = true;
        return this;
    }

    /// <summary>How long after its life a response is served while it is made anew in the background (RFC 5861 §3).</summary>
    /// <param name="duration">0 to 365 days.</param>
    public ResponseCachePolicyBuilder StaleWhileRevalidate(TimeSpan duration)
    {
        staleWhileRevalidate = Checked(duration, mayBeZero: true);
        return this;
    }

    /// <summary>How long after its life a response is served in place of a 500, 502, 503, 504 or an exception (RFC 5861 §4).</summary>
    /// <param name="duration">0 to 365 days.</param>
    public ResponseCachePolicyBuilder StaleIfError(TimeSpan duration)
    {
        staleIfError = Checked(duration, mayBeZero: true);
        return this;
    }

    /// <summary>A client's <c>Cache-Control</c> counts here, too: it may make the endpoint work with <c>no-cache</c>.</summary>
    public ResponseCachePolicyBuilder HonourRequestDirectives()
    {
        honoursRequest = true;
        return this;
    }

    internal ResponseCachePolicy Build() => new()
    {
        Lifetime = lifetime,
        StatusLifetimes = statuses,
        StaleWhileRevalidate = staleWhileRevalidate,
        StaleIfError = staleIfError,
        Tags = [.. tags.Distinct(StringComparer.Ordinal)],
        MadeTags = [.. madeTags],
        QueryNames = query is null ? null : [.. query],
        HeaderNames = [.. headers],
        VariesByUser = byUser,
        Values = [.. values],
        SharesAuthorized = sharesAuthorized,
        IgnoresHost = ignoresHost,
        HonoursRequestDirectives = honoursRequest,
    };

    internal static string CheckedTag(string tag)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        return tag.Length <= 1024 && tag != "*" && !tag.Contains('\n', StringComparison.Ordinal)
            ? tag
            : throw new ArgumentException($"The tag '{tag}' is not allowed; write 1 to 1024 characters without line breaks, and not '*'.", nameof(tag));
    }

    static TimeSpan Checked(TimeSpan duration, bool mayBeZero) =>
        duration <= ResponseCacheOptions.Longest && (duration > TimeSpan.Zero || (mayBeZero && duration == TimeSpan.Zero))
            ? duration
            : throw new ArgumentOutOfRangeException(nameof(duration), duration, $"Write {(mayBeZero ? "0 or more" : "more than 0")} and at most {ResponseCacheOptions.Longest}.");
}
