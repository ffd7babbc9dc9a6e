using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace Headroom.Telemetry.Timings;

/// <summary>What a request was for and how it ended, as whoever stands in front of the pipeline must tell it: an exception has not become an answer there yet, and a page of errors has taken the endpoint's place.</summary>
internal static class RequestOutcome
{
    /// <summary>The endpoint that the client asked for. A page of errors that takes the request's place leaves it behind.</summary>
    public static Endpoint? EndpointOf(HttpContext context) =>
        context.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? context.Features.Get<IStatusCodeReExecuteFeature>()?.Endpoint ?? context.GetEndpoint();

    /// <summary>Its route's template, as the framework's metrics have it; null where no endpoint was found.</summary>
    public static string? RouteOf(HttpContext context)
    {
        var endpoint = EndpointOf(context);
        var route = endpoint?.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route ?? (endpoint as RouteEndpoint)?.RoutePattern.RawText;
        return route is "" ? "/" : route;
    }

    /// <summary>What the server answers with where the application threw and did not answer.</summary>
    public static int StatusOf(HttpContext context, Exception thrown) =>
        context.Response.HasStarted ? context.Response.StatusCode
        : thrown is BadHttpRequestException bad ? bad.StatusCode
        : context.RequestAborted.IsCancellationRequested ? StatusCodes.Status499ClientClosedRequest
        : StatusCodes.Status500InternalServerError;
}
