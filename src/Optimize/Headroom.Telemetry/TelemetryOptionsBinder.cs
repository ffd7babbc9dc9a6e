using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Headroom.Telemetry;

/// <summary>
/// Reads the options from configuration by hand, because the framework's binder stops at the first value that it cannot convert,
/// ignores unknown keys, and appends to lists that have a default.
/// </summary>
internal sealed class TelemetryOptionsBinder(IConfiguration configuration) : IConfigureOptions<TelemetryOptions>
{
    public void Configure(TelemetryOptions options)
    {
        foreach (var child in configuration.GetSection(TelemetryOptions.SectionName).GetChildren())
        {
            if (Is(child, nameof(TelemetryOptions.Meters)))
                BindList(child, options.Meters, "\"MyApp\", \"Npgsql\"", options.BindingErrors);
            else if (Is(child, nameof(TelemetryOptions.ExcludedInstruments)))
                BindList(child, options.ExcludedInstruments, "\"Npgsql/db.client.operation.duration\"", options.BindingErrors);
            else if (Is(child, nameof(TelemetryOptions.MaxSeriesPerInstrument)))
                options.MaxSeriesPerInstrument = ReadInteger(child, options.MaxSeriesPerInstrument, options.BindingErrors);
            else if (Is(child, nameof(TelemetryOptions.MaxLabelValueLength)))
                options.MaxLabelValueLength = ReadInteger(child, options.MaxLabelValueLength, options.BindingErrors);
            else if (Is(child, nameof(TelemetryOptions.Exemplars)))
                options.Exemplars = ReadSwitch(child, options.Exemplars, options.BindingErrors);
            else if (Is(child, nameof(TelemetryOptions.HistogramBoundaries)))
                BindBoundaries(child, options);
            else if (!BindRequests(child, options))
            {
                options.BindingErrors.Add(
                    $"'{child.Path}' is not a setting; the settings are Meters, ExcludedInstruments, MaxSeriesPerInstrument, MaxLabelValueLength, Exemplars, HistogramBoundaries, SlowRequestThreshold, ServerTiming, HealthCachedFor and DrainDelay.");
            }
        }
    }

    static bool BindRequests(IConfigurationSection child, TelemetryOptions options)
    {
        if (Is(child, nameof(TelemetryOptions.SlowRequestThreshold)))
            options.SlowRequestThreshold = string.IsNullOrEmpty(child.Value) ? null : ReadTime(child, TimeSpan.FromSeconds(1), options.BindingErrors);
        else if (Is(child, nameof(TelemetryOptions.ServerTiming)))
            options.ServerTiming = string.IsNullOrEmpty(child.Value) ? null : ReadSwitch(child, fallback: false, options.BindingErrors);
        else if (Is(child, nameof(TelemetryOptions.HealthCachedFor)))
            options.HealthCachedFor = ReadTime(child, options.HealthCachedFor, options.BindingErrors);
        else if (Is(child, nameof(TelemetryOptions.DrainDelay)))
            options.DrainDelay = ReadTime(child, options.DrainDelay, options.BindingErrors);
        else
            return false;
        return true;
    }

    static bool Is(IConfigurationSection section, string name) => section.Key.Equals(name, StringComparison.OrdinalIgnoreCase);

    static void BindList(IConfigurationSection section, IList<string> list, string example, List<string> errors)
    {
        if (!string.IsNullOrEmpty(section.Value))
        {
            errors.Add($"'{section.Path}' is the text '{section.Value}'; write a list, for example [ {example} ].");
            return;
        }

        list.Clear();
        foreach (var name in section.GetChildren())
            list.Add(name.Value ?? "");
    }

    static void BindBoundaries(IConfigurationSection section, TelemetryOptions options)
    {
        foreach (var entry in section.GetChildren())
        {
            var boundaries = new List<double>();
            foreach (var item in entry.GetChildren())
            {
                if (double.TryParse(item.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var boundary))
                    boundaries.Add(boundary);
                else
                    options.BindingErrors.Add($"'{item.Path}' is '{item.Value}'; write a number such as 0.25.");
            }

            options.HistogramBoundaries[entry.Key] = [.. boundaries];
        }
    }

    static int ReadInteger(IConfigurationSection section, int fallback, List<string> errors)
    {
        if (int.TryParse(section.Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value))
            return value;

        errors.Add($"'{section.Path}' is '{section.Value}'; write a whole number.");
        return fallback;
    }

    // "300" would be 300 days, "24:00:00" 24 days.
    static TimeSpan ReadTime(IConfigurationSection section, TimeSpan fallback, List<string> errors)
    {
        string[] forms = [@"h\:mm\:ss", @"hh\:mm\:ss", @"hh\:mm\:ss\.FFFFFFF", @"h\:mm\:ss\.FFFFFFF"];
        if (TimeSpan.TryParseExact(section.Value, forms, CultureInfo.InvariantCulture, out var value))
            return value;

        errors.Add($"'{section.Path}' is '{section.Value}'; write a time as hours:minutes:seconds, for example 00:00:01.5.");
        return fallback;
    }

    static bool ReadSwitch(IConfigurationSection section, bool fallback, List<string> errors)
    {
        if (bool.TryParse(section.Value, out var value))
            return value;

        errors.Add($"'{section.Path}' is '{section.Value}'; write true or false.");
        return fallback;
    }
}
