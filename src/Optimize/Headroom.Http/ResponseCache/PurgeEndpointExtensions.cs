using Headroom.Http.ResponseCache.Policies;
using Headroom.Http.ResponseCache.Purging;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Headroom.Http;

/// <summary>An endpoint that purges the response cache.</summary>
public static class PurgeEndpointExtensions
{
    /// <summary>
    /// Adds a POST endpoint that purges what its JSON body names: one of <c>tag</c>, <c>url</c>, <c>prefix</c> (texts) or <c>all</c> (true), and <c>soft</c> (true or false, the default). Answers 204; 400 with a problem (RFC 9457) that says
    /// what is wrong. It answers 403 and does nothing until it has an authorization policy: <c>app.MapHeadroomPurge().RequireAuthorization("operator")</c>.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">Its path.</param>
    public static IEndpointConventionBuilder MapHeadroomPurge(this IEndpointRouteBuilder endpoints, string pattern = "/headroom/purge")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var builder = endpoints.MapPost(pattern, PurgeEndpoint.PurgeAsync).WithMetadata(ResponseCachePolicy.Off).WithDisplayName("Headroom purge");
        builder.Finally(static endpoint =>
        {
            if (!endpoint.Metadata.OfType<IAuthorizeData>().Any() || endpoint.Metadata.OfType<IAllowAnonymous>().Any())
                endpoint.RequestDelegate = PurgeEndpoint.RefuseAsync;
        });
        return builder;
    }
}
