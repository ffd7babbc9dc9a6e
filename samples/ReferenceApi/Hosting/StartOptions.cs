using System.Globalization;
using ReferenceApi.Data.DataSets;

namespace ReferenceApi.Hosting;

/// <summary>What the command line asks for. Options with a colon in their name are configuration and go to it unread.</summary>
internal sealed record StartOptions
{
    public const string Usage =
        """
        Usage: ReferenceApi [--plain | --framework | --tuned] [options]

          --plain              every feature off: honest ordinary code
          --framework          every feature on, made by ASP.NET Core's own output cache and response compression
          --tuned              every feature on; without either, appsettings.json decides (all on)
          --dataset NAME       small (default; 20,000 users) or large (1,000,000 users)
          --data DIR           folder for the data sets; default: headroom/reference-api in the user's local application data
          --seed N             seed of the data set; default 20250101
          --urls URL           address to listen on, port 0 for a free one; default http://127.0.0.1:5080
          --parent-pid N       stop when the process N has gone
          --help               this text
          --SECTION:KEY=VALUE  any configuration, for example --Headroom:Features:Compression=true
                               or --ConnectionStrings:Database='Host=127.0.0.1;Database=reference'

        Environment variables set the same with two underscores for a colon: Headroom__Features__Compression=false.
        The command line overrides them, they override --plain, --framework and --tuned, and those override appsettings.json.
        """;

    private static readonly string[] Switches = ["--plain", "--framework", "--tuned", "--help"];
    private static readonly string[] ValueOptions = ["--dataset", "--data", "--seed", "--urls", "--parent-pid"];

    /// <summary><c>--plain</c>, <c>--framework</c> or <c>--tuned</c>; null for none of them.</summary>
    public string? Preset { get; private init; }

    /// <summary>True for <c>--framework</c> and <c>--tuned</c>, false for <c>--plain</c>, null for none of them.</summary>
    public bool? AllFeatures => Preset is null ? null : Preset != "--plain";

    public HttpParts Parts => Preset == "--framework" ? HttpParts.Framework : HttpParts.Headroom;

    public bool Help { get; private init; }

    public string DataSet { get; private init; } = "small";

    public ulong Seed { get; private init; } = DataSetSpecification.DefaultSeed;

    public string? DataFolder { get; private init; }

    public int? ParentProcessId { get; private init; }

    /// <summary>Arguments for the configuration, each <c>--KEY=VALUE</c>.</summary>
    public IReadOnlyList<string> Configuration { get; private init; } = [];

    /// <summary>Reads the command line; throws with all mistakes at once.</summary>
    public static StartOptions Parse(IReadOnlyList<string> arguments)
    {
        var mistakes = new List<string>();
        var options = new StartOptions();
        var configuration = new List<string>();
        for (var index = 0; index < arguments.Count; index++)
        {
            var (name, value) = Split(arguments[index]);
            if (Switches.Contains(name))
            {
                if (value is not null)
                    mistakes.Add($"{name} takes no value, but has '{value}'.");

                options = options.WithSwitch(name, mistakes);
                continue;
            }

            var isConfiguration = name.StartsWith("--", StringComparison.Ordinal) && name.Contains(':', StringComparison.Ordinal);
            if (!isConfiguration && !ValueOptions.Contains(name))
            {
                mistakes.Add($"'{arguments[index]}' is not an option.{Suggestion(name)}");
                continue;
            }

            if (value is null)
            {
                if (index + 1 == arguments.Count || arguments[index + 1].StartsWith("--", StringComparison.Ordinal))
                {
                    mistakes.Add($"{name} needs a value.");
                    continue;
                }

                value = arguments[++index];
            }

            if (isConfiguration || name == "--urls")
                configuration.Add($"{name}={value}");
            else
                options = options.WithValue(name, value, mistakes);
        }

        if (mistakes.Count > 0)
            throw new StartupException(string.Join(Environment.NewLine, mistakes) + Environment.NewLine + "--help lists the options.", exitCode: ExitCode.Usage);

        return options with { Configuration = configuration };
    }

    private StartOptions WithSwitch(string name, List<string> mistakes)
    {
        if (name == "--help")
            return this with { Help = true };

        if (Preset is not null && Preset != name)
            mistakes.Add($"{Preset} and {name} exclude each other: give one, and switch single features with --Headroom:Features:NAME=true or false.");

        return this with { Preset = name };
    }

    private StartOptions WithValue(string name, string value, List<string> mistakes)
    {
        switch (name)
        {
            case "--dataset" when DataSetSpecification.Names.Contains(value, StringComparer.OrdinalIgnoreCase):
                return this with { DataSet = value.ToLowerInvariant() };
            case "--data" when value.Length > 0:
                return this with { DataFolder = value };
            case "--seed" when ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seed):
                return this with { Seed = seed };
            case "--parent-pid" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0:
                return this with { ParentProcessId = id };
            default:
                mistakes.Add($"{name} is '{value}'; {Expected(name)}.");
                return this;
        }
    }

    private static string Expected(string name) => name switch
    {
        "--dataset" => $"write one of {string.Join(", ", DataSetSpecification.Names)}",
        "--data" => "write the path of a folder",
        "--seed" => "write a whole number from 0 to 18446744073709551615",
        _ => "write the number of a process, 1 or more",
    };

    private static (string Name, string? Value) Split(string argument)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (argument, null) : (argument[..equals], argument[(equals + 1)..]);
    }

    /// <summary>The option that the mistyped one begins like, where there is one.</summary>
    private static string Suggestion(string name)
    {
        var known = Switches.Concat(ValueOptions).OrderByDescending(option => SharedStart(option, name)).First();
        return SharedStart(known, name) >= 4 ? $" Did you mean {known}?" : "";
    }

    private static int SharedStart(string left, string right) =>
        left.Zip(right).TakeWhile(pair => char.ToLowerInvariant(pair.First) == char.ToLowerInvariant(pair.Second)).Count();
}
