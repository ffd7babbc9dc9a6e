using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Headroom.Telemetry.Otlp;

/// <summary>Turns the export by OTLP on.</summary>
public static class OtlpServiceCollectionExtensions
{
    const string SuppressActivityData = "Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData";

    /// <summary>
    /// Exports metrics and traces by OTLP where the configuration (the environment's variables are part of it) names a receiver: <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, or one for <c>OTEL_EXPORTER_OTLP_METRICS_ENDPOINT</c> or
    /// <c>OTEL_EXPORTER_OTLP_TRACES_ENDPOINT</c> alone. The other variables of OpenTelemetry's specification count too. Without a receiver nothing is started and nothing is listened to. An endpoint or a protocol that cannot be
    /// used stops the application at start-up. Metrics are those of <see cref="TelemetryOptions.Meters"/>.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="activitySources">Sources of activities to export beside those of ASP.NET Core, HttpClient and Npgsql: <c>MyApp</c>, or a prefix <c>MyApp.*</c>.</param>
    public static IServiceCollection AddHeadroomOtlp(this IServiceCollection services, params string[] activitySources)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(activitySources);
        services.AddHeadroomTelemetry();
        foreach (var source in activitySources)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(source, nameof(activitySources));
            services.AddSingleton(new ActivitySourceName(source));
        }

        // Without it a request's activity has no method, path or host. ASP.NET Core reads it when the host is built.
        if (!AppContext.TryGetSwitch(SuppressActivityData, out _))
            AppContext.SetSwitch(SuppressActivityData, isEnabled: false);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, OtlpExport>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, RequestSpans>());
        return services;
    }
}

/// <summary>A source that the application names.</summary>
internal sealed record ActivitySourceName(string Name);
