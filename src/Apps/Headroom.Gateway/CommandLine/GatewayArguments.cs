using Headroom.Measurements;

namespace Headroom.Gateway.CommandLine;

/// <summary>What the command line says.</summary>
internal sealed record GatewayArguments
{
    public const string Usage =
        """
        Usage: headroom gateway --upstream URL [--listen URL] [--config FILE]

        Puts Headroom's response cache and compression in front of any HTTP API.

          --upstream URL   address of the API, for example http://127.0.0.1:3000; several times for several servers
          --listen URL     address to listen on, port 0 for a free one; default http://127.0.0.1:8080; several times for several addresses
          --config FILE    gateway.yaml: routes, caching, health checks, limits, TLS (docs/gateway.md). --upstream and --listen take the place of
                           its top-level 'upstreams' and 'listen'
          --check          reads the configuration, tells every mistake with its line, and ends: exit code 0 or 2
          --help           this text

        SIGHUP, and a change of the file, load it again. SIGTERM and Ctrl-C let requests finish; a second one ends at once.
        """;

    private static readonly string[] Known = ["--upstream", "--listen", "--config", "--check", "--help"];

    public IReadOnlyList<string> Upstreams { get; init; } = [];

    public IReadOnlyList<string> Listen { get; init; } = [];

    public string? ConfigFile { get; init; }

    public bool Check { get; init; }

    public bool Help { get; init; }

    /// <param name="arguments">Words of the command line; <c>--name value</c> and <c>--name=value</c> are the same.</param>
    /// <param name="mistakes">Receives every mistake, each a sentence.</param>
    public static GatewayArguments Parse(IReadOnlyList<string> arguments, List<string> mistakes)
    {
        var upstreams = new List<string>();
        var listen = new List<string>();
        var parsed = new GatewayArguments { Upstreams = upstreams, Listen = listen };
        for (var index = 0; index < arguments.Count; index++)
        {
            var (name, value) = Split(arguments[index]);
            if (name is "--help" or "-h" or "-?")
            {
                parsed = parsed with { Help = true };
                continue;
            }

            if (name is "--check")
            {
                parsed = parsed with { Check = true };
                continue;
            }

            if (!Known.Contains(name, StringComparer.Ordinal))
            {
                mistakes.Add(name.StartsWith('-') ? $"unknown option '{name}'{NearestName.Hint(name, Known)}" : $"'{name}' is one word too many; 'headroom gateway' takes options only");
                continue;
            }

            if (value is null && (index + 1 == arguments.Count || arguments[index + 1].StartsWith("--", StringComparison.Ordinal)))
            {
                mistakes.Add($"{name} needs a value");
                continue;
            }

            value ??= arguments[++index];
            switch (name)
            {
                case "--upstream":
                    upstreams.Add(value);
                    break;
                case "--listen":
                    listen.Add(value);
                    break;
                case var _ when string.IsNullOrWhiteSpace(value):
                    mistakes.Add("--config is empty; write a path");
                    break;
                case var _ when parsed.ConfigFile is not null:
                    mistakes.Add($"--config is given twice: '{parsed.ConfigFile}' and '{value}'; write one");
                    break;
                default:
                    parsed = parsed with { ConfigFile = value };
                    break;
            }
        }

        return parsed;
    }

    private static (string Name, string? Value) Split(string argument)
    {
        var equals = argument.StartsWith("--", StringComparison.Ordinal) ? argument.IndexOf('=', StringComparison.Ordinal) : -1;
        return equals < 0 ? (argument, null) : (argument[..equals], argument[(equals + 1)..]);
    }
}
