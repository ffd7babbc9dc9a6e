using Microsoft.Extensions.DependencyInjection;
using Headroom.Caching.Tiered;
using Headroom.Telemetry;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Headroom.Caching;

/// <summary>Turns the cache on.</summary>
public static class CachingServiceCollectionExtensions
{
    /// <summary>
    /// Registers the cache as <see cref="HybridCache"/> and <see cref="IHeadroomCache"/>; further ones by their names as keyed services (<c>[FromKeyedServices("auth")] HybridCache</c>). An
    /// <c>IDistributedCache</c> that is registered becomes the second tier. Calling it again only adds <paramref name="configure"/>. Wrong options stop the application at start-up, all of them in one message.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes to what the section <c>Headroom:Caching</c> says.</param>
    public static IServiceCollection AddHeadroomCaching(this IServiceCollection services, Action<CachingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);

        services.AddMetrics();
        var options = services.AddOptions<CachingOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<CachingOptions>, CachingOptionsBinder>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<CachingOptions>, CachingOptionsValidator>());
        if (configure is not null)
            options.Configure(configure);

        services.TryAddSingleton<CacheMetrics>();
        services.TryAddSingleton<CacheInstruments>();
        services.TryAddSingleton<CacheRegistry>();

        // Whoever registered another HybridCache before wanted this one by calling this.
        services.Replace(ServiceDescriptor.Singleton<HybridCache>(static provider => provider.GetRequiredService<CacheRegistry>().Get(CachingOptions.DefaultCache)));
        services.TryAddSingleton<IHeadroomCache>(static provider => provider.GetRequiredService<CacheRegistry>().Get(CachingOptions.DefaultCache));
        services.TryAddKeyedSingleton<HybridCache>(KeyedService.AnyKey, static (provider, name) => provider.GetRequiredService<CacheRegistry>().Get((string)name!));
        services.TryAddKeyedSingleton<IHeadroomCache>(KeyedService.AnyKey, static (provider, name) => provider.GetRequiredService<CacheRegistry>().Get((string)name!));
        return services;
    }
}
