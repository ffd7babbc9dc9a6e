using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Headroom.Caching;

/// <summary>Reads the options from configuration and tells every value that cannot be read and every unknown key at once, where the framework's binder stops at the first and ignores the others.</summary>
internal sealed class CachingOptionsBinder(IConfiguration? configuration = null) : IConfigureOptions<CachingOptions>
{
    public void Configure(CachingOptions options)
    {
        if (configuration is null)
            return;
        foreach (var section in configuration.GetSection(CachingOptions.SectionName).GetChildren())
        {
            if (Is(section, nameof(CachingOptions.Default)))
                Bind(section, options.Default, options.BindingErrors);
            else if (Is(section, nameof(CachingOptions.Distributed)))
                Bind(section, options.Distributed, options.BindingErrors);
            else if (Is(section, nameof(CachingOptions.Caches)))
            {
                foreach (var cache in section.GetChildren())
                {
                    if (!options.Caches.TryGetValue(cache.Key, out var policy))
                        options.Caches[cache.Key] = policy = new CacheOptions();
                    Bind(cache, policy, options.BindingErrors);
                }
            }
            else if (Is(section, nameof(CachingOptions.UseDistributed)) && bool.TryParse(section.Value, out var use))
                options.UseDistributed = use;
            else if (Is(section, nameof(CachingOptions.UseDistributed)))
                options.BindingErrors.Add($"'{section.Path}' is '{section.Value}'; write true or false.");
            else
                options.BindingErrors.Add($"'{section.Path}' is not a setting; the settings are Default, Caches, Distributed and UseDistributed.");
        }
    }

    static bool Is(IConfigurationSection section, string name) => section.Key.Equals(name, StringComparison.OrdinalIgnoreCase);

    static void Bind(IConfigurationSection section, object target, List<string> errors)
    {
        var properties = target.GetType().GetProperties().Where(property => property.CanWrite && !typeof(Delegate).IsAssignableFrom(property.PropertyType)).ToList();
        foreach (var setting in section.GetChildren())
        {
            if (properties.Find(property => Is(setting, property.Name)) is { } property)
                Set(setting, property, target, errors);
            else
                errors.Add($"'{setting.Path}' is not a setting; the settings are {string.Join(", ", properties.Select(known => known.Name))}.");
        }
    }

    static void Set(IConfigurationSection setting, PropertyInfo property, object target, List<string> errors)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType);
        if (string.IsNullOrEmpty(setting.Value) && type is not null)
        {
            property.SetValue(target, null);
            return;
        }

        type ??= property.PropertyType;
        if (type == typeof(TimeSpan) && MeantOtherwise(setting.Value ?? "") is { } meaning)
        {
            errors.Add($"'{setting.Path}' is '{setting.Value}', which would be {meaning}; write a time as hours:minutes:seconds or days.hours:minutes:seconds, for example 00:05:00 or 1.00:00:00.");
            return;
        }

        try
        {
            property.SetValue(target, TypeDescriptor.GetConverter(type).ConvertFromInvariantString(setting.Value ?? ""));
        }
        catch (Exception unreadable) when (unreadable is FormatException or OverflowException or ArgumentException or NotSupportedException)
        {
            var example = type == typeof(TimeSpan) ? "a time as hours:minutes:seconds, for example 00:01:30" : type == typeof(bool) ? "true or false" : type == typeof(string) ? "a text" : "a number";
            errors.Add($"'{setting.Path}' is '{setting.Value}'; write {example}.");
        }
    }

    /// <summary>.NET reads "300" as days, and so the hours of "24:00:00", which who wrote them never meant: how many days it would be, or null where nothing can be misread.</summary>
    static string? MeantOtherwise(string written)
    {
        var hours = written.Split(':')[0];
        if (!int.TryParse(hours, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var count))
            return null;
        var misread = hours.Length == written.Length ? count != 0 : count is > 23 or < -23;
        return misread ? $"{count} days" : null;
    }
}
