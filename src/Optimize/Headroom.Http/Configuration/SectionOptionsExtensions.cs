using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Headroom.Http.Configuration;

internal static class SectionOptionsExtensions
{
    /// <summary>
    /// Options that are read from their section, then changed by <paramref name="configure"/>, and checked at start-up, where all mistakes are told in one message. Calling it again only adds <paramref name="configure"/>. Without a
    /// configuration in the services the options are their defaults.
    /// </summary>
    public static void AddSectionOptions<TOptions>(this IServiceCollection services, Action<TOptions>? configure)
        where TOptions : class, ISectionOptions
    {
        var options = services.AddOptions<TOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<TOptions>, Binder<TOptions>>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TOptions>, Validator<TOptions>>());
        if (configure is not null)
            options.Configure(configure);
    }

    sealed class Binder<TOptions>(IConfiguration? configuration = null) : IConfigureOptions<TOptions>
        where TOptions : class, ISectionOptions
    {
        public void Configure(TOptions options)
        {
            if (configuration is not null)
                OptionsSection.Bind(configuration.GetSection(TOptions.Section), options, options.BindingErrors);
        }
    }

    sealed class Validator<TOptions> : IValidateOptions<TOptions>
        where TOptions : class, ISectionOptions
    {
        public ValidateOptionsResult Validate(string? name, TOptions options)
        {
            List<string> errors = [.. options.BindingErrors, .. options.Errors()];
            return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
        }
    }
}
