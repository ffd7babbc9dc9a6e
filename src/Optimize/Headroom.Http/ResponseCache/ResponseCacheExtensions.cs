using Headroom.Caching;
using Headroom.Http.Compression;
using Headroom.Http.Configuration;
using Headroom.Http.ResponseCache;
using Headroom.Http.ResponseCache.Answers;
using Headroom.Http.ResponseCache.Exchanges;
using Headroom.Http.ResponseCache.Origin;
using Headroom.Http.ResponseCache.Policies;
using Headroom.Http.ResponseCache.Purging;
using Headroom.Http.ResponseCache.Revalidation;
using Headroom.Http.ResponseCache.Stored;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Headroom.Http;

/// <summary>A shared HTTP cache (RFC 9111) in the application. See docs/response-cache.md.</summary>
public static class ResponseCacheExtensions
{
    /// <summary>
    /// Registers what <see cref="UseHeadroomResponseCache"/> needs, Headroom.Caching among it, whose cache named <c>response</c> holds the responses; a distributed tier is used if there is one. Calling it again only adds
    /// <paramref name="configure"/>. Wrong options stop the application at start-up, all of them in one message.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes to what the section <c>Headroom:ResponseCache</c> says.</param>
    public static IServiceCollection AddHeadroomResponseCache(this IServiceCollection services, Action<ResponseCacheOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);

        services.AddSectionOptions(configure);

        services.AddHeadroomCompression();
        services.AddHeadroomCaching();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<CachingOptions>, CacheSettings>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<CacheItemSerializer>();
        services.TryAddSingleton<IHybridCacheSerializer<CacheItem>>(static provider => provider.GetRequiredService<CacheItemSerializer>());
        services.TryAddSingleton<IHybridCacheSerializer<PurgeList>>(static provider => provider.GetRequiredService<CacheItemSerializer>());
        services.TryAddSingleton<PurgeRules>();
        services.TryAddSingleton<ExchangeTable>();
        services.TryAddSingleton<UnsharedKeys>();
        services.TryAddSingleton<ResponseStore>();
        services.TryAddSingleton<WholeEncoder>();
        services.TryAddSingleton<EncodingImprover>();
        services.TryAddSingleton<StoredAnswer>();
        services.TryAddSingleton(static provider => new OriginResponse(provider.GetRequiredService<IOptions<ResponseCacheOptions>>().Value, provider.GetRequiredService<Compressible>(), provider.GetRequiredService<IOptions<CompressionOptions>>().Value));
        services.TryAddSingleton<BackgroundRevalidation>();
        services.TryAddSingleton<PurgeSharing>();
        services.TryAddSingleton<IResponseCache>(static provider => provider.GetRequiredService<PurgeSharing>());
        return services;
    }

    /// <summary>
    /// Answers requests from the cache and stores responses. Place it behind routing, authentication and authorization, and before conditional requests and compression, which do their work for what is not stored;
    /// <see cref="HeadroomExtensions.UseHeadroom"/> has the order right.
    /// </summary>
    /// <exception cref="InvalidOperationException">The services were not registered.</exception>
    public static IApplicationBuilder UseHeadroomResponseCache(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (app.ApplicationServices.GetService<IResponseCache>() is null)
            throw new InvalidOperationException("The response cache is used but not registered. Call 'builder.AddHeadroom()' or 'builder.Services.AddHeadroomResponseCache()' before the application is built.");
        return app.UseMiddleware<ResponseCacheMiddleware>();
    }

    /// <summary>Stores the responses of these endpoints as a policy says. What an endpoint says wins over what its group says.</summary>
    /// <param name="builder">An endpoint or a group.</param>
    /// <param name="configure">The policy; null: as the responses' own headers say.</param>
    public static TBuilder CacheResponse<TBuilder>(this TBuilder builder, Action<ResponseCachePolicyBuilder>? configure = null)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithMetadata(ResponseCacheMetadata(configure));
    }

    /// <summary>The same policy as metadata, for who makes endpoints by hand.</summary>
    /// <param name="configure">The policy; null: as the responses' own headers say.</param>
    public static object ResponseCacheMetadata(Action<ResponseCachePolicyBuilder>? configure = null)
    {
        var policy = new ResponseCachePolicyBuilder();
        configure?.Invoke(policy);
        return policy.Build();
    }

    /// <summary>Leaves these endpoints out: of their group's policy, and of what <see cref="ResponseCacheOptions.HonourCacheHeaders"/> would store.</summary>
    /// <param name="builder">An endpoint or a group.</param>
    public static TBuilder WithoutResponseCache<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.WithMetadata(ResponseCachePolicy.Off);
    }

    /// <summary>The same as metadata, for who makes endpoints by hand.</summary>
    public static object WithoutResponseCacheMetadata() => ResponseCachePolicy.Off;

    /// <summary>How the cache named <c>response</c> has to be: bounded in bytes, and lives exactly as they are given, because freshness is computed here.</summary>
    sealed class CacheSettings(IOptions<ResponseCacheOptions> options) : IPostConfigureOptions<CachingOptions>
    {
        public void PostConfigure(string? name, CachingOptions caching)
        {
            var cache = caching.Caches[ResponseCacheOptions.CacheName];
            try
            {
                cache.MaxBytes ??= options.Value.MaxBytes;
            }
            catch (OptionsValidationException)
            {
                // Told at start-up by their own validator, once.
                return;
            }

            cache.SizeOf = static value => value is CacheItem item ? item.Bytes : 1024;
            cache.ExpirationJitter = 0;
            cache.StaleWhileRevalidate = TimeSpan.Zero;
            cache.FailSafe = TimeSpan.Zero;
            cache.EagerRefresh = null;
            cache.SlidingExpiration = null;
        }
    }
}
