using System.Globalization;
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
            return AnswerAsync(context, StatusCodes.Status200OK);

        // A gateway is no tunnel, §9.3.6. (With :protocol it is a websocket over HTTP/2, RFC 8441.)
        if (HttpMethods.IsConnect(request.Method) && context.Features.Get<IHttpExtendedConnectFeature>() is not { IsExtendedConnect: true, Protocol: "websocket" })
            return AnswerAsync(context, StatusCodes.Status405MethodNotAllowed);

        // Max-Forwards, §7.6.2: counted down for TRACE and OPTIONS, and at 0 the gateway is the one who is asked.
        if (request.Headers["Max-Forwards"] is { Count: > 0 } hops && (HttpMethods.IsTrace(request.Method) || HttpMethods.IsOptions(request.Method))
            && uint.TryParse(hops.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var left))
        {
            if (left == 0)
                return HttpMethods.IsTrace(request.Method) ? TraceEcho.WriteAsync(context) : AnswerAsync(context, StatusCodes.Status200OK);
            request.Headers["Max-Forwards"] = (left - 1).ToString(CultureInfo.InvariantCulture);
        }

        if (routes.Current.Find(request.Host, request.Path) is not { } route)
            return ProblemResponse.WriteAsync(context, ForwardError.DestinationNotFound).AsTask();
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
