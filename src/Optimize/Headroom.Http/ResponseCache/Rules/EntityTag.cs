using Headroom.Http.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Headroom.Http.ResponseCache.Rules;

/// <summary>Entity tags as they are compared by a cache (RFC 9110 §8.8.3). What a server wrote without quotes is compared as it is.</summary>
internal static class EntityTag
{
    /// <summary>Whether a list of tags has this one, or is <c>*</c>; weak comparison (§8.8.3.2).</summary>
    public static bool ListHas(StringValues list, string tag)
    {
        var opaque = Opaque(tag);
        foreach (var member in new FieldList(list))
        {
            if (member is "*" || Opaque(member).SequenceEqual(opaque))
                return true;
        }

        return false;
    }

    public static bool IsStrong(string? tag) => tag is ['"', .., '"'];

    public static ReadOnlySpan<char> Opaque(ReadOnlySpan<char> tag) => tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag;

    /// <summary>The tag of an encoded form: <c>"abc"</c> becomes <c>"abc-br"</c>. Another form has other bytes, so a strong tag has to differ (§8.8.3.3).</summary>
    public static string Suffixed(string tag, string coding) => tag is [.., '"'] ? $"{tag.AsSpan(0, tag.Length - 1)}-{coding}\"" : tag;

    /// <summary>
    /// <c>If-Match</c> for an origin that does not know the tags of encoded forms: <c>"abc-br"</c> becomes <c>"abc-br", "abc"</c>. The tag as it was sent stays, because the origin may have made it itself.
    /// </summary>
    public static StringValues WithOrigins(StringValues ifMatch)
    {
        var origins = new List<string>();
        foreach (var member in new FieldList(ifMatch))
        {
            for (var coding = ContentCoding.Gzip; (int)coding < ContentCodings.Count; coding++)
            {
                var suffix = $"-{coding.Name()}\"";
                if (member.EndsWith(suffix, StringComparison.Ordinal) && member.Length > suffix.Length + 1)
                    origins.Add($"{member[..^suffix.Length]}\"");
            }
        }

        return origins.Count == 0 ? ifMatch : new StringValues(string.Join(", ", [.. ifMatch, .. origins]));
    }

    /// <summary>The only tag of the response; null where there is none, or several, which is none.</summary>
    public static string? Of(IHeaderDictionary headers) => headers.ETag.Count == 1 && headers.ETag[0] is { Length: > 0 } tag ? tag : null;
}
