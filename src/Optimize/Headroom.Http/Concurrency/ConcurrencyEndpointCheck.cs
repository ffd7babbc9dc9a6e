using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Headroom.Http.Concurrency;

/// <summary>Stops the application at start-up when an endpoint names a policy that there is not, or when nothing would enforce what endpoints say.</summary>
internal sealed class ConcurrencyEndpointCheck(ConcurrencyLimiters limiters, EndpointDataSource? endpoints = null) : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        foreach (var endpoint in endpoints?.Endpoints ?? [])
        {
            if (limiters.Of(endpoint) is { IsItsOwn: true } && !limiters.InPipeline)
                throw new InvalidOperationException($"The endpoint '{endpoint.DisplayName}' has a concurrency limit, but nothing enforces it. Call 'app.UseHeadroomConcurrency()' or 'app.UseHeadroom()', after authentication.");
        }

        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
