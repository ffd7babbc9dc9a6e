using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Headroom.Http.Compression;

/// <summary>Compresses responses for clients that accept it, and tells caches of all that might have been.</summary>
internal sealed class CompressionMiddleware
{
    readonly RequestDelegate next;
    readonly Compressible compressible;
    readonly CompressionMetrics metrics;
    readonly TimeProvider time;
    readonly Func<object, Task> varyWhenStarting;
    readonly bool enabled;
    readonly bool enableForHttps;
    readonly bool debugHeaders;

    public CompressionMiddleware(RequestDelegate next, Compressible compressible, CompressionMetrics metrics, IOptions<CompressionOptions> options, TimeProvider? time = null)
    {
        this.next = next;
        this.compressible = compressible;
        this.metrics = metrics;
        this.time = time ?? TimeProvider.System;
        enabled = options.Value.Enabled;
        enableForHttps = options.Value.EnableForHttps;
        debugHeaders = options.Value.DebugHeaders;
        varyWhenStarting = context => Vary((HttpContext)context);
    }

    public Task InvokeAsync(HttpContext context)
    {
        var said = context.EndpointOf()?.Metadata.GetMetadata<CompressionAttribute>();
        if (!(said?.Enabled ?? (enabled && (enableForHttps || !context.Request.IsHttps))))
            return next(context);

        context.Response.OnStarting(varyWhenStarting, context);
        var request = context.Request.Headers;
        var accepted = AcceptEncoding.Read(request.AcceptEncoding);
        if (accepted.Choose(compressible.Available) is not { } coding || coding == ContentCoding.Identity || Compressible.IsDeclined(request))
            return next(context);
        return EncodeAsync(context, coding, accepted.IdentityIsAcceptable);
    }

    Task EncodeAsync(HttpContext context, ContentCoding coding, bool identityIsAcceptable)
    {
        var encoding = new ResponseEncoding(context, coding, identityIsAcceptable, compressible, metrics, time, debugHeaders);
        return new CompressedBody(context, context.Features.GetRequiredFeature<IHttpResponseBodyFeature>(), encoding).RunAsync(context, next);
    }

    /// <summary>
    /// What is sent as it is would have been another response for another client all the same (RFC 9110 §12.5.5), and a 304 says what its 200 would have
    /// said (§15.4.5); its type is not known any more, so every one does. What is encoded further out is one response here, and what it varies by is said there.
    /// </summary>
    Task Vary(HttpContext context)
    {
        var response = context.Response;
        var outer = context.Features.Get<IOuterEncoder>();
        var varies = response.StatusCode == StatusCodes.Status304NotModified
            ? outer is null
            : compressible.Is(response.StatusCode, response.Headers) && outer?.Encodes(context) is not true;
        if (varies)
            Compressible.VaryByEncoding(response.Headers);
        return Task.CompletedTask;
    }
}
