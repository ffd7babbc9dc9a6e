using Headroom.Http.Concurrency;
using Headroom.Http.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Headroom.Http;

/// <summary>Concurrency limits and load shedding. See docs/limits.md.</summary>
public static class ConcurrencyExtensions
{
    /// <summary>Registers what concurrency limits need. Calling it again only adds <paramref name="configure"/>. Wrong options stop the application at start-up, all of them in one message.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes to what the section <c>Headroom:Concurrency</c> says.</param>
    public static IServiceCollection AddHeadroomConcurrency(this IServiceCollection services, Action<ConcurrencyOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);

        services.AddMetrics();
        services.AddSectionOptions(configure);

        services.TryAddSingleton<ConcurrencyMetrics>();
        services.TryAddSingleton<ConcurrencyLimiters>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ConcurrencyEndpointCheck>());
        return services;
    }

    /// <summary>
    /// Enforces the limits of <see cref="ConcurrencyOptions.Global"/> and of endpoints' <see cref="ConcurrencyLimit"/>. Place it after authentication, so that callers are known, and after caches, so that what they
    /// answer needs no place.
    /// </summary>
    /// <param name="app">The application.</param>
    /// <exception cref="InvalidOperationException"><see cref="AddHeadroomConcurrency"/> was not called.</exception>
    public static IApplicationBuilder UseHeadroomConcurrency(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (app.ApplicationServices.GetService<ConcurrencyLimiters>() is null)
            throw new InvalidOperationException("Concurrency limits are not registered. Call 'builder.Services.AddHeadroomConcurrency()' before 'builder.Build()'.");
        return app.UseMiddleware<ConcurrencyMiddleware>();
    }

    /// <summary>Limits requests to these endpoints by a policy of their own, in place of the global one and those of groups around; event streams and websockets too.</summary>
    /// <param name="builder">An endpoint or a group.</param>
    /// <param name="policy">A name of <see cref="ConcurrencyOptions.Policies"/>; one that is none stops the application at start-up.</param>
    public static TBuilder ConcurrencyLimit<TBuilder>(this TBuilder builder, string policy)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(policy);
        return builder.WithMetadata(new ConcurrencyMetadata(policy));
    }

    /// <summary>Takes away the limit of the groups around and the global one: for what waits most of its time.</summary>
    /// <param name="builder">An endpoint or a group.</param>
    public static TBuilder NoConcurrencyLimit<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithMetadata(new ConcurrencyMetadata(null));
    }

    /// <summary>
    /// These endpoints are answered however busy the server is: they need no place. For health and metrics; the framework's health checks and endpoints with <c>DisableHttpMetrics</c>, such as <c>MapPrometheus</c>, are
    /// never shed without it.
    /// </summary>
    /// <param name="builder">An endpoint or a group.</param>
    public static TBuilder NeverShed<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => Say(builder, null);

    /// <summary>When requests must wait, those to these endpoints are the first to be refused, and they take at most <see cref="ConcurrencyPolicy.ShedFirstShare"/> of the places: for prefetching, exports, reports.</summary>
    /// <param name="builder">An endpoint or a group.</param>
    public static TBuilder ShedFirst<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => Say(builder, ShedLevel.First);

    /// <summary>When requests must wait, those to these endpoints get a place before all others: for payments, log-ins.</summary>
    /// <param name="builder">An endpoint or a group.</param>
    public static TBuilder ShedLast<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => Say(builder, ShedLevel.Last);

    static TBuilder Say<TBuilder>(TBuilder builder, ShedLevel? level)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithMetadata(new ShedMetadata(level));
    }
}
