using System.Collections;
using System.ComponentModel;
using System.Globalization;
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
        var settings = options.GetType().GetProperties().Where(IsSetting).ToList();
        foreach (var child in section.GetChildren())
        {
            var property = settings.Find(setting => setting.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
                errors.Add($"'{child.Path}' is not a setting; the settings are {string.Join(", ", settings.Select(setting => setting.Name))}.");
            else if (property.PropertyType == typeof(IList<string>))
                SetList(child, (IList)property.GetValue(options)!, errors);
            else if (property.GetValue(options) is IDictionary named)
                SetNamed(child, named, property.PropertyType.GenericTypeArguments[1], errors);
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

    // What is there under a name is changed, what is not is made: code that ran before may have named some.
    static void SetNamed(IConfigurationSection section, IDictionary named, Type type, List<string> errors)
    {
        if (!string.IsNullOrEmpty(section.Value))
            errors.Add($"'{section.Path}' is the text '{section.Value}'; write names and what each of them is.");

        foreach (var child in section.GetChildren())
        {
            if (TypeDescriptor.GetConverter(type).CanConvertFrom(typeof(string)))
            {
                if (TryConvert(child, type, errors, out var value))
                    named[child.Key] = value;
                continue;
            }

            if (!string.IsNullOrEmpty(child.Value))
                errors.Add($"'{child.Path}' is the text '{child.Value}'; write its settings, each by its name.");
            named[child.Key] ??= Activator.CreateInstance(type);
            Bind(child, named[child.Key]!, errors);
        }
    }

    static void Set(IConfigurationSection section, PropertyInfo property, object options, List<string> errors)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType);
        if (string.IsNullOrEmpty(section.Value) && type is not null)
            property.SetValue(options, null);
        else if (TryConvert(section, type ?? property.PropertyType, errors, out var value))
            property.SetValue(options, value);
    }

    static bool TryConvert(IConfigurationSection section, Type type, List<string> errors, out object? value)
    {
        value = null;
        var written = section.Value ?? "";
        if (type == typeof(TimeSpan) && DaysInstead(written) is { } days)
        {
            errors.Add(FormattableString.Invariant($"'{section.Path}' is '{written}', which would be {days} days; write a time as hours:minutes:seconds or days.hours:minutes:seconds, for example 00:05:00 or 1.00:00:00."));
            return false;
        }

        // The framework's converter takes any number for a name, also of one that there is not, and several names where only one has a meaning.
        if (type.IsEnum && !IsNamed(type, written))
        {
            errors.Add($"'{section.Path}' is '{written}'; write {Example(type)}.");
            return false;
        }

        try
        {
            value = TypeDescriptor.GetConverter(type).ConvertFromInvariantString(written);
            return true;
        }
        catch (Exception unreadable) when (unreadable is FormatException or OverflowException or ArgumentException or NotSupportedException)
        {
            errors.Add($"'{section.Path}' is '{written}'; write {Example(type)}.");
            return false;
        }
    }

    /// <summary>.NET reads "300" as days, and so the hours of "24:00:00", which who wrote them never meant: how many days it would be, or null where nothing can be misread.</summary>
    static int? DaysInstead(string written)
    {
        var hours = written.Split(':')[0];
        if (!int.TryParse(hours, NumberStyles.Integer, CultureInfo.InvariantCulture, out var count))
            return null;
        var isMisread = hours.Length == written.Length ? count != 0 : count is > 23 or < -23;
        return isMisread ? count : null;
    }

    static bool IsNamed(Type type, string written)
    {
        var names = written.Split(',', StringSplitOptions.TrimEntries);
        return (names.Length == 1 || IsSeveral(type)) && names.All(name => Enum.GetNames(type).Contains(name, StringComparer.OrdinalIgnoreCase));
    }

    static bool IsSeveral(Type type) => type.IsDefined(typeof(FlagsAttribute), inherit: false);

    // Code alone can say what is a delegate.
    static bool IsSetting(PropertyInfo property) =>
        (property.CanWrite && !typeof(Delegate).IsAssignableFrom(property.PropertyType)) || property.PropertyType == typeof(IList<string>)
        || (property.PropertyType.IsGenericType && property.PropertyType.GetGenericTypeDefinition() == typeof(IDictionary<,>));

    static string Example(Type type)
    {
        if (type == typeof(TimeSpan))
            return "a time as hours:minutes:seconds, for example 00:01:30";
        if (type == typeof(bool))
            return "true or false";
        if (type.IsEnum)
            return $"{(IsSeveral(type) ? "one or more" : "one")} of {string.Join(", ", Enum.GetNames(type))}";
        return type == typeof(int) || type == typeof(long) ? "a whole number" : type == typeof(string) ? "a text" : "a number";
    }
}
