using System.Security.Cryptography;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Headroom.Http.Background;
using Headroom.Http.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Headroom.Http;

/// <summary>Work behind the response: queues in memory, and durable ones in a database. See docs/background-work.md.</summary>
public static partial class BackgroundExtensions
{
    /// <summary>
    /// Adds a queue in memory, a keyed <see cref="IBackgroundQueue"/>, whose workers run with the application. Calling it again with the same name only adds <paramref name="configure"/>. Wrong options stop the application at
    /// start-up, all of them in one message.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="name">The queue's name, also in the configuration and the metrics: 1 to 64 letters, digits, dots, hyphens and underscores.</param>
    /// <param name="configure">Changes to what the section <c>Headroom:Background:NAME</c> says.</param>
    /// <exception cref="ArgumentException">The name is something else, a durable queue's, or differs from another's in letter case only.</exception>
    public static IServiceCollection AddHeadroomBackgroundQueue(this IServiceCollection services, string name, Action<BackgroundQueueOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);

        AddOptions(services, name, configure, static options => options.BindingErrors, static (options, section) => options.Errors(section));
        if (FindQueue(services, name) is { } earlier)
        {
            if (earlier.Item is not null || earlier.Name != name)
                throw new ArgumentException($"There is a queue '{earlier.Name}' already; give this one another name.", nameof(name));
            return services;
        }

        services.AddKeyedSingleton<IBackgroundQueue>(name, static (provider, key) => new BackgroundQueue(
            (string)key!,
            provider.GetRequiredService<IOptionsMonitor<BackgroundQueueOptions>>().Get((string)key!),
            provider.GetRequiredService<IServiceScopeFactory>(),
            provider.GetRequiredService<BackgroundMetrics>(),
            provider.GetRequiredService<ILogger<IBackgroundQueue>>(),
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            NewRandom()));
        services.AddSingleton(new QueueRegistration(name, Item: null, provider => (IDrainable)provider.GetRequiredKeyedService<IBackgroundQueue>(name)));
        return services;
    }

    /// <summary>
    /// Adds a durable queue, an <see cref="IDurableQueue{T}"/>, whose workers run with the application. It keeps its items in the <see cref="IDurableWorkStore"/> that is registered, one keyed by the queue's name before others. Wrong
    /// options stop the application at start-up, all of them in one message.
    /// </summary>
    /// <typeparam name="T">What an item says; each durable queue has a type of its own.</typeparam>
    /// <typeparam name="THandler">What does the items; from the item's scope, registered there or not.</typeparam>
    /// <param name="services">The application's services.</param>
    /// <param name="name">As for <see cref="AddHeadroomBackgroundQueue"/>; also what the store tells queues apart by, so never change it while there are items.</param>
    /// <param name="json">How items are kept; from a <c>JsonSerializerContext</c>, or <c>options.GetTypeInfo</c>.</param>
    /// <param name="configure">Changes to what the section <c>Headroom:Background:NAME</c> says.</param>
    /// <exception cref="ArgumentException">The name is something else or another queue's, or the type has a queue already.</exception>
    public static IServiceCollection AddHeadroomDurableQueue<T, THandler>(
        this IServiceCollection services, string name, JsonTypeInfo<T> json, Action<DurableQueueOptions>? configure = null)
        where THandler : class, IDurableWorkHandler<T>
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(json);

        AddOptions(services, name, configure, static options => options.BindingErrors, static (options, section) => options.Errors(section));
        if (FindQueue(services, name) is not null)
            throw new ArgumentException($"There is a queue '{name}' already; give this one another name.", nameof(name));
        if (services.Any(static service => service.ServiceType == typeof(IDurableQueue<T>)))
            throw new ArgumentException($"{typeof(T)} has a durable queue already; give '{name}' a type of its own, by which callers take it.", nameof(name));

        services.AddSingleton<IDurableQueue<T>>(provider => new DurableQueue<T, THandler>(
            name,
            provider.GetRequiredService<IOptionsMonitor<DurableQueueOptions>>().Get(name),
            StoreOf(provider, name),
            json,
            provider.GetRequiredService<IServiceScopeFactory>(),
            provider.GetRequiredService<BackgroundMetrics>(),
            provider.GetRequiredService<ILogger<IDurableWorkStore>>(),
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            NewRandom()));
        services.AddSingleton(new QueueRegistration(name, typeof(T), static provider => (IDrainable)provider.GetRequiredService<IDurableQueue<T>>()));
        return services;
    }

    static void AddOptions<TOptions>(
        IServiceCollection services, string name, Action<TOptions>? configure, Func<TOptions, List<string>> bindingErrors, Func<TOptions, string, IEnumerable<string>> errors)
        where TOptions : class
    {
        if (name is null || !QueueName().IsMatch(name))
            throw new ArgumentException($"The name of a queue is '{name}'; write 1 to 64 letters, digits, dots, hyphens and underscores.", nameof(name));

        services.AddMetrics();
        services.AddLogging();
        services.TryAddSingleton<BackgroundMetrics>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, BackgroundRunner>());
        var section = $"{BackgroundQueueOptions.SectionName}:{name}";
        var options = services.AddOptions<TOptions>(name).ValidateOnStart();
        if (FindQueue(services, name) is null)
        {
            services.AddSingleton<IConfigureOptions<TOptions>>(provider => new ConfigureNamedOptions<TOptions>(name, bound =>
            {
                if (provider.GetService<IConfiguration>() is { } configuration)
                    OptionsSection.Bind(configuration.GetSection(section), bound, bindingErrors(bound));
            }));
            services.AddSingleton<IValidateOptions<TOptions>>(new Validator<TOptions>(name, checkedOptions => [.. bindingErrors(checkedOptions), .. errors(checkedOptions, section)]));
        }

        if (configure is not null)
            options.Configure(configure);
    }

    static QueueRegistration? FindQueue(IServiceCollection services, string name) => services
        .Select(static service => service.IsKeyedService ? null : service.ImplementationInstance as QueueRegistration)
        .FirstOrDefault(registration => string.Equals(registration?.Name, name, StringComparison.OrdinalIgnoreCase));

    static IDurableWorkStore StoreOf(IServiceProvider provider, string name) =>
        provider.GetKeyedService<IDurableWorkStore>(name) ?? provider.GetService<IDurableWorkStore>() ?? throw new InvalidOperationException(
            $"The durable queue '{name}' has no store: register one, for example services.AddSingleton<IDurableWorkStore>(new {nameof(DbDurableWorkStore)}(dataSource, {nameof(DurableWorkDatabase)}.{nameof(DurableWorkDatabase.PostgreSql)})).");

    static Random NewRandom() => new(RandomNumberGenerator.GetInt32(int.MaxValue));

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex QueueName();

    sealed class Validator<TOptions>(string name, Func<TOptions, List<string>> errors) : IValidateOptions<TOptions>
        where TOptions : class
    {
        public ValidateOptionsResult Validate(string? validated, TOptions options)
        {
            if (validated != name)
                return ValidateOptionsResult.Skip;
            var found = errors(options);
            return found.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(found);
        }
    }
}
