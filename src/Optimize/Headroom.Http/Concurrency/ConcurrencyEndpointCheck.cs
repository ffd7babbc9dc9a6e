using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Headroom.Http.Concurrency;

/// <summary>Stops the application at start-up when an endpoint names a policy that there is not, or when nothing would enforce what endpoints say.</summary>
internal sealed class ConcurrencyEndpointCheck(ConcurrencyLimiters limiters, EndpointDataSource? endpoints = null) : EndpointCheck(endpoints)
{
    protected override void Check(Endpoint endpoint)
    {
        if (limiters.Of(endpoint) is { IsItsOwn: true } && !limiters.InPipeline)
            throw new InvalidOperationException($"The endpoint '{endpoint.DisplayName}' has a concurrency limit, but nothing enforces it. Call 'app.UseHeadroomConcurrency()' or 'app.UseHeadroom()', after authentication.");
    }
}
