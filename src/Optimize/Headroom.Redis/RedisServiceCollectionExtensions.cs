using System.Diagnostics.Metrics;
using Headroom.Caching;
using Headroom.Redis.Caching;
using Headroom.Redis.Configuration;
using Headroom.Redis.DistributedCaching;
using Headroom.Redis.OutputCaching;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Redis;

/// <summary>Registers Redis with an application.</summary>
public static class RedisServiceCollectionExtensions
{
    /// <summary>
    /// Registers one <see cref="RedisClient"/> for the application, also as <see cref="IInvalidationSource"/>, and a <see cref="RedisRateLimiter"/>. It connects when first used. Calling it again only
    /// adds <paramref name="configure"/>.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="connectionString">See <see cref="RedisOptions.Parse"/>. Default: the setting <c>Headroom:Redis:ConnectionString</c>, or else the connection string <c>Redis</c>.</param>
    /// <param name="configure">Changes to what the connection string says.</param>
    public static IServiceCollection AddHeadroomRedis(this IServiceCollection services, string? connectionString = null, Action<RedisOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (connectionString is not null)
            services.Configure<RedisConnectionStringOptions>(options => options.ConnectionString = connectionString);
        services.AddOptions<RedisOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<RedisOptions>, RedisOptionsBinder>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RedisOptions>, RedisOptionsValidator>());
        if (configure is not null)
            services.Configure(configure);

        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new RedisClient(provider.GetRequiredService<IOptions<RedisOptions>>().Value, provider.GetService<ILoggerFactory>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IMeterFactory>()));
        services.TryAddSingleton<IInvalidationSource>(provider => provider.GetRequiredService<RedisClient>());
        services.TryAddSingleton(provider => new RedisRateLimiter(provider.GetRequiredService<RedisClient>()));
        return services;
    }

    /// <summary>
    /// Registers Redis as the application's <see cref="IDistributedCache"/> (and <c>IBufferDistributedCache</c>), for sessions and whatever else uses one. Reads and writes the entries of
    /// Microsoft's Redis cache. Needs <see cref="AddHeadroomRedis"/>, which it calls without arguments.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">For example an instance name.</param>
    public static IServiceCollection AddHeadroomRedisDistributedCache(this IServiceCollection services, Action<RedisDistributedCacheOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddHeadroomRedis();
        services.AddOptions<RedisDistributedCacheOptions>();
        if (configure is not null)
            services.Configure(configure);
        services.TryAddSingleton<RedisDistributedCache>();
        services.Replace(ServiceDescriptor.Singleton<IDistributedCache>(provider => provider.GetRequiredService<RedisDistributedCache>()));
        return services;
    }

    /// <summary>
    /// Registers Redis as the second tier of Headroom.Caching (<see cref="IDistributedStore"/> and <see cref="IStoreChanges"/>): entries are shared by all nodes, and a change on one is told to the others.
    /// It connects while the application starts, which waits for that for 1 s at most. Needs <see cref="AddHeadroomRedis"/>, which it calls without arguments.
    /// </summary>
    public static IServiceCollection AddHeadroomRedisStore(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddHeadroomRedis();
        services.TryAddSingleton<RedisStore>();
        services.Replace(ServiceDescriptor.Singleton<IDistributedStore>(provider => provider.GetRequiredService<RedisStore>()));
        services.Replace(ServiceDescriptor.Singleton<IStoreChanges>(provider => provider.GetRequiredService<RedisStore>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, StoreStart>());
        return services;
    }

    /// <summary>
    /// Keeps the responses of ASP.NET Core's output cache in Redis, shared by all instances of the application; call it after or before <c>AddOutputCache</c>. Needs <see cref="AddHeadroomRedis"/>, which it calls
    /// without arguments.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">For example a prefix of the keys.</param>
    public static IServiceCollection AddHeadroomRedisOutputCache(this IServiceCollection services, Action<RedisOutputCacheOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddHeadroomRedis();
        services.AddOptions<RedisOutputCacheOptions>();
        if (configure is not null)
            services.Configure(configure);
        services.RemoveAll<IOutputCacheStore>();
        services.AddSingleton<IOutputCacheStore, RedisOutputCacheStore>();
        return services;
    }
}
