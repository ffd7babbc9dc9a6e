using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Headroom.Http.Compression;

/// <summary>
/// Decodes request bodies, so that handlers read content and not its coding. What cannot be decoded is answered with a problem: 415 for a coding that is not known
/// (RFC 9110 §15.5.16), 413 for content that expands over the limit, 400 for content that is not what it says.
/// </summary>
internal sealed class RequestDecodingMiddleware(RequestDelegate next, CompressionMetrics metrics, IOptions<CompressionOptions> options)
{
    readonly long maxDecodedBytes = options.Value.MaxDecodedBytes;

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Headers.ContentEncoding.Count == 0 || context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == false)
            return next(context);
        return DecodeAsync(context);
    }

    async Task DecodeAsync(HttpContext context)
    {
        var request = context.Request;
        var encoded = request.Body;
        if (ContentDecoder.TryDecode(request.Headers.ContentEncoding, encoded) is not { } decoder)
        {
            context.Response.Headers.AcceptEncoding = ContentDecoder.AcceptEncoding;
            await RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType,
                $"The request's Content-Encoding is '{request.Headers.ContentEncoding}'; write one or two of {ContentDecoder.AcceptEncoding}, or send the content as it is.");
            return;
        }

        request.Headers.Remove(HeaderNames.ContentEncoding);
        if (ReferenceEquals(decoder, encoded))
        {
            await next(context);
            return;
        }

        // The length was that of the encoded content.
        request.Headers.ContentLength = null;
        await using var body = new DecodedBody(decoder, MaxBytes(context));
        request.Body = body;
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException) when (body.Failure is not null && !context.Response.HasStarted)
        {
            context.Response.Clear();
            context.Response.StatusCode = body.Failure.StatusCode;
        }
        finally
        {
            request.Body = encoded;
        }

        // A handler that answers the failure itself has the last word; the framework's body binding only sets the status.
        if (body.Failure is { } failure && !context.Response.HasStarted && context.Response.StatusCode == failure.StatusCode)
            await RefuseAsync(context, failure.StatusCode, failure.Message);
        else if (body.Failure is not null)
            metrics.Refused(body.Failure.StatusCode);
    }

    long? MaxBytes(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IRequestSizeLimitMetadata>() is { } limit ? limit.MaxRequestBodySize : maxDecodedBytes;

    Task RefuseAsync(HttpContext context, int statusCode, string detail)
    {
        metrics.Refused(statusCode);
        return Results.Problem(detail, statusCode: statusCode).ExecuteAsync(context);
    }
}
