namespace Headroom.Import.Drafts;

/// <summary>Addresses told apart by their origin (RFC 6454 §4): scheme, host and port.</summary>
internal static class Origins
{
    /// <summary>The origin that most of the addresses have, as it is written there; null when there is none.</summary>
    public static string? MostCommon(IEnumerable<string> urls) => urls
        .Select(url => Split(url)?.Origin)
        .OfType<string>()
        .GroupBy(origin => origin, StringComparer.OrdinalIgnoreCase)
        .OrderByDescending(group => group.Count())
        .FirstOrDefault()?.Key;

    /// <summary>The path under <paramref name="origin"/>, or the whole address when it is another's, and when the path alone would read like another's.</summary>
    public static string Relative(string url, string? origin)
    {
        if (origin is null || Split(url) is not { } parts || !parts.Origin.Equals(origin, StringComparison.OrdinalIgnoreCase))
            return url;
        return PathOf(parts.Path) ?? url;
    }

    /// <summary>What stands behind an origin, as a path; null when that alone would read like another's address (<c>//a</c>).</summary>
    public static string? PathOf(string rest) => rest.StartsWith("//", StringComparison.Ordinal) ? null : rest.StartsWith('/') ? rest : "/" + rest;

    /// <summary>The address without user and password (RFC 3986 §3.2.1), and those as they are written; null where there are none.</summary>
    public static (string Url, string? User) WithoutUser(string url)
    {
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
            return (url, null);
        var end = url.IndexOfAny(['/', '?', '#'], scheme + 3);
        var at = url.LastIndexOf('@', (end < 0 ? url.Length : end) - 1);
        return at <= scheme + 2 ? (url, null) : (url[..(scheme + 3)] + url[(at + 1)..], url[(scheme + 3)..at]);
    }

    /// <summary>Origin and the rest of an http or https address, without its fragment; null for anything else.</summary>
    public static (string Origin, string Path)? Split(string url)
    {
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0 || !(url.StartsWith("http:", StringComparison.OrdinalIgnoreCase) || url.StartsWith("https:", StringComparison.OrdinalIgnoreCase)))
            return null;
        var end = url.IndexOfAny(['/', '?', '#'], scheme + 3);
        var fragment = url.IndexOf('#', StringComparison.Ordinal);
        var whole = fragment < 0 ? url : url[..fragment];
        var origin = end < 0 || end > whole.Length ? whole : url[..end];
        return (origin, whole[origin.Length..]);
    }
}
