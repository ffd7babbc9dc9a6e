using Headroom.Http.Compression;
using Headroom.Http.Configuration;
using Microsoft.Extensions.Configuration;
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
        var options = services.AddOptions<CompressionOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<CompressionOptions>, Binder>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<CompressionOptions>, Validator>());
        if (configure is not null)
            options.Configure(configure);

        services.TryAddSingleton(static provider => new Compressible(provider.GetRequiredService<IOptions<CompressionOptions>>().Value));
        return services;
    }

    sealed class Binder(IConfiguration? configuration = null) : IConfigureOptions<CompressionOptions>
    {
        public void Configure(CompressionOptions options)
        {
            if (configuration is not null)
                OptionsSection.Bind(configuration.GetSection(CompressionOptions.SectionName), options, options.BindingErrors);
        }
    }

    sealed class Validator : IValidateOptions<CompressionOptions>
    {
        public ValidateOptionsResult Validate(string? name, CompressionOptions options)
        {
            List<string> errors = [.. options.BindingErrors, .. options.Errors()];
            return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
        }
    }
}
