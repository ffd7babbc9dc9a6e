using Headroom.Http.Configuration;
using Headroom.Http.Limits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Headroom.Http;

/// <summary>Limits of what a request may take: time, body, header fields. See docs/limits.md.</summary>
public static class LimitsExtensions
{
    /// <summary>
    /// Registers the limits and sets Kestrel's by them. Calling it again only adds <paramref name="configure"/>. Wrong options stop the application at start-up, all of them in one message.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes to what the section <c>Headroom:Limits</c> says.</param>
    public static IServiceCollection AddHeadroomLimits(this IServiceCollection services, Action<LimitsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);

        services.AddMetrics();
        services.AddSectionOptions(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<KestrelServerOptions>, ServerLimits>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<CompressionOptions>, DecodingLimit>());

        services.TryAddSingleton<LimitsMetrics>();
        return services;
    }

    /// <summary>Enforces time and body. Place it before everything that may take long or reads bodies, <see cref="CompressionExtensions.UseHeadroomCompression"/> too.</summary>
    /// <param name="app">The application.</param>
    /// <exception cref="InvalidOperationException"><see cref="AddHeadroomLimits"/> was not called.</exception>
    public static IApplicationBuilder UseHeadroomLimits(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (app.ApplicationServices.GetService<LimitsMetrics>() is null)
            throw new InvalidOperationException("Limits are not registered. Call 'builder.Services.AddHeadroomLimits()' before 'builder.Build()'.");
        app.UseMiddleware<TimeoutMiddleware>();
        return app.UseMiddleware<BodyLimitMiddleware>();
    }

    /// <summary>Gives these endpoints' requests their own time, in place of <see cref="LimitsOptions.Timeout"/>.</summary>
    /// <param name="builder">An endpoint or a group; what an endpoint says wins over what its group says.</param>
    /// <param name="timeout">From 1 ms to 1 day; null for no timeout.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is less or more.</exception>
    public static TBuilder Timeout<TBuilder>(this TBuilder builder, TimeSpan? timeout)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (timeout < LimitsOptions.TimeoutLeast || timeout > LimitsOptions.TimeoutMost)
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, $"Allowed are {LimitsOptions.TimeoutLeast:c} to {LimitsOptions.TimeoutMost:c}, or null for no timeout.");
        return builder.WithMetadata(new TimeoutMetadata(timeout));
    }

    sealed class ServerLimits(IOptions<LimitsOptions> limits) : IConfigureOptions<KestrelServerOptions>
    {
        public void Configure(KestrelServerOptions options)
        {
            var server = options.Limits;
            server.MaxRequestBodySize = limits.Value.MaxBodyBytes;
            server.MaxRequestLineSize = limits.Value.MaxRequestLineBytes;
            server.MaxRequestHeadersTotalSize = limits.Value.MaxHeaderBytes;
            server.MaxRequestHeaderCount = limits.Value.MaxHeaderCount;
            server.RequestHeadersTimeout = limits.Value.HeadersTimeout;
        }
    }

    // A body may not grow over the limit by being decoded, unless its own limit says otherwise.
    sealed class DecodingLimit(IOptions<LimitsOptions> limits) : IPostConfigureOptions<CompressionOptions>
    {
        static readonly long Standard = new CompressionOptions().MaxDecodedBytes;

        public void PostConfigure(string? name, CompressionOptions options)
        {
            if (options.MaxDecodedBytes == Standard)
                options.MaxDecodedBytes = Math.Max(1, limits.Value.MaxBodyBytes);
        }
    }
}
