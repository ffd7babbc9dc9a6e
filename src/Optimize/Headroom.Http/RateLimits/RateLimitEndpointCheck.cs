using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Headroom.Http.RateLimits;

/// <summary>Stops the application at start-up when an endpoint names a policy that there is not, or when nothing would enforce what endpoints say: a limit that is silently none is worse than no start.</summary>
internal sealed class RateLimitEndpointCheck(RateLimiters limiters, EndpointDataSource? endpoints = null) : EndpointCheck(endpoints)
{
    protected override void Check(Endpoint endpoint)
    {
        if (limiters.Of(endpoint).Length > 0 && endpoint.Metadata.GetMetadata<RateLimitMetadata>() is not null && !limiters.InPipeline)
            throw new InvalidOperationException($"The endpoint '{endpoint.DisplayName}' has a rate limit, but nothing enforces it. Call 'app.UseHeadroomRateLimits()' or 'app.UseHeadroom()', after authentication.");
    }
}
