using Headroom.Caching;
using Headroom.Http.ApiKeys.Checking;
using Headroom.Http.ApiKeys.Issuing;
using Headroom.Http.Configuration;
using Headroom.Http.ResponseCache.Policies;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Headroom.Http;

/// <summary>API keys: an authentication scheme, authorization by scope and instance, endpoints to manage keys. See docs/api-keys.md.</summary>
public static class ApiKeyExtensions
{
    const string AuthenticationSet = "__AuthenticationMiddlewareSet";

    /// <summary>
    /// Registers the scheme <see cref="ApiKeyDefaults.AuthenticationScheme"/> (the default one, if it is the only one), the authorization that <see cref="RequireScope"/> needs, and <see cref="IApiKeys"/>. An <see cref="IApiKeyStore"/> must be registered
    /// too, or the application does not start. Calling it again only adds <paramref name="configure"/>. Wrong options stop the application at start-up, all of them in one message.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes to what the section <c>Headroom:ApiKeys</c> says.</param>
    public static IServiceCollection AddHeadroomApiKeys(this IServiceCollection services, Action<ApiKeyOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);

        services.AddMetrics();
        services.AddLogging();
        services.AddSectionOptions(configure);
        if (services.Any(static service => service.ServiceType == typeof(ApiKeyCheck)))
            return services;

        services.AddHeadroomCaching();
        services.AddHeadroomBackgroundQueue(ApiKeyUsageRecorder.QueueName, static queue =>
        {
            queue.Capacity = 10;
            queue.WhenFull = WhenFull.Reject;
            queue.MaxAttempts = 1;
        });

        // Not AddAuthentication: it brings data protection, whose keys nothing here needs.
        services.AddAuthenticationCore(static authentication => authentication.AddScheme<ApiKeyHandler>(ApiKeyDefaults.AuthenticationScheme, displayName: null));
        services.AddAuthorization();
        services.TryAddSingleton(TimeProvider.System);
        services.AddTransient<ApiKeyHandler>();
        services.AddSingleton(static provider => new ApiKeyFormat(provider.GetRequiredService<IOptions<ApiKeyOptions>>().Value));
        services.AddSingleton(static provider => new UnknownKeys(provider.GetRequiredService<IOptions<ApiKeyOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ApiKeyMetrics>();
        services.AddSingleton<ApiKeyCheck>();
        services.AddSingleton<ApiKeyUsageRecorder>();
        services.AddSingleton<IApiKeys, ApiKeyIssuer>();
        services.AddSingleton<IAuthorizationHandler, ApiKeyAuthorization>();
        services.AddSingleton<IHostedService, ApiKeyStart>();
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<ApiKeyUsageRecorder>());
        return services;
    }

    /// <summary>
    /// In place of <c>UseAuthentication</c> where API keys are the only scheme: the same, but that a request without a key costs a look at two headers. Behind the framework's <c>UseForwardedHeaders</c>, before
    /// <c>UseAuthorization</c>, which a <c>WebApplication</c> would else run first, and <c>UseHeadroom</c>.
    /// </summary>
    /// <param name="app">The application.</param>
    /// <exception cref="InvalidOperationException"><see cref="AddHeadroomApiKeys"/> was not called.</exception>
    public static IApplicationBuilder UseHeadroomApiKeys(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        ThrowIfMissing(app.ApplicationServices);

        // A WebApplication adds the framework's middleware itself unless this says that there is one.
        app.Properties[AuthenticationSet] = true;
        return app.UseMiddleware<ApiKeyMiddleware>();
    }

    /// <summary>Lets in only requests with a good key that has this scope; others get 401 or 403. Several, and those of groups around, must all be there.</summary>
    /// <param name="builder">An endpoint or a group.</param>
    /// <param name="scope">For example <c>messages:send</c>; written as in <see cref="ApiKeyRecord.Scopes"/>, compared letter by letter.</param>
    /// <param name="fresh">True: the scope, and that the key is good still, is read from the store for each request, whatever is cached.</param>
    /// <exception cref="ArgumentException">The scope is empty.</exception>
    public static TBuilder RequireScope<TBuilder>(this TBuilder builder, string scope, bool fresh = false)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(scope);
        return builder.RequireAuthorization(policy => policy.RequireScope(scope, fresh));
    }

    /// <summary>Lets in only requests with a good key that is for all instances or for the one that the path names.</summary>
    /// <param name="builder">An endpoint or a group.</param>
    /// <param name="routeValue">The part of the path that names it; a path without it stops the application at start-up.</param>
    /// <param name="fresh">As for <see cref="RequireScope{TBuilder}"/>.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static TBuilder RequireInstance<TBuilder>(this TBuilder builder, string routeValue = "instanceId", bool fresh = false)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(routeValue);
        builder.WithMetadata(new RequiredInstance(routeValue));
        return builder.RequireAuthorization(policy => ForKeys(policy).AddRequirements(new ApiKeyInstanceRequirement(routeValue, fresh)));
    }

    /// <summary>The same for a policy with a name of its own.</summary>
    /// <param name="policy">The policy; it authenticates by API keys, beside what it does already.</param>
    /// <param name="scope">As for endpoints.</param>
    /// <param name="fresh">As for endpoints.</param>
    /// <exception cref="ArgumentException">The scope is empty.</exception>
    public static AuthorizationPolicyBuilder RequireScope(this AuthorizationPolicyBuilder policy, string scope, bool fresh = false)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentException.ThrowIfNullOrWhiteSpace(scope);
        return ForKeys(policy).AddRequirements(new ApiKeyScopeRequirement(scope, fresh));
    }

    /// <summary>
    /// Adds endpoints that manage keys: <c>POST</c> makes one and shows it this once, <c>GET</c> lists them in pages, and of one of them (<c>/{id}</c>) <c>GET</c>, <c>PATCH</c>, <c>DELETE</c>, <c>POST /rotate</c> and <c>POST /revoke</c>.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">Their path.</param>
    /// <param name="policy">The name of the authorization policy that callers must meet; one that there is not stops the application at start-up, and so does <c>AllowAnonymous</c>.</param>
    /// <exception cref="ArgumentException">The policy's name is empty.</exception>
    /// <exception cref="InvalidOperationException"><see cref="AddHeadroomApiKeys"/> was not called.</exception>
    public static RouteGroupBuilder MapApiKeys(this IEndpointRouteBuilder endpoints, string pattern, string policy)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentException.ThrowIfNullOrWhiteSpace(policy);
        ThrowIfMissing(endpoints.ServiceProvider);

        var group = endpoints.MapGroup(pattern);
        group.RequireAuthorization(policy).WithMetadata(new ApiKeyManagement(), ResponseCachePolicy.Off);
        group.MapPost("", ApiKeyEndpoints.CreateAsync);
        group.MapGet("", ApiKeyEndpoints.ListAsync);
        group.MapGet("/{id}", ApiKeyEndpoints.GetAsync);
        group.MapPatch("/{id}", ApiKeyEndpoints.UpdateAsync);
        group.MapDelete("/{id}", ApiKeyEndpoints.DeleteAsync);
        group.MapPost("/{id}/rotate", ApiKeyEndpoints.RotateAsync);
        group.MapPost("/{id}/revoke", ApiKeyEndpoints.RevokeAsync);
        return group;
    }

    static void ThrowIfMissing(IServiceProvider services)
    {
        if (services.GetService<ApiKeyFormat>() is null)
            throw new InvalidOperationException("API keys are not registered. Call 'builder.Services.AddHeadroomApiKeys()' before 'builder.Build()'.");
    }

    static AuthorizationPolicyBuilder ForKeys(AuthorizationPolicyBuilder policy)
    {
        if (!policy.AuthenticationSchemes.Contains(ApiKeyDefaults.AuthenticationScheme))
            policy.AddAuthenticationSchemes(ApiKeyDefaults.AuthenticationScheme);
        return policy.RequireAuthenticatedUser();
    }
}
