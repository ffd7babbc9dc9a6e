namespace Headroom.Http.Compression;

/// <summary>
/// The content codings (RFC 9110 §8.4.1) that are made here, in ascending order of preference. Zstandard is not among them: .NET 10 has no encoder for it.
/// </summary>
internal enum ContentCoding
{
    Identity,
    Gzip,
    Brotli,
}

/// <summary>Codings by the names that they have in header fields.</summary>
internal static class ContentCodings
{
    public const string Identity = "identity";
    public const string Gzip = "gzip";
    public const string Brotli = "br";

    /// <summary>How many there are, for tables by coding.</summary>
    public const int Count = 3;

    public static string Name(this ContentCoding coding) => coding switch
    {
        ContentCoding.Identity => Identity,
        ContentCoding.Gzip => Gzip,
        ContentCoding.Brotli => Brotli,
        _ => throw new ArgumentOutOfRangeException(nameof(coding), coding, "not a coding"),
    };

    /// <summary>The coding with this name, without regard to case; null for others. <c>x-gzip</c> is the old name of gzip (§8.4.1.3).</summary>
    public static ContentCoding? Named(ReadOnlySpan<char> name)
    {
        if (name.Equals(Brotli, StringComparison.OrdinalIgnoreCase))
            return ContentCoding.Brotli;
        if (name.Equals(Gzip, StringComparison.OrdinalIgnoreCase) || name.Equals("x-gzip", StringComparison.OrdinalIgnoreCase))
            return ContentCoding.Gzip;
        return name.Equals(Identity, StringComparison.OrdinalIgnoreCase) ? ContentCoding.Identity : null;
    }
}
