using Headroom.Http.Configuration;

namespace Headroom.Http;

/// <summary>
/// What is compressed, and which compressed requests are read. Bound from the configuration section <c>Headroom:Compression</c>; code given to
/// <see cref="CompressionExtensions.AddHeadroomCompression"/> runs after it. Wrong values stop the application at start-up, all of them in one message.
/// </summary>
public sealed class CompressionOptions : ISectionOptions
{
    /// <summary>The configuration section that these options are bound from.</summary>
    public const string SectionName = "Headroom:Compression";

    internal const int MinimumBytesMost = 1024 * 1024;
    internal const long DecodedBytesMost = 1L << 40;

    /// <summary>False: no response is compressed, except those of endpoints that say <c>WithCompression()</c>. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Shorter content is sent as it is: there is little to save, and below one network packet nothing. Default 1,024 bytes, from 0 to 1,048,576. Where the
    /// length is not known, decided on the first bytes, and on a flush by what is there.
    /// </summary>
    public int MinimumBytes { get; set; } = 1024;

    /// <summary>
    /// Media types that are compressed: exact (<c>application/json</c>), all of a kind (<c>text/*</c>) or by suffix (<c>*/*+json</c>). A list in the configuration
    /// replaces the default; <c>options.ContentTypes.Add(…)</c> in code extends it. Default: text, JSON, XML, JavaScript, WebAssembly, fonts and pictures without a compression of their own.
    /// Never: <c>text/event-stream</c>.
    /// </summary>
    public IList<string> ContentTypes { get; } =
    [
        "text/*",
        "application/json",
        "*/*+json",
        "application/x-ndjson",
        "application/xml",
        "*/*+xml",
        "application/javascript",
        "application/wasm",
        "application/yaml",
        "application/graphql",
        "font/ttf",
        "font/otf",
        "image/bmp",
        "image/x-icon",
        "image/vnd.microsoft.icon",
    ];

    /// <summary>The codings that may be used: <c>br</c>, <c>gzip</c>, or both, the default. Among equals of the client, br.</summary>
    public IList<string> Codings { get; } = [Compression.ContentCodings.Brotli, Compression.ContentCodings.Gzip];

    /// <summary>
    /// False: responses over HTTPS are sent as they are. Default true. Before you decide, read about BREACH in docs/compression.md: content that has both a secret
    /// and what an attacker may choose is better left uncompressed, endpoint by endpoint.
    /// </summary>
    public bool EnableForHttps { get; set; } = true;

    /// <summary>True: <c>X-Original-Size</c> and <c>X-Compression-Ratio</c> are added, as header fields where the whole content was there before the response began, else as trailers. Default false.</summary>
    public bool DebugHeaders { get; set; }

    /// <summary>False: handlers get request bodies as they were sent. Default true: those in gzip, br or deflate are decoded, up to <see cref="MaxDecodedBytes"/>.</summary>
    public bool DecodeRequests { get; set; } = true;

    /// <summary>
    /// Bytes that a request's decoded body may have; one that expands to more is answered with 413. Default 30,000,000 as Kestrel's limit of what is sent, from 1 to
    /// 1,099,511,627,776. An endpoint's own <c>[RequestSizeLimit]</c> counts instead.
    /// </summary>
    public long MaxDecodedBytes { get; set; } = 30_000_000;

    static string ISectionOptions.Section => SectionName;

    List<string> ISectionOptions.BindingErrors { get; } = [];

    IEnumerable<string> ISectionOptions.Errors()
    {
        if (MinimumBytes is < 0 or > MinimumBytesMost)
            yield return FormattableString.Invariant($"{SectionName}:{nameof(MinimumBytes)} is {MinimumBytes}; allowed are 0 to {MinimumBytesMost}.");
        if (MaxDecodedBytes is < 1 or > DecodedBytesMost)
            yield return FormattableString.Invariant($"{SectionName}:{nameof(MaxDecodedBytes)} is {MaxDecodedBytes}; allowed are 1 to {DecodedBytesMost}.");
        for (var i = 0; i < ContentTypes.Count; i++)
        {
            if (!Compression.MediaTypes.IsPattern(ContentTypes[i]))
                yield return FormattableString.Invariant($"{SectionName}:{nameof(ContentTypes)}:{i} is '{ContentTypes[i]}'; write a media type such as 'application/json', 'text/*' or '*/*+json', without parameters.");
        }

        if (Codings.Count == 0)
            yield return $"{SectionName}:{nameof(Codings)} is empty; write 'br', 'gzip' or both, or {nameof(Enabled)}: false to compress nothing.";
        for (var i = 0; i < Codings.Count; i++)
        {
            if (Compression.ContentCodings.Named(Codings[i]) is null or Compression.ContentCoding.Identity)
                yield return FormattableString.Invariant($"{SectionName}:{nameof(Codings)}:{i} is '{Codings[i]}'; write 'br' or 'gzip'.");
        }
    }
}
