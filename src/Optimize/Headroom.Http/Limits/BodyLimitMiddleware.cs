using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using Server = Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions;

namespace Headroom.Http.Limits;

/// <summary>
/// Answers 413 with a problem for a body over the limit: before it is read where its length is told, else where the server cut it. The server counts what arrives, so a length that lies gains nothing.
/// </summary>
internal sealed class BodyLimitMiddleware(RequestDelegate next, LimitsMetrics metrics, IOptions<Server> server)
{
    // Headroom's, or what the application set on Kestrel itself; null: none.
    readonly long? most = server.Value.Limits.MaxRequestBodySize;

    public Task InvokeAsync(HttpContext context)
    {
        if (context.Features[typeof(IHttpRequestBodyDetectionFeature)] is IHttpRequestBodyDetectionFeature { CanHaveBody: false })
            return next(context);

        var limit = Limit(context);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limit;
        return context.Request.ContentLength > limit ? RefuseAsync(context, limit) : ReadAsync(context, limit);
    }

    async Task ReadAsync(HttpContext context, long? limit)
    {
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException cut) when (cut.StatusCode == StatusCodes.Status413PayloadTooLarge && !context.Response.HasStarted)
        {
            await RefuseAsync(context, limit);
            return;
        }
        catch (IOException unreadable) when (unreadable.InnerException is OverflowException && !context.Response.HasStarted)
        {
            // A chunk's length of more than 64 bits. Kestrel tells of any other chunk that cannot be read that the request was bad, and of this one as if the connection had broken.
            throw new BadHttpRequestException("The length of a chunk is too large.", StatusCodes.Status400BadRequest, unreadable);
        }

        // The framework's body binding sets the status and says nothing.
        if (context.Response is { HasStarted: false, StatusCode: StatusCodes.Status413PayloadTooLarge, ContentLength: null, ContentType: null })
            await RefuseAsync(context, limit);
    }

    long? Limit(HttpContext context) => context.EndpointOf()?.Metadata.GetMetadata<IRequestSizeLimitMetadata>() is { } own ? own.MaxRequestBodySize : most;

    Task RefuseAsync(HttpContext context, long? limit)
    {
        metrics.BodyRefused();
        context.Response.Clear();
        // What is still to come would have to be read to use the connection again.
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
            context.Response.Headers.Connection = "close";
        return Results.Problem(FormattableString.Invariant($"The request's body is longer than {limit} bytes."), statusCode: StatusCodes.Status413PayloadTooLarge).ExecuteAsync(context);
    }
}
