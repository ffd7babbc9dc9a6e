using Headroom.Http.Compression;
using Headroom.Http.ConditionalRequests;
using Headroom.Http.ResponseCache.Policies;
using Headroom.Http.ResponseCache.Rules;
using Headroom.Http.ResponseCache.Stored;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Headroom.Http.ResponseCache.Origin;

/// <summary>Reads a response's headers: whether it is stored, and the head under which it will be.</summary>
internal sealed class OriginResponse(ResponseCacheOptions options, Compressible compressible, CompressionOptions compression)
{
    /// <summary>The directives that govern this cache, the lifetime that they give, and whether the response may be stored.</summary>
    public (CacheControl Directives, Lifetime Lifetime, NotStored Reason) Read(CacheRequest request, int status, IHeaderDictionary headers, DateTimeOffset received) =>
        Read(request, request.Context.Request.Method, status, headers, received);

    (CacheControl Directives, Lifetime Lifetime, NotStored Reason) Read(CacheRequest request, string method, int status, IHeaderDictionary headers, DateTimeOffset received)
    {
        var targeted = CacheControl.ParseTargeted(headers["CDN-Cache-Control"]);
        var directives = targeted ?? CacheControl.Parse(headers.CacheControl);
        var policy = request.Policy;
        var lifetime = policy?.LifetimeOf(status) ?? default;
        if (policy is { Lifetime: not null } or { StatusLifetimes.Count: > 0 })
        {
            if (lifetime.Source == FreshnessSource.None)
                return (directives, lifetime, NotStored.Status);

            // §5.2.2: what must not be kept, or not be shared, is not, whatever the policy says.
            if (directives.NoStore || directives.Private)
                return (directives, lifetime, directives.NoStore ? NotStored.NoStore : NotStored.Private);
            directives = CacheControl.None;
        }
        else
            lifetime = Freshness.LifetimeOf(directives, targeted is not null, status, headers, received, options.HeuristicFreshnessMax);

        var head = new ResponseHead(method, request.Context.Request.Headers, request.Directives, request.IsAuthorized, status, headers, directives, lifetime);
        var reason = Storing.Decide(head);
        if (reason == NotStored.No && headers.ContentLength > options.BodyBytesMax)
            reason = NotStored.TooLarge;
        return (directives, lifetime, reason);
    }

    /// <summary>The head of a response that is stored.</summary>
    /// <param name="request">What it answers.</param>
    /// <param name="status">Its status.</param>
    /// <param name="headers">Its headers.</param>
    /// <param name="before">Headers that were there before the endpoint ran and that it did not change: they are not of the response.</param>
    /// <param name="requested">When the origin was asked.</param>
    /// <param name="received">When the headers were there.</param>
    /// <param name="tags">To purge it by.</param>
    public StoredHead HeadOf(
        CacheRequest request, int status, IHeaderDictionary headers, IReadOnlyDictionary<string, StringValues> before, DateTimeOffset requested, DateTimeOffset received, string[] tags)
    {
        var (directives, lifetime, _) = Read(request, status, headers, received);
        var url = ResponseKey.UrlOf(request.Context.Request.Scheme, request.Context.Request.Host.Value ?? "", ResponseKey.TargetOf(request.Context.Request));
        var varies = VaryKey.Names(headers.Vary);
        var values = new System.Text.StringBuilder();
        VaryKey.Append(values, varies, request.Context.Request.Headers);
        var tag = EntityTag.Of(headers);
        return new StoredHead
        {
            Status = status,
            Headers = Stored(headers, before, directives, received),
            Requested = requested.ToUnixTimeMilliseconds(),
            Received = received.ToUnixTimeMilliseconds(),
            InitialAge = lifetime.Source == FreshnessSource.Policy ? 0 : Freshness.InitialAge(headers, requested, received),
            Terms = TermsOf(request.Policy, directives, lifetime),
            Tag = tag,
            TagIsOrigins = tag is not null,
            Tags = tags,
            Url = url,
            VaryNames = varies,
            VaryValues = values.ToString(),
            IsCompressible = MayEncode(request.Context) && compressible.Is(status, headers),
        };
    }

    /// <summary>The head with what is known only when the body is there: a tag, and whether it is long enough to be encoded.</summary>
    public StoredHead Completed(StoredHead head, ReadOnlySpan<byte> content)
    {
        if (head.Tag is null && head.Status == StatusCodes.Status200OK)
            head = head with { Tag = ETagGenerator.TagOf(content, head.Header("Content-Type")) };
        if (!head.IsCompressible || content.Length < compressible.MinimumBytes)
            return head with { IsCompressible = false };
        IHeaderDictionary vary = new HeaderDictionary();
        vary.Vary = head.Header("Vary");
        Compressible.VaryByEncoding(vary);
        return head with { Headers = [.. head.Headers.Where(each => !each.Key.Equals("Vary", StringComparison.OrdinalIgnoreCase)), new("Vary", vary.Vary)] };
    }

    /// <summary>The head of a stored response after a 304 or a HEAD said what is new of it (§3.2, §4.3.4): its freshness begins again.</summary>
    /// <returns>And whether it may be kept: what is new may be of one user, a cookie for one, and is then for that one alone.</returns>
    public (StoredHead Head, bool IsForAll) Updated(CacheRequest request, StoredResponse stored, IHeaderDictionary update, DateTimeOffset requested, DateTimeOffset received)
    {
        IHeaderDictionary headers = new HeaderDictionary();
        foreach (var (name, value) in Validation.Updated(stored.Head.Headers, update))
            headers[name] = value;
        if (update.Date.Count == 0)
            headers.Date = HttpDate.Format(received);
        var (directives, lifetime, reason) = Read(request, HttpMethods.Get, stored.Head.Status, headers, received);
        var head = stored.Head with
        {
            Headers = Stored(headers, new Dictionary<string, StringValues>(), directives, received),
            Requested = requested.ToUnixTimeMilliseconds(),
            Received = received.ToUnixTimeMilliseconds(),
            InitialAge = lifetime.Source == FreshnessSource.Policy ? 0 : Freshness.InitialAge(headers, requested, received),
            Terms = TermsOf(request.Policy, directives, lifetime),
            IsOfOtherNode = false,
        };
        return (head, reason is NotStored.No or NotStored.NoFreshness);
    }

    /// <summary>Whether responses to this request are encoded at all; the scheme is in the key, so that all who get one have asked in the same way.</summary>
    public bool MayEncode(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<CompressionAttribute>()?.Enabled ?? (compression.Enabled && (compression.EnableForHttps || !context.Request.IsHttps));

    Terms TermsOf(ResponseCachePolicy? policy, CacheControl directives, Lifetime lifetime)
    {
        var terms = Terms.Of(directives, lifetime, options.StaleWhileRevalidate, options.StaleIfError);
        return policy is null
            ? terms
            : terms with
            {
                StaleWhileRevalidate = (long?)policy.StaleWhileRevalidate?.TotalMilliseconds ?? terms.StaleWhileRevalidate,
                StaleIfError = (long?)policy.StaleIfError?.TotalMilliseconds ?? terms.StaleIfError,
            };
    }

    /// <summary>§3.1: without the headers of the connection and those that the directives keep from being stored.</summary>
    static KeyValuePair<string, StringValues>[] Stored(IHeaderDictionary headers, IReadOnlyDictionary<string, StringValues> before, CacheControl directives, DateTimeOffset received)
    {
        var stored = new List<KeyValuePair<string, StringValues>>();
        foreach (var (name, value) in headers)
        {
            var isOurs = name.Equals("Age", StringComparison.OrdinalIgnoreCase) || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase);
            var isKept = directives.NoCacheFields.Contains(name, StringComparer.OrdinalIgnoreCase) || directives.PrivateFields.Contains(name, StringComparer.OrdinalIgnoreCase);
            var isOfOthers = before.TryGetValue(name, out var was) && was == value;
            if (!isOurs && !isKept && !isOfOthers && HopByHop.MayStore(name, headers))
                stored.Add(new(name, value));
        }

        if (headers.Date.Count == 0)
            stored.Add(new("Date", HttpDate.Format(received)));
        return [.. stored];
    }
}
