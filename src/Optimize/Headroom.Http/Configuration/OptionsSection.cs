using System.Collections;
using System.ComponentModel;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Headroom.Http.Configuration;

/// <summary>
/// Reads a section into an options object and tells every value that cannot be read and every unknown setting at once, where the framework's binder stops at
/// the first, ignores the others, and appends to lists that have a default.
/// </summary>
internal static class OptionsSection
{
    public static void Bind(IConfigurationSection section, object options, List<string> errors)
    {
        var settings = options.GetType().GetProperties().Where(property => property.CanWrite || property.PropertyType == typeof(IList<string>)).ToList();
        foreach (var child in section.GetChildren())
        {
            var property = settings.Find(setting => setting.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
                errors.Add($"'{child.Path}' is not a setting; the settings are {string.Join(", ", settings.Select(setting => setting.Name))}.");
            else if (property.PropertyType == typeof(IList<string>))
                SetList(child, (IList)property.GetValue(options)!, errors);
            else
                Set(child, property, options, errors);
        }
    }

    static void SetList(IConfigurationSection section, IList list, List<string> errors)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            errors.Add($"'{section.Path}' is the text '{section.Value}'; write a list, for example [ \"{section.Value}\" ].");
            return;
        }

        list.Clear();
        foreach (var item in section.GetChildren())
            list.Add(item.Value ?? "");
    }

    static void Set(IConfigurationSection section, PropertyInfo property, object options, List<string> errors)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType);
        if (string.IsNullOrEmpty(section.Value) && type is not null)
        {
            property.SetValue(options, null);
            return;
        }

        type ??= property.PropertyType;
        try
        {
            property.SetValue(options, TypeDescriptor.GetConverter(type).ConvertFromInvariantString(section.Value ?? ""));
        }
        catch (Exception unreadable) when (unreadable is FormatException or ArgumentException or NotSupportedException)
        {
            errors.Add($"'{section.Path}' is '{section.Value}'; write {Example(type)}.");
        }
    }

    static string Example(Type type)
    {
        if (type == typeof(TimeSpan))
            return "a time as hours:minutes:seconds, for example 00:01:30";
        if (type == typeof(bool))
            return "true or false";
        if (type.IsEnum)
            return $"one of {string.Join(", ", Enum.GetNames(type))}";
        return type == typeof(int) || type == typeof(long) ? "a whole number" : type == typeof(string) ? "a text" : "a number";
    }
}
