namespace Headroom.Http.Compression;

/// <summary>Decodes request bodies: <c>gzip</c>, <c>br</c> and <c>deflate</c>, which is the zlib format (RFC 9110 §8.4.1.2).</summary>
internal static class ContentDecoder
{
    /// <summary>What an answer of 415 tells the client to send instead.</summary>
    public const string AcceptEncoding = "br, gzip, deflate";

    // Nobody needs more, and each costs a decoder's memory.
    const int MostCodings = 2;

    /// <summary>
    /// A stream of the decoded content; <paramref name="encoded"/> itself for <c>identity</c>; null where a coding is not known.
    /// </summary>
    /// <param name="contentEncoding">The field's lines: the codings in the order in which they were applied, so the last comes off first.</param>
    /// <param name="encoded">The content as it was sent.</param>
    public static Stream? TryDecode(IEnumerable<string?> contentEncoding, Stream encoded)
    {
        var codings = contentEncoding
            .SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .Where(coding => !coding.Equals(ContentCodings.Identity, StringComparison.OrdinalIgnoreCase))
            .ToList();
        if (codings.Count > MostCodings || !codings.TrueForAll(IsKnown))
            return null;

        codings.Reverse();
        return codings.Aggregate(encoded, static (content, coding) => new CompleteDecoder(content, coding));
    }

    static bool IsKnown(string coding) => ContentCodings.Named(coding) is not null || IsDeflate(coding);

    static bool IsDeflate(string coding) => coding.Equals("deflate", StringComparison.OrdinalIgnoreCase);
}
