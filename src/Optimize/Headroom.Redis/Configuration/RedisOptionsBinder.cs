using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Headroom.Redis.Configuration;

/// <summary>What code gave instead of configuration.</summary>
internal sealed class RedisConnectionStringOptions
{
    public string? ConnectionString { get; set; }
}

/// <summary>Reads the connection string, from code or configuration, into the options; what is wrong with it is told by <see cref="RedisOptionsValidator"/>.</summary>
internal sealed class RedisOptionsBinder(IOptions<RedisConnectionStringOptions> given, IServiceProvider services) : IConfigureOptions<RedisOptions>
{
    public void Configure(RedisOptions options)
    {
        var configuration = (IConfiguration?)services.GetService(typeof(IConfiguration));
        var text = given.Value.ConnectionString ?? configuration?[RedisOptions.SectionName + ":ConnectionString"] ?? configuration?.GetConnectionString("Redis");
        if (text is not null)
            options.BindingErrors.AddRange(ConnectionString.ReadInto(options, text));
        foreach (var child in configuration?.GetSection(RedisOptions.SectionName).GetChildren() ?? [])
        {
            if (!child.Key.Equals("ConnectionString", StringComparison.OrdinalIgnoreCase))
                options.BindingErrors.Add($"'{child.Path}' is not a setting; the only one is ConnectionString, which has everything: \"localhost:6379,asyncTimeout=500\".");
        }
    }
}

/// <summary>All errors at start-up, in one message.</summary>
internal sealed class RedisOptionsValidator : IValidateOptions<RedisOptions>
{
    public ValidateOptionsResult Validate(string? name, RedisOptions options)
    {
        List<string> errors = [.. options.BindingErrors, .. RedisOptionsRules.Errors(options)];
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
