using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Headroom.Http.Compression;

/// <summary>Which responses may be encoded, whoever does it: the middleware on the way out, or the response cache when it stores. Length is not judged here.</summary>
internal sealed class Compressible
{
    const string EventStream = "text/event-stream";

    readonly MediaTypes types;
    readonly MediaTypes keptByClients = new(["text/css", "text/javascript", "application/javascript", "application/wasm", "image/svg+xml", "font/*"]);
    readonly ContentCoding[] available;
    readonly ContentCoding[] encodings;

    public Compressible(CompressionOptions options)
    {
        types = new MediaTypes(options.ContentTypes);
        MinimumBytes = options.MinimumBytes;
        encodings = [.. options.Codings.Select(name => ContentCodings.Named(name)).OfType<ContentCoding>().Distinct().OrderDescending()];
        available = [.. encodings, ContentCoding.Identity];
    }

    /// <summary>Shorter content is not worth it, unless the client refuses identity.</summary>
    public int MinimumBytes { get; }

    /// <summary>The codings to choose from for content that may be encoded, identity among them.</summary>
    public ReadOnlySpan<ContentCoding> Available => available;

    /// <summary>The same without identity.</summary>
    public ReadOnlySpan<ContentCoding> Encodings => encodings;

    /// <summary>The client asks that nothing be compressed for it, whatever the field's value.</summary>
    public static bool IsDeclined(IHeaderDictionary request) => request.ContainsKey("x-no-compression");

    /// <summary>
    /// Whether a response may be encoded: it is of a type that is listed, has content and all of it (so neither 204 nor 206 nor 304), is not encoded yet, and nothing
    /// forbids to transform it: neither <c>no-transform</c> (RFC 9110 §7.7) nor a digest of its bytes.
    /// </summary>
    public bool Is(int statusCode, IHeaderDictionary headers) => headers.ContentType is [{ } type] && types.Has(type) && MayBeEncoded(statusCode, headers);

    /// <summary>As <see cref="Is"/>, of any type but event streams: for a client that refuses content as it is.</summary>
    public static bool MayBeEncoded(int statusCode, IHeaderDictionary headers) =>
        statusCode is >= 200 and not (StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status206PartialContent or StatusCodes.Status304NotModified)
        && headers.ContentEncoding.Count == 0
        && headers.ContentRange.Count == 0
        && !headers.ContentType.ToString().StartsWith(EventStream, StringComparison.OrdinalIgnoreCase)
        && !headers.CacheControl.ToString().Contains("no-transform", StringComparison.OrdinalIgnoreCase)
        && headers.ContentMD5.Count == 0
        && !headers.ContainsKey("Content-Digest")
        && !headers.ContainsKey("Repr-Digest")
        && !headers.ContainsKey("Digest");

    /// <summary>How much time content of this type is worth while the client waits.</summary>
    public EncodingEffort EffortFor(string? contentType) => contentType is not null && keptByClients.Has(contentType) ? EncodingEffort.Thorough : EncodingEffort.Quick;

    /// <summary>A response that would have been another with another Accept-Encoding says so (RFC 9110 §12.5.5), once.</summary>
    public static void VaryByEncoding(IHeaderDictionary headers)
    {
        foreach (var line in headers.Vary)
        {
            foreach (var range in line.AsSpan().Split(','))
            {
                var name = line.AsSpan(range).Trim(" \t");
                if (name is "*" || name.Equals(HeaderNames.AcceptEncoding, StringComparison.OrdinalIgnoreCase))
                    return;
            }
        }

        headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
    }

    /// <summary>
    /// A strong tag promises equal bytes (RFC 9110 §8.8.1), and the encoded form has others. A weak one holds for both, and is all that <c>If-None-Match</c> needs.
    /// </summary>
    public static void WeakenTag(IHeaderDictionary headers)
    {
        if (headers.ETag is [['"', ..] tag])
            headers.ETag = "W/" + tag;
    }
}
