using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Headroom.Http.ResponseCache.Rules;

/// <summary>Validation in both directions: what the client has (RFC 9111 §4.3.2) and what the origin says about what is stored (§4.3.1, §4.3.3, §4.3.4).</summary>
internal static class Validation
{
    /// <summary>
    /// Whether the client's conditions are met by the representation, so that the answer is 304. <c>If-Modified-Since</c> counts only without <c>If-None-Match</c>; without <c>Last-Modified</c> the
    /// <c>Date</c> stands in for it (§4.3.2).
    /// </summary>
    public static bool IsNotModified(IHeaderDictionary request, string? tag, string? lastModified, string? date, DateTimeOffset now)
    {
        var noneMatch = request.IfNoneMatch;
        if (noneMatch.Count > 0)
            return tag is not null ? EntityTag.ListHas(noneMatch, tag) : FieldList.Contains(noneMatch, "*");
        return request.IfModifiedSince.Count == 1
            && HttpDate.TryParse(request.IfModifiedSince[0], now, out var since)
            && HttpDate.TryParse(lastModified ?? date, now, out var modified)
            && modified <= since;
    }

    /// <summary>Whether a header describes content, so that a 304 does not have it; the same list as <see cref="RemoveContentHeaders"/>.</summary>
    public static bool IsAboutContent(string name) => name.ToLowerInvariant() is
        "content-length" or "content-type" or "content-encoding" or "content-language" or "content-range" or "content-disposition" or "content-md5" or "content-digest" or "repr-digest";

    /// <summary>Takes off what describes content, which a 304 does not have (RFC 9110 §15.4.5). Allocates nothing.</summary>
    public static void RemoveContentHeaders(IHeaderDictionary headers)
    {
        headers.ContentLength = null;
        headers.ContentType = default;
        headers.ContentEncoding = default;
        headers.ContentLanguage = default;
        headers.ContentRange = default;
        headers.ContentDisposition = default;
        headers.ContentMD5 = default;
        headers.Remove("Content-Digest");
        headers.Remove("Repr-Digest");
    }

    /// <summary>
    /// Whether a 304 is about this stored response (§4.3.4): its validator is the stored one, or it has none and the stored one was all that was asked about. A tag where none was asked about says nothing; the date decides.
    /// </summary>
    public static bool Selects(IHeaderDictionary notModified, string? tag, string? lastModified)
    {
        if (tag is not null && EntityTag.Of(notModified) is { } current)
            return EntityTag.Opaque(current).SequenceEqual(EntityTag.Opaque(tag));
        return notModified.LastModified.Count == 0 || lastModified is null || notModified.LastModified == lastModified;
    }

    /// <summary>
    /// The stored headers with those of a 304 or of a HEAD in place of the ones of the same name (§3.2). What is about the stored bytes or about the connection stays as it was.
    /// </summary>
    public static KeyValuePair<string, StringValues>[] Updated(IEnumerable<KeyValuePair<string, StringValues>> stored, IHeaderDictionary update)
    {
        var changed = new Dictionary<string, StringValues>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in update)
        {
            if (name.ToLowerInvariant() is not ("content-length" or "content-encoding" or "content-range" or "etag") && HopByHop.MayStore(name, update))
                changed[name] = value;
        }

        // A tag is updated only to the same tag: the bytes are those of the stored one.
        if (update.Age.Count == 0)
            changed["Age"] = default;
        return [.. stored.Where(header => !changed.ContainsKey(header.Key)), .. changed.Where(header => header.Value.Count > 0)];
    }

    /// <summary>
    /// Whether a 200 to a HEAD describes the same representation as the stored one (§4.3.5): as far as it has validators or a length, they are the same.
    /// </summary>
    public static bool HeadIsOf(IHeaderDictionary head, string? tag, string? lastModified, long length)
    {
        if (EntityTag.Of(head) is { } current && (tag is null || !EntityTag.Opaque(current).SequenceEqual(EntityTag.Opaque(tag))))
            return false;
        if (head.LastModified.Count > 0 && head.LastModified != lastModified)
            return false;
        return head.ContentLength is not { } told || told == length;
    }
}

/// <summary>Headers that are about one connection and never stored (RFC 9111 §3.1, RFC 9110 §7.6.1).</summary>
internal static class HopByHop
{
    public static bool MayStore(string name, IHeaderDictionary headers) =>
        name.ToLowerInvariant() is not ("connection" or "keep-alive" or "proxy-authenticate" or "proxy-authentication-info" or "proxy-authorization" or "proxy-connection" or "te" or "trailer" or "transfer-encoding" or "upgrade")
        && !FieldList.Contains(headers.Connection, name);
}
