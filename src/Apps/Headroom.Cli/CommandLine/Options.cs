using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Headroom.Load;
using Headroom.Load.Plans;
using Headroom.Measurements;

namespace Headroom.Cli.CommandLine;

/// <summary>Options whose values have units or bounds; a value out of form says what is allowed.</summary>
internal static class Options
{
    public static Option<TimeSpan?> Duration(string name, string description, TimeSpan min, TimeSpan max) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result => Parse<TimeSpan?>(result, text =>
            Quantity.TryParseDuration(text, out var value) && value >= min && value <= max ? value : null,
            $"a time with its unit from {Show(min)} to {Show(max)}, such as 250ms, 10s or 1m30s"),
    };

    /// <summary>A file or folder; an empty one (an unset variable in a script) is a mistake to be told, not a crash.</summary>
    public static Option<string?> Path(string name, string helpName, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = helpName };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && string.IsNullOrWhiteSpace(result.Tokens[^1].Value))
                result.AddError($"{name} is empty; write a path");
        });
        return option;
    }

    /// <summary>A path at the target, <c>/health</c>; or the word that asks for nothing, where one is allowed.</summary>
    public static Option<string?> PathAtTarget(string name, string description, string? none = null)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "PATH" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.Tokens[^1].Value is var given && !given.StartsWith('/') && given != none)
                result.AddError($"{name} is '{given}'; write a path that begins with /, such as /health{(none is null ? "" : $", or {none}")}");
        });
        return option;
    }

    public static Option<int?> Whole(string name, string description, int min, int max) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result => Parse<int?>(result, text =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max ? value : null,
            $"a whole number from {min} to {max}"),
    };

    public static Option<double?> Number(string name, string helpName, string description, double min, double max) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result => Parse<double?>(result, text =>
            double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max ? value : null,
            string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}")),
    };

    public static Option<double?> Rate(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "RATE",
        CustomParser = result => Parse<double?>(result, text =>
            Quantity.TryParseRate(text, out var value) && value <= LoadLimits.RateMax ? value : null,
            "arrivals per second above 0 and at most 10000000, such as 1000/s (or /m, /h)"),
    };

    /// <summary>A share written in percent, as a fraction.</summary>
    public static Option<double?> Percent(string name, string description, double min, double max) => new(name)
    {
        Description = description,
        HelpName = "PERCENT",
        CustomParser = result => Parse<double?>(result, text =>
            text.EndsWith('%') && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
                && percent / 100 >= min && percent / 100 <= max ? percent / 100 : null,
            string.Create(CultureInfo.InvariantCulture, $"a share in percent from {100 * min:0.##}% to {100 * max:0.##}%, such as 5%")),
    };

    public static Option<string[]> Many(string name, string helpName, string description, Func<string, string?> check) => new(name)
    {
        Description = description,
        HelpName = helpName,
        AllowMultipleArgumentsPerToken = false,
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result =>
        {
            var values = result.Tokens.Select(token => token.Value).ToArray();
            foreach (var problem in values.Select(check).OfType<string>())
                result.AddError(problem);
            return values;
        },
    };

    private static T? Parse<T>(ArgumentResult result, Func<string, T?> parse, string allowed)
    {
        var text = result.Tokens[^1].Value;
        if (parse(text) is { } value)
            return value;
        result.AddError($"{(result.Parent as OptionResult)?.Option.Name} is '{text}'; allowed: {allowed}");
        return default;
    }

    private static string Show(TimeSpan time) =>
        time.TotalSeconds < 1 && time > TimeSpan.Zero ? $"{time.TotalMilliseconds:0}ms"
        : time.TotalHours >= 24 ? $"{time.TotalDays:0}d"
        : time.TotalSeconds >= 3600 ? $"{time.TotalHours:0}h"
        : $"{time.TotalSeconds:0}s";
}
