namespace Headroom.Http.Compression;

/// <summary>How much time an encoding is worth.</summary>
internal enum EncodingEffort
{
    /// <summary>While a client waits, for content that is made for it.</summary>
    Quick,

    /// <summary>While a client waits, for scripts, style sheets and pictures, which it keeps; in the background, for content that is sent again and again: somewhat smaller for up to four times the time.</summary>
    Thorough,

    /// <summary>In the background, for content that is sent thousands of times: a fifth smaller for a hundred times the time and more.</summary>
    Best,
}

/// <summary>
/// The encoders' own levels. Measured on JSON of records (µs, bytes):
/// <code>
///            br 1         br 4         br 9          br 11         gzip 1       gzip 2       gzip 6      gzip 9
///  10 KB     35 3,234     90 2,921     5,450 2,697   10,834 2,388  22 4,034     32 3,069     79 2,876    160 2,839
///  64 KB    212 17,890   640 16,476   18,593 14,862  69,661 13,161 137 23,470   208 17,893   895 15,778  2,442 15,471
///   1 MB  5,033 266 k  24,503 236 k   86,438 211 k   1.51 s 189 k  2,893 368 k  4,680 279 k  15.3 ms 237 k 26.6 ms 233 k
/// </code>
/// So Brotli 1 is the level for content made on request, and gzip 2 rather than 1, which leaves a third more bytes for ten microseconds less; long content and streams take gzip 1.
/// </summary>
internal static class EncodingLevels
{
    /// <summary>Brotli 11 takes 70 ms for it, in which a server of one core does half of its work.</summary>
    internal const long BestContent = 64 * 1024;
    internal const long LongContent = 256 * 1024;
    internal const long VeryLongContent = 2 * 1024 * 1024;

    /// <param name="effort">What it is worth.</param>
    /// <param name="length">Bytes of content, null where that is not known.</param>
    public static int Brotli(EncodingEffort effort, long? length) => effort switch
    {
        EncodingEffort.Best => length switch { <= BestContent => 11, <= VeryLongContent => 9, _ => 5 },
        EncodingEffort.Thorough when length <= LongContent => 4,
        _ => 1,
    };

    /// <inheritdoc cref="Brotli"/>
    public static int Gzip(EncodingEffort effort, long? length) => effort switch
    {
        EncodingEffort.Best => length <= VeryLongContent ? 9 : 6,
        EncodingEffort.Thorough when length <= LongContent => 6,
        _ => length <= LongContent ? 2 : 1,
    };
}
