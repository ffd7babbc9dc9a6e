using Headroom.Gateway.CommandLine;

namespace Headroom.Gateway.Configuration;

/// <summary>Makes the settings from the command line and, where it names one, gateway.yaml.</summary>
internal static class SettingsSource
{
    private const long FileBytesMax = 4 << 20;

    /// <param name="arguments">The command line.</param>
    /// <param name="mistakes">Receives every mistake, each a sentence.</param>
    /// <returns>Null when there is a mistake.</returns>
    public static GatewaySettings? Read(GatewayArguments arguments, List<string> mistakes)
    {
        var given = ReadAddresses(arguments, mistakes);
        var settings = arguments.ConfigFile is { } file ? ReadFile(file, given, mistakes) : WithoutFile(given, arguments, mistakes);
        return mistakes.Count == 0 ? settings : null;
    }

    private static CommandLineAddresses ReadAddresses(GatewayArguments arguments, List<string> mistakes)
    {
        var listen = new List<ListenSettings>();
        foreach (var text in arguments.Listen)
        {
            if (GatewayAddress.TryParseListen(text, protocols: null, certificate: null, out var address, out var mistake))
                listen.Add(address!);
            else
                mistakes.Add($"--listen: {mistake}");
        }

        var upstreams = new List<string>();
        foreach (var text in arguments.Upstreams)
        {
            if (GatewayAddress.TryParseUpstream(text, out var address, out var mistake))
                upstreams.Add(address!);
            else
                mistakes.Add($"--upstream: {mistake}");
        }

        return new CommandLineAddresses(listen, upstreams);
    }

    private static GatewaySettings? ReadFile(string file, CommandLineAddresses given, List<string> mistakes)
    {
        string text;
        try
        {
            if (Directory.Exists(file))
            {
                mistakes.Add($"{file} is a directory; write the path of a file, such as {Path.Combine(file, "gateway.yaml")}");
                return null;
            }

            if (new FileInfo(file).Length > FileBytesMax)
            {
                mistakes.Add($"{file} is larger than {FileBytesMax} bytes; a gateway.yaml is not");
                return null;
            }

            text = File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            mistakes.Add($"{file}: {e.Message}");
            return null;
        }

        var problems = new SettingsProblems(file);
        var settings = GatewayFile.Read(text, given, problems);
        mistakes.AddRange(problems.InOrder());
        return settings;
    }

    private static GatewaySettings WithoutFile(CommandLineAddresses given, GatewayArguments arguments, List<string> mistakes)
    {
        if (arguments.Upstreams.Count == 0)
            mistakes.Add("--upstream is missing: the address of the API, for example --upstream http://127.0.0.1:3000 (or --config gateway.yaml)");
        return new GatewaySettings
        {
            Listen = given.Listen.Count > 0 ? given.Listen : [ListenSettings.Default],
            Routes = [(RouteTemplate.Default with { Upstreams = given.Upstreams }).ToRoute("/", [])],
        };
    }
}
