using Headroom.Http.Compression;
using Headroom.Http.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Headroom.Http;

/// <summary>Compressed responses, and compressed requests that are read (RFC 9110 §8.4, §12.5.3). See docs/compression.md.</summary>
public static class CompressionExtensions
{
    /// <summary>Registers what compression needs. Calling it again only adds <paramref name="configure"/>. Wrong options stop the application at start-up, all of them in one message.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes to what the section <c>Headroom:Compression</c> says.</param>
    public static IServiceCollection AddHeadroomCompression(this IServiceCollection services, Action<CompressionOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);

        services.AddMetrics();
        services.AddSectionOptions(configure);

        services.TryAddSingleton(static provider => new Compressible(provider.GetRequiredService<IOptions<CompressionOptions>>().Value));
        services.TryAddSingleton<CompressionMetrics>();
        return services;
    }

    /// <summary>
    /// Compresses responses for clients that accept br or gzip, and decodes request bodies in gzip, br and deflate unless <see cref="CompressionOptions.DecodeRequests"/> is off.
    /// <para>Place it after <c>UseRouting</c> (which a <c>WebApplication</c> does by itself), so that endpoints can be switched off, and before what makes the content.
    /// With <see cref="ConditionalRequestExtensions.UseConditionalRequests"/> either order works; before it, nothing is compressed that is dropped for a 304. See docs/compression.md.</para>
    /// </summary>
    /// <exception cref="InvalidOperationException"><see cref="AddHeadroomCompression"/> was not called.</exception>
    public static IApplicationBuilder UseHeadroomCompression(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (app.ApplicationServices.GetService<Compressible>() is null)
            throw new InvalidOperationException("Compression is not registered. Call 'builder.Services.AddHeadroomCompression()' before 'builder.Build()'.");

        if (app.ApplicationServices.GetRequiredService<IOptions<CompressionOptions>>().Value.DecodeRequests)
            app.UseMiddleware<RequestDecodingMiddleware>();
        return app.UseMiddleware<CompressionMiddleware>();
    }

    /// <summary>Switches the compression of these endpoints' responses on or off, whatever <see cref="CompressionOptions.Enabled"/> and <see cref="CompressionOptions.EnableForHttps"/> say.</summary>
    /// <param name="builder">An endpoint or a group.</param>
    /// <param name="enabled">False for answers that must not tell by their length what is in them (BREACH, docs/compression.md). What an endpoint says wins over what its group says.</param>
    public static TBuilder WithCompression<TBuilder>(this TBuilder builder, bool enabled = true)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithMetadata(new CompressionAttribute(enabled));
    }
}
