using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Headroom.Http.ResponseCache.Policies;
using Headroom.Http.ResponseCache.Rules;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Http.ResponseCache.Stored;

/// <summary>
/// Keys of the cache. The first part is the URL as it was asked for, <c>scheme://host/path?query</c>, byte for byte but for the case of the host. Each further part begins with a line feed, which no URL has, and gives the
/// length of what a client can choose, so that no request can write the key of another one. Nothing else of a request is in it: what is not in the key must not change the response.
/// </summary>
internal static class ResponseKey
{
    /// <summary>Longer keys end in a hash.</summary>
    const int Longest = 2048;
    const int ReadableOfLong = 512;

    /// <summary>The key of a request without a policy that asks for more, written where it costs nothing.</summary>
    /// <returns>Its length; 0: it has no room, or the policy asks for more.</returns>
    public static int TryWrite(HttpRequest request, ResponseCachePolicy? policy, Span<char> destination)
    {
        if (policy is { HasKeyOfItsOwn: true })
            return 0;
        var scheme = request.Scheme;
        var host = request.Host.Value ?? "";
        var target = TargetOf(request);
        var length = scheme.Length + 3 + host.Length + target.Length;
        if (length > destination.Length)
            return 0;
        scheme.CopyTo(destination);
        var rest = destination[scheme.Length..];
        "://".CopyTo(rest);
        rest = rest[3..];
        host.AsSpan().ToLowerInvariant(rest);
        target.CopyTo(rest[host.Length..]);
        return length;
    }

    /// <summary>The key of any request; null: its user cannot be told apart from others, so there is none.</summary>
    public static string? Of(HttpContext context, ResponseCachePolicy? policy)
    {
        var request = context.Request;
        var url = UrlOf(request.Scheme, request.Host.Value ?? "", TargetOf(request));
        if (policy is not { HasKeyOfItsOwn: true })
            return Shortened(url);

        var key = new StringBuilder();
        if (policy.IgnoresHost)
            key.Append(request.Scheme).Append("://").Append(TargetOf(request));
        else
            key.Append(url);
        if (policy.QueryNames is { } names)
        {
            var question = key.ToString().IndexOf('?', StringComparison.Ordinal);
            if (question >= 0)
                key.Length = question;
            AppendQuery(key, names, request.Query);
        }

        VaryKey.Append(key, policy.HeaderNames, request.Headers);
        foreach (var (name, value) in policy.Values)
            Append(key, "v." + name, value(context));
        if (policy.VariesByUser)
        {
            if (!TryUser(context, out var user))
                return null;
            Append(key, "user", user);
        }

        return Shortened(key.ToString());
    }

    public static string UrlOf(string scheme, string host, ReadOnlySpan<char> target) => $"{scheme}://{host.ToLowerInvariant()}{target}";

    /// <summary>The key of a URL without a policy's parts.</summary>
    public static string OfUrl(string url) => Shortened(url);

    /// <summary>The second step of the look-up.</summary>
    public static string OfVariant(string primary, VariantRule rule, IHeaderDictionary request)
    {
        var key = new StringBuilder(primary).Append("\n#").Append(rule.Number);
        VaryKey.Append(key, rule.HeaderNames, request);
        return Shortened(key.ToString());
    }

    /// <summary>
    /// Path and query as the client sent them. What middleware made of them (a path base, a rewritten path) does not count: two URLs are two keys.
    /// </summary>
    public static ReadOnlySpan<char> TargetOf(HttpRequest request)
    {
        var raw = request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget;
        if (raw is ['/', ..])
            return raw;
        if (string.IsNullOrEmpty(raw))
            return $"{request.PathBase}{request.Path}{request.QueryString}";

        // Absolute form (RFC 9112 §3.2.2); the server has compared its authority with Host.
        var authority = raw.IndexOf("://", StringComparison.Ordinal);
        var path = authority < 0 ? -1 : raw.AsSpan(authority + 3).IndexOfAny('/', '?');
        return path < 0 ? "/" : raw[authority + 3 + path] == '?' ? string.Concat("/", raw.AsSpan(authority + 3 + path)) : raw.AsSpan(authority + 3 + path);
    }

    static void AppendQuery(StringBuilder key, string[] names, IQueryCollection query)
    {
        foreach (var name in names)
        {
            if (!query.TryGetValue(name, out var values))
                continue;
            foreach (var value in values)
                Append(key, "q." + name, value);
        }
    }

    static void Append(StringBuilder key, string name, string? value)
    {
        key.Append('\n').Append(name.Length).Append(':').Append(name);
        if (value is null)
            key.Append('-');
        else
            key.Append('=').Append(value.Length).Append(':').Append(value);
    }

    static bool TryUser(HttpContext context, out string? user)
    {
        user = null;
        if (CacheRequest.IsKnown(context.User))
        {
            // All identities: the first may be of a machine that many users share. An identifier is one of its issuer's.
            var key = new StringBuilder();
            foreach (var identity in context.User.Identities)
            {
                if (identity.IsAuthenticated && identity.FindFirst(ClaimTypes.NameIdentifier) is { } id)
                    Append(key, $"{identity.AuthenticationType?.Length}:{identity.AuthenticationType}{id.Issuer}", id.Value);
            }

            if (key.Length == 0)
                return false;
            user = key.ToString();
        }
        else if (CacheRequest.HasCredentials(context.Request.Headers))
            user = "#" + Hash($"{context.Request.Headers.Authorization}\n{context.Request.Headers[ApiKeyDefaults.HeaderName]}");
        return true;
    }

    static string Shortened(string key) => key.Length <= Longest ? key : string.Concat(key.AsSpan(0, ReadableOfLong), "\n##", Hash(key));

    static string Hash(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return Base64Url.EncodeToString(hash);
    }
}
