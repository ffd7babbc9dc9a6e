using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Http.Compression;

/// <summary>
/// The encoding of one response: whether it is encoded, its header fields, the encoder, and what it saved. Knows nothing of where the bytes come from and go to.
/// </summary>
internal sealed class ResponseEncoding(
    HttpContext context, ContentCoding coding, bool identityIsAcceptable, Compressible compressible, CompressionMetrics metrics, TimeProvider time, bool debugHeaders) : IDisposable
{
    const string OriginalSize = "X-Original-Size";
    const string CompressionRatio = "X-Compression-Ratio";

    readonly PooledStream output = new(0);
    Stream? encoder;
    long original;
    long encoded;
    long ticks;

    /// <summary>Shorter content stays as it is; 0 for a client that wants nothing as it is.</summary>
    public int MinimumBytes { get; } = identityIsAcceptable ? compressible.MinimumBytes : 0;

    /// <summary>What the encoder has made and nobody has taken yet.</summary>
    public ReadOnlyMemory<byte> Output => output.Written;

    /// <summary>Whether the response as it is about to begin may be encoded here, whatever its length.</summary>
    public bool IsPossible()
    {
        var response = context.Response;
        if (response.HasStarted)
            return false;
        var possible = identityIsAcceptable ? compressible.Is(response.StatusCode, response.Headers) : Compressible.MayBeEncoded(response.StatusCode, response.Headers);
        return possible && context.Features.Get<IOuterEncoder>()?.Encodes(context) is not true;
    }

    /// <summary>Says in the header fields that the content is encoded. Its length is not known before it is.</summary>
    public void SetHeaders()
    {
        var headers = context.Response.Headers;
        headers.ContentEncoding = coding.Name();
        headers.ContentLength = null;
        Compressible.VaryByEncoding(headers);
        Compressible.WeakenTag(headers);
    }

    /// <summary>All of the content at once, with its length; null if that would not make it shorter and it may stay as it is.</summary>
    public byte[]? EncodeWhole(ReadOnlyMemory<byte> content)
    {
        var from = Clock();
        var whole = ContentEncoder.Encode(coding, Effort(), new ReadOnlySequence<byte>(content));
        ticks += Clock() - from;
        if (whole.Length >= content.Length && identityIsAcceptable)
            return null;

        (original, encoded) = (content.Length, whole.Length);
        SetHeaders();
        context.Response.ContentLength = whole.Length;
        Tell(context.Response.Headers);
        Record();
        return whole;
    }

    /// <summary>Starts to encode content that comes piece by piece.</summary>
    /// <param name="length">How much will come, null where that is not known.</param>
    public void Begin(long? length)
    {
        SetHeaders();
        if (debugHeaders && context.Response.SupportsTrailers())
        {
            context.Response.DeclareTrailer(OriginalSize);
            context.Response.DeclareTrailer(CompressionRatio);
        }

        encoder = ContentEncoder.CreateStream(coding, Effort(), output, length);
    }

    public void Encode(ReadOnlySpan<byte> content)
    {
        var from = Clock();
        encoder!.Write(content);
        ticks += Clock() - from;
        original += content.Length;
    }

    /// <summary>Makes everything written so far readable for the client.</summary>
    public void Flush()
    {
        var from = Clock();
        encoder!.Flush();
        ticks += Clock() - from;
    }

    /// <summary>The rest of the encoded bytes.</summary>
    public void End()
    {
        var from = Clock();
        encoder!.Dispose();
        ticks += Clock() - from;
    }

    /// <summary>The output has been sent.</summary>
    public void Taken()
    {
        encoded += output.Written.Length;
        output.Clear();
    }

    /// <summary>Everything has been sent.</summary>
    public void Sent()
    {
        if (context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers is { IsReadOnly: false } trailers)
            Tell(trailers);
        Record();
    }

    public void Dispose()
    {
        encoder?.Dispose();
        output.Dispose();
    }

    EncodingEffort Effort() => compressible.EffortFor(context.Response.ContentType);

    long Clock() => metrics.MeasuresTime ? time.GetTimestamp() : 0;

    void Record() => metrics.Encoded(coding, original, encoded, time.GetElapsedTime(0, ticks));

    void Tell(IHeaderDictionary headers)
    {
        if (!debugHeaders)
            return;
        headers[OriginalSize] = original.ToString(CultureInfo.InvariantCulture);
        headers[CompressionRatio] = ((double)original / Math.Max(encoded, 1)).ToString("0.00", CultureInfo.InvariantCulture);
    }
}
