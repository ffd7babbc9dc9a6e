using System.Buffers;
using System.Net;
using Headroom.Gateway.Forwarding;
using Headroom.Gateway.Upstreams;
using YamlDotNet.RepresentationModel;

namespace Headroom.Gateway.Configuration;

/// <summary>What a route says, before it is known which: the top of the file for all, and each route for itself.</summary>
/// <param name="Upstreams">Their addresses.</param>
/// <param name="Connection">How each is connected to; its address is not used.</param>
/// <param name="Forward">How requests are passed on.</param>
/// <param name="Metadata">Policies of Headroom.Http; a route's take the place of those at the top.</param>
internal sealed record RouteTemplate(IReadOnlyList<string> Upstreams, UpstreamSettings Connection, ForwardOptions Forward, PolicyMetadata Metadata)
{
    public static readonly RouteTemplate Default = new([], UpstreamSettings.Default(""), new ForwardOptions(), new PolicyMetadata(Cache: null, Compression: null));

    public RouteSettings ToRoute(string path, IReadOnlyList<string> hosts) =>
        new(path, hosts, [.. Upstreams.Select(address => Connection with { Address = address })], Forward) { Metadata = Metadata.ToList() };
}

/// <summary>Reads the keys that the top of gateway.yaml and each route have in common; what is absent is as it was above.</summary>
internal static class RouteReader
{
    private static readonly SearchValues<char> NameLetters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:");
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static RouteTemplate Read(SettingsMap map, RouteTemplate above, SettingsProblems problems)
    {
        var timeouts = map.Map("timeouts");
        var (connection, forward) = (above.Connection, above.Forward);
        var result = new RouteTemplate(
            ReadUpstreams(map, problems) ?? above.Upstreams,
            connection with
            {
                Protocol = map.Choice("protocol", ("automatic", UpstreamProtocol.Automatic), ("http1", UpstreamProtocol.Http1), ("http2", UpstreamProtocol.Http2)) ?? connection.Protocol,
                ConnectionsMax = map.WholeNumber("connections", 1, 100_000) ?? connection.ConnectionsMax,
                QueueMax = map.WholeNumber("queue", 0, 1_000_000) ?? connection.QueueMax,
                ConnectTimeout = timeouts?.Duration("connect", Millisecond, TimeSpan.FromMinutes(5)) ?? connection.ConnectTimeout,
                VerifyCertificate = map.Flag("verifyCertificate") ?? connection.VerifyCertificate,
                Health = ReadHealth(map, connection.Health, problems),
            },
            forward with
            {
                Host = map.Choice("host", ("automatic", HostPolicy.Automatic), ("client", HostPolicy.Preserve), ("upstream", HostPolicy.Upstream)) ?? forward.Host,
                Via = ReadVia(map, forward.Via, problems),
                Origin = ReadOrigin(map, forward.Origin, problems),
                ResponseTimeout = timeouts?.Duration("response", Millisecond, Day) ?? forward.ResponseTimeout,
                IdleTimeout = timeouts?.Duration("idle", Millisecond, Day) ?? forward.IdleTimeout,
                Retries = map.WholeNumber("retries", 0, 10) ?? forward.Retries,
                MaxBodyBytes = ReadMaxBody(map, forward.MaxBodyBytes),
            },
            PolicyReader.Read(map, above.Metadata, problems));
        timeouts?.RefuseUnknown();
        return result;
    }

    private static List<string>? ReadUpstreams(SettingsMap map, SettingsProblems problems)
    {
        if (map.Texts("upstreams") is not { } texts)
            return null;
        var addresses = new List<string>();
        foreach (var (text, node) in texts)
        {
            if (!GatewayAddress.TryParseUpstream(text, out var address, out var mistake))
                problems.Add(node, mistake!);
            else if (addresses.Contains(address!, StringComparer.OrdinalIgnoreCase))
                problems.Add(node, $"'{text}' is named twice; write it once");
            else
                addresses.Add(address!);
        }

        if (addresses.Count == 0 && texts.Count == 0)
            problems.Add(map.Value("upstreams")!, "'upstreams' is empty; write at least one address, such as http://127.0.0.1:3000");
        return addresses;
    }

    private static HealthSettings ReadHealth(SettingsMap map, HealthSettings above, SettingsProblems problems)
    {
        if (map.Map("health") is not { } health)
            return above;
        var path = health.Text("path");
        if (path is not null && !path.StartsWith('/'))
            problems.Add(health.Value("path")!, $"'path' is '{path}'; write a path that begins with a slash, such as /health");
        var settings = new HealthSettings(
            path ?? above.Path,
            health.Duration("interval", TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)) ?? above.Interval,
            health.Duration("timeout", Millisecond, TimeSpan.FromMinutes(1)) ?? above.Timeout,
            health.WholeNumber("unhealthyAfter", 1, 100) ?? above.UnhealthyAfter,
            health.WholeNumber("healthyAfter", 1, 100) ?? above.HealthyAfter,
            health.WholeNumber("failures", 0, 1000) ?? above.FailuresMax,
            health.Duration("rest", TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)) ?? above.Rest);
        health.RefuseUnknown();
        return settings;
    }

    private static string? ReadVia(SettingsMap map, string? above, SettingsProblems problems)
    {
        if (map.Text("via") is not { } via)
            return above;
        if (via is "off" or "false")
            return null;
        // RFC 9110 §7.6.3: a host with its port, or a token.
        if (via.AsSpan().ContainsAnyExcept(NameLetters))
            problems.Add(map.Value("via")!, $"'via' is '{via}'; write a name of letters, digits and -._~:, or off");
        return via;
    }

    private static long? ReadMaxBody(SettingsMap map, long? above) =>
        map.Value("maxBody") is YamlScalarNode { Value: "unlimited" } ? null : map.Bytes("maxBody", 0, 1L << 50) ?? above;

    private static ClientOrigin ReadOrigin(SettingsMap map, ClientOrigin above, SettingsProblems problems)
    {
        if (map.Map("forwarded") is not { } forwarded)
            return above;
        var proxies = ReadProxies(forwarded, problems) ?? above.TrustedProxies;
        var policy = forwarded.Choice("policy", ("set", OriginPolicy.Set), ("append", OriginPolicy.Append), ("off", OriginPolicy.Off)) ?? above.Policy;
        var fields = forwarded.Choice("fields", ("x-forwarded", OriginFields.XForwarded), ("forwarded", OriginFields.Forwarded), ("both", OriginFields.XForwarded | OriginFields.Forwarded));
        forwarded.RefuseUnknown();
        if (policy == OriginPolicy.Append && proxies.Count == 0)
            problems.Add(forwarded.Value("policy") ?? forwarded.Node, "'policy: append' believes what proxies say, so it needs to know which; write trustedProxies: [ 10.0.0.0/8 ], or policy: set");
        return new ClientOrigin(policy, fields ?? above.Fields, proxies);
    }

    private static List<IPNetwork>? ReadProxies(SettingsMap forwarded, SettingsProblems problems)
    {
        if (forwarded.Texts("trustedProxies") is not { } texts)
            return null;
        var networks = new List<IPNetwork>();
        foreach (var (text, node) in texts)
        {
            if (IPNetwork.TryParse(text, out var network))
                networks.Add(network);
            else if (IPAddress.TryParse(text, out var address))
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            else
                problems.Add(node, $"'{text}' is not an address or network; write one such as 10.0.0.0/8 or 192.168.1.7");
        }

        return networks;
    }
}
