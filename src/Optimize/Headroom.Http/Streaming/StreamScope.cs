using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Routing;

namespace Headroom.Http.Streaming;

/// <summary>
/// Who may go on with a stream. One with a key: requests to the same endpoint for the same key, which the endpoint has decided on. One without: requests of the same user with the same method and address.
/// </summary>
/// <param name="Route">The endpoint's route template, as the metrics have it.</param>
/// <param name="Owner">What has to be equal besides.</param>
internal sealed record StreamScope(string Route, string Owner, bool Shared)
{
    public static StreamScope Of(HttpContext context, string? key)
    {
        var route = RouteOf(context);
        if (key is not null)
            return new StreamScope(route, key, Shared: true);

        var user = context.User.FindFirstValue(ClaimTypes.NameIdentifier) ?? context.User.Identity?.Name;
        return new StreamScope(route, $"{context.Request.Method} {context.Request.GetEncodedPathAndQuery()} {user}", Shared: false);
    }

    static string RouteOf(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "";
}
