using Headroom.Http.ResponseCache.Stored;

namespace Headroom.Http.ResponseCache;

/// <summary>The labels of a response in the cache.</summary>
internal static class ResponseTags
{
    // No tag of a user has a line feed.
    const string OfUrl = "\nurl:";

    public static string[] Of(CacheRequest request)
    {
        if (request.Policy is not { } policy)
            return [];
        var tags = new List<string>(policy.Tags);
        foreach (var made in policy.MadeTags)
            tags.Add(ResponseCachePolicyBuilder.CheckedTag(made(request.Context)));

        // A key with parts of its own cannot be found by its URL; the path leads to it.
        if (policy.HasKeyOfItsOwn)
            tags.Add(OfPath(ResponseKey.UrlOf(request.Context.Request.Scheme, policy.IgnoresHost ? "" : request.Context.Request.Host.Value ?? "", ResponseKey.TargetOf(request.Context.Request))));
        return [.. tags.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The tag of all responses of a URL's path whose keys have parts of their own; shortened, as tags have an end.</summary>
    public static string OfPath(string url)
    {
        var question = url.IndexOf('?', StringComparison.Ordinal);
        var path = question < 0 ? url : url[..question];
        return OfUrl + (path.Length <= 1000 ? path : path[..1000]);
    }

    /// <summary>The same for policies that ignore the host.</summary>
    public static string OfPathWithoutHost(string url)
    {
        var host = url.IndexOf("://", StringComparison.Ordinal) + 3;
        var path = url.IndexOf('/', host);
        return OfPath(path < 0 ? url[..host] : string.Concat(url.AsSpan(0, host), url.AsSpan(path)));
    }
}
