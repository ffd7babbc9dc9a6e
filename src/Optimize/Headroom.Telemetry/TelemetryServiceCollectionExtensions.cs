using Headroom.Telemetry.Collection;
using Headroom.Telemetry.Health;
using Headroom.Telemetry.Resources;
using Headroom.Telemetry.Timings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Headroom.Telemetry;

/// <summary>Turns the collection of metrics on.</summary>
public static class TelemetryServiceCollectionExtensions
{
    /// <summary>
    /// Collects the instruments of <c>System.Diagnostics.Metrics</c> from start-up on, for
    /// <see cref="TelemetryEndpointRouteBuilderExtensions.MapPrometheus"/> and
    /// <see cref="TelemetryEndpointRouteBuilderExtensions.MapTelemetrySummary"/>, and registers <see cref="CacheMetrics"/>,
    /// <see cref="DatabaseMetrics"/> and <see cref="RateLimitMetrics"/> to record through. Calling it again only adds
    /// <paramref name="configure"/>.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes to what the section <c>Headroom:Telemetry</c> says.</param>
    public static IServiceCollection AddHeadroomTelemetry(this IServiceCollection services, Action<TelemetryOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);

        services.AddMetrics();
        var options = services.AddOptions<TelemetryOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<TelemetryOptions>, TelemetryOptionsBinder>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TelemetryOptions>, TelemetryOptionsValidator>());
        if (configure is not null)
            options.Configure(configure);

        services.TryAddSingleton<MetricCollector>();
        services.TryAddSingleton<ResourceMetrics>();
        services.TryAddSingleton<CacheMetrics>();
        services.TryAddSingleton<DatabaseMetrics>();
        services.TryAddSingleton<RateLimitMetrics>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, CollectorStarter>());

        services.TryAddSingleton<SlowRequestLog>();
        services.TryAddSingleton<PartInstruments>();
        services.AddHealthChecks();
        services.TryAddSingleton<HealthReports>();
        services.TryAddSingleton<Draining>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, Draining>(provider => provider.GetRequiredService<Draining>()));
        return services;
    }
}
