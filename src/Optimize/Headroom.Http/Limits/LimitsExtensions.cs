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
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<KestrelServerOptions>, ServerLimits>());
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
        if (!app.ApplicationServices.GetRequiredService<IOptions<LimitsOptions>>().Value.Enabled)
            return app;
        app.UseMiddleware<TimeoutMiddleware>();
        return app.UseMiddleware<BodyLimitMiddleware>();
    }

    /// <summary>Gives these endpoints' requests their own time, in place of <see cref="LimitsOptions.Timeout"/>, and for all of the answer.</summary>
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

    /// <summary>What the application itself set on Kestrel stands, whether before or after.</summary>
    sealed class ServerLimits(IOptions<LimitsOptions> limits) : IPostConfigureOptions<KestrelServerOptions>
    {
        static readonly KestrelServerLimits Standard = new();

        public void PostConfigure(string? name, KestrelServerOptions options)
        {
            var ours = limits.Value;
            var server = options.Limits;
            if (!ours.Enabled)
                return;
            if (server.MaxRequestBodySize == Standard.MaxRequestBodySize)
                server.MaxRequestBodySize = ours.MaxBodyBytes;
            if (server.MaxRequestLineSize == Standard.MaxRequestLineSize)
                server.MaxRequestLineSize = ours.MaxRequestLineBytes;
            if (server.MaxRequestHeadersTotalSize == Standard.MaxRequestHeadersTotalSize)
                server.MaxRequestHeadersTotalSize = ours.MaxHeaderBytes;
            if (server.MaxRequestHeaderCount == Standard.MaxRequestHeaderCount)
                server.MaxRequestHeaderCount = ours.MaxHeaderCount;
            if (server.RequestHeadersTimeout == Standard.RequestHeadersTimeout)
                server.RequestHeadersTimeout = ours.HeadersTimeout;
            // Kestrel refuses to start where a line does not fit into its buffer.
            if (server.MaxRequestBufferSize < server.MaxRequestLineSize)
                server.MaxRequestBufferSize = server.MaxRequestLineSize;
        }
    }

    // A body may not grow over the limit by being decoded, unless its own limit says otherwise.
    sealed class DecodingLimit(IOptions<LimitsOptions> limits) : IPostConfigureOptions<CompressionOptions>
    {
        static readonly long Standard = new CompressionOptions().MaxDecodedBytes;

        public void PostConfigure(string? name, CompressionOptions options)
        {
            if (limits.Value.Enabled && options.MaxDecodedBytes == Standard)
                options.MaxDecodedBytes = Math.Max(1, limits.Value.MaxBodyBytes);
        }
    }
}
