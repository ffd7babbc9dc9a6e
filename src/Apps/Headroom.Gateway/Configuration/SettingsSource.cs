using Headroom.Gateway.CommandLine;
using Headroom.Gateway.Forwarding;
using Headroom.Gateway.Upstreams;

namespace Headroom.Gateway.Configuration;

/// <summary>Makes the settings from the command line and, where it names one, gateway.yaml.</summary>
internal static class SettingsSource
{
    /// <param name="arguments">The command line.</param>
    /// <param name="mistakes">Receives every mistake, each a sentence.</param>
    /// <returns>Null when there is a mistake.</returns>
    public static GatewaySettings? Read(GatewayArguments arguments, List<string> mistakes)
    {
        var listen = new List<ListenSettings>();
        foreach (var text in arguments.Listen.Count == 0 ? [ListenSettings.DefaultUrl] : arguments.Listen)
        {
            if (GatewayAddress.TryParseListen(text, protocols: null, certificate: null, out var address, out var mistake))
                listen.Add(address!);
            else
                mistakes.Add($"--listen: {mistake}");
        }

        var upstreams = new List<UpstreamSettings>();
        foreach (var text in arguments.Upstreams)
        {
            if (GatewayAddress.TryParseUpstream(text, out var address, out var mistake))
                upstreams.Add(UpstreamSettings.Default(address!));
            else
                mistakes.Add($"--upstream: {mistake}");
        }

        if (arguments.Upstreams.Count == 0)
            mistakes.Add("--upstream is missing: the address of the API, for example --upstream http://127.0.0.1:3000");
        return mistakes.Count > 0 ? null : new GatewaySettings { Listen = listen, Routes = [new RouteSettings("/", [], upstreams, new ForwardOptions())] };
    }
}
