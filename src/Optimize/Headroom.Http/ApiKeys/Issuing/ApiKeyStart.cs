using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Headroom.Http.ApiKeys.Issuing;

/// <summary>
/// Stops the application at start-up where there is no store for its keys, where an endpoint that manages them is open, and where an endpoint requires an instance that its path does not name; prepares the store.
/// </summary>
internal sealed class ApiKeyStart(IServiceProvider services, IOptions<ApiKeyOptions> options, IAuthorizationPolicyProvider policies, EndpointDataSource? endpoints = null) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var store = services.GetService<IApiKeyStore>() ?? throw new InvalidOperationException(
            $"API keys have no store: register one, for example builder.Services.AddSingleton<IApiKeyStore>(new {nameof(DbApiKeyStore)}(dataSource, {nameof(ApiKeyDatabase)}.{nameof(ApiKeyDatabase.PostgreSql)})).");
        if (options.Value.PrepareStore)
            await store.PrepareAsync(cancellationToken);
    }

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        foreach (var endpoint in endpoints?.Endpoints ?? [])
        {
            if (endpoint.Metadata.GetMetadata<ApiKeyManagement>() is not null)
                await CheckProtectedAsync(endpoint);
            foreach (var required in endpoint.Metadata.GetOrderedMetadata<RequiredInstance>())
            {
                if ((endpoint as RouteEndpoint)?.RoutePattern.GetParameter(required.RouteValue) is null)
                    throw new InvalidOperationException($"The endpoint '{endpoint.DisplayName}' requires the instance of the route value '{required.RouteValue}', which its path does not have; write it as {{{required.RouteValue}}} in the path, or name another in RequireInstance.");
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    async Task CheckProtectedAsync(Microsoft.AspNetCore.Http.Endpoint endpoint)
    {
        if (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            throw new InvalidOperationException($"The endpoint '{endpoint.DisplayName}' manages API keys and allows anonymous callers, who could make keys for themselves. Take AllowAnonymous away.");
        foreach (var data in endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>())
        {
            if (data.Policy is { } name && await policies.GetPolicyAsync(name) is null)
                throw new InvalidOperationException($"The endpoint '{endpoint.DisplayName}' manages API keys and asks for the authorization policy '{name}', which there is not. Add it: builder.Services.AddAuthorizationBuilder().AddPolicy(\"{name}\", policy => policy.RequireRole(\"operator\")).");
        }
    }
}

/// <summary>That an endpoint requires the instance of a route value.</summary>
internal sealed record RequiredInstance(string RouteValue);
