using Headroom.Gateway.Forwarding;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Gateway.Routing;

/// <summary>Finds the route of a request, so that what comes after it knows its policies. Answers itself what cannot be forwarded.</summary>
internal sealed class RouteSelection(GatewayRoutes routes)
{
    private const string AllowedMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE";

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;

        // The server as a whole is meant, RFC 9110 §9.3.7: that is the gateway.
        if (context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget == "*")
            return AnswerAsync(context, StatusCodes.Status204NoContent);

        // A gateway is no tunnel, §9.3.6. (With :protocol it is a websocket over HTTP/2, RFC 8441.)
        if (HttpMethods.IsConnect(request.Method) && context.Features.Get<IHttpExtendedConnectFeature>() is not { IsExtendedConnect: true })
            return AnswerAsync(context, StatusCodes.Status405MethodNotAllowed);

        if (routes.Current.Find(request.Host, request.Path) is not { } route)
            return ProblemResponse.WriteAsync(context, ForwardError.DestinationNotFound).AsTask();
        context.Features.Set(route);
        context.SetEndpoint(route.Endpoint);
        return next(context);
    }

    private static Task AnswerAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.Allow = AllowedMethods;
        return Task.CompletedTask;
    }
}
