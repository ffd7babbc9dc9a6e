namespace Headroom.Http.Compression;

/// <summary>A set of media types: exact (<c>application/json</c>), all of a kind (<c>text/*</c>), or by structured syntax suffix (<c>*/*+json</c>, RFC 6838 §4.2.8). Compared without regard to case and parameters.</summary>
internal sealed class MediaTypes
{
    const string AnyWithSuffix = "*/*+";

    readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> exact;
    readonly string[] prefixes;
    readonly string[] suffixes;

    public MediaTypes(IEnumerable<string> patterns)
    {
        var all = patterns.ToList();
        exact = new HashSet<string>(all.Where(pattern => !pattern.Contains('*', StringComparison.Ordinal)), StringComparer.OrdinalIgnoreCase)
            .GetAlternateLookup<ReadOnlySpan<char>>();
        prefixes = [.. all.Where(pattern => pattern.EndsWith("/*", StringComparison.Ordinal)).Select(pattern => pattern[..^1])];
        suffixes = [.. all.Where(pattern => pattern.StartsWith(AnyWithSuffix, StringComparison.Ordinal)).Select(pattern => pattern[(AnyWithSuffix.Length - 1)..])];
    }

    /// <summary>Whether this is something that the constructor understands.</summary>
    public static bool IsPattern(string? pattern)
    {
        if (pattern is null || pattern.Any(character => !char.IsAscii(character) || char.IsWhiteSpace(character) || character is ';' or ','))
            return false;
        var parts = pattern.Split('/');
        return parts is [{ Length: > 0 } type, { Length: > 0 } subtype]
            && (type == "*" ? subtype is ['*', '+', _, ..] && HasNoStar(subtype[1..]) : HasNoStar(type) && (subtype == "*" || HasNoStar(subtype)));

        static bool HasNoStar(string text) => !text.Contains('*', StringComparison.Ordinal);
    }

    /// <param name="contentType">A <c>Content-Type</c>, with or without parameters.</param>
    public bool Has(string contentType)
    {
        var semicolon = contentType.IndexOf(';', StringComparison.Ordinal);
        var type = (semicolon < 0 ? contentType : contentType.AsSpan(0, semicolon)).Trim(" \t");
        if (exact.Contains(type))
            return true;
        foreach (var prefix in prefixes)
        {
            if (type.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        foreach (var suffix in suffixes)
        {
            if (type.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
