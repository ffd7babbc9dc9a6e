using Headroom.Http.Configuration;
using Headroom.Http.RateLimits;
using Headroom.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Headroom.Http;

/// <summary>Rate limits (draft-ietf-httpapi-ratelimit-headers-10). See docs/rate-limits.md.</summary>
public static class RateLimitExtensions
{
    /// <summary>Registers what rate limits need. Calling it again only adds <paramref name="configure"/>. Wrong options stop the application at start-up, all of them in one message.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes to what the section <c>Headroom:RateLimits</c> says.</param>
    public static IServiceCollection AddHeadroomRateLimits(this IServiceCollection services, Action<RateLimitOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);

        services.AddMetrics();
        services.AddLogging();
        services.AddSectionOptions(configure);

        services.TryAddSingleton<RateLimitMetrics>();
        services.TryAddSingleton<RateLimiters>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RateLimitEndpointCheck>());
        return services;
    }

    /// <summary>
    /// Enforces the limits of <see cref="RateLimitOptions.Global"/> and of endpoints' <see cref="RateLimit"/>. Place it after authentication, so that callers are known, and behind the framework's
    /// <c>UseForwardedHeaders</c> where there is a proxy; before caches, so that what they answer counts too.
    /// </summary>
    /// <param name="app">The application.</param>
    /// <exception cref="InvalidOperationException"><see cref="AddHeadroomRateLimits"/> was not called.</exception>
    public static IApplicationBuilder UseHeadroomRateLimits(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (app.ApplicationServices.GetService<RateLimiters>() is null)
            throw new InvalidOperationException("Rate limits are not registered. Call 'builder.Services.AddHeadroomRateLimits()' before 'builder.Build()'.");
        return app.UseMiddleware<RateLimitMiddleware>();
    }

    /// <summary>Counts requests to these endpoints on policies, in addition to those of the groups around and the global ones.</summary>
    /// <param name="builder">An endpoint or a group.</param>
    /// <param name="policies">Names of <see cref="RateLimitOptions.Policies"/>; a name that is none stops the application at start-up.</param>
    /// <exception cref="ArgumentException">No name is given.</exception>
    public static TBuilder RateLimit<TBuilder>(this TBuilder builder, params string[] policies)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(policies);
        if (policies.Length == 0)
            throw new ArgumentException("No policy is named; write one, for example .RateLimit(\"burst\"), or .NoRateLimit() for none.", nameof(policies));
        return builder.WithMetadata(new RateLimitMetadata([.. policies]));
    }

    /// <summary>Takes away the limits of the groups around and the global ones: for health and metrics.</summary>
    /// <param name="builder">An endpoint or a group.</param>
    public static TBuilder NoRateLimit<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithMetadata(new RateLimitMetadata([]));
    }
}
