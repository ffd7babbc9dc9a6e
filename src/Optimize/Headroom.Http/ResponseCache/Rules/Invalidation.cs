using Microsoft.AspNetCore.Http;

namespace Headroom.Http.ResponseCache.Rules;

/// <summary>What a request with an unsafe method makes outdated (RFC 9111 §4.4).</summary>
internal static class Invalidation
{
    /// <summary>A method that may change something; one that is not known is taken for one.</summary>
    public static bool IsUnsafe(string method) =>
        !(HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method) || HttpMethods.IsConnect(method) || method.Equals("QUERY", StringComparison.OrdinalIgnoreCase));

    /// <summary>A non-error response (2xx, 3xx): what it was about is then unknown.</summary>
    public static bool IsCausedBy(int status) => status is >= 200 and <= 399;

    /// <summary>
    /// The path and query of a <c>Location</c> or <c>Content-Location</c>, if it is of the same origin as the request (a site can take nobody else's responses away); null otherwise.
    /// </summary>
    public static string? SameOriginTarget(string? reference, string scheme, string host, string requestTarget)
    {
        if (string.IsNullOrEmpty(reference) || !Uri.TryCreate($"{scheme}://{host}{requestTarget}", UriKind.Absolute, out var at) || !Uri.TryCreate(at, reference, out var target))
            return null;
        return target.Scheme == at.Scheme && target.Host.Equals(at.Host, StringComparison.OrdinalIgnoreCase) && target.Port == at.Port ? Target(reference, target) : null;
    }

    // As it was written where it is a path already, because keys are byte-exact.
    static string Target(string reference, Uri target)
    {
        var text = reference.StartsWith('/') && !reference.StartsWith("//", StringComparison.Ordinal) ? reference : target.PathAndQuery;
        var fragment = text.IndexOf('#', StringComparison.Ordinal);
        return fragment < 0 ? text : text[..fragment];
    }
}
