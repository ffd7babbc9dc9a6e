using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Http;

/// <summary>What each request is asked for, by type and not by type parameter: a generic method of an interface is looked up for each call, which takes as long as the rest of it.</summary>
internal static class RequestFeatures
{
    public static Endpoint? EndpointOf(this HttpContext context) => (context.Features[typeof(IEndpointFeature)] as IEndpointFeature)?.Endpoint;

    public static bool IsWebSocketRequest(this HttpContext context) => context.Features[typeof(IHttpWebSocketFeature)] is IHttpWebSocketFeature { IsWebSocketRequest: true };
}
