using Headroom.Gateway.Forwarding;
using Headroom.Gateway.Hosting;
using Headroom.Gateway.Upstreams;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Headroom.Gateway.Configuration;

/// <summary>
/// Reads gateway.yaml (docs/gateway.md): what is said at the top is for every route that does not say it itself. All mistakes are found in one reading.
/// </summary>
internal sealed class GatewayFile
{
    /// <summary>Deeper nesting than any file has; without a bound a file of brackets would exhaust the stack.</summary>
    private const int DepthMax = 50;

    private readonly SettingsProblems _problems;
    private readonly CommandLineAddresses _given;

    private GatewayFile(SettingsProblems problems, CommandLineAddresses given)
    {
        _problems = problems;
        _given = given;
    }

    /// <param name="text">Of the file.</param>
    /// <param name="given">Addresses of the command line, which take the place of the file's.</param>
    /// <param name="problems">Receives the mistakes.</param>
    /// <returns>Null when there is a mistake.</returns>
    public static GatewaySettings? Read(string text, CommandLineAddresses given, SettingsProblems problems)
    {
        var root = Load(text, problems);
        var map = root is null ? null : SettingsMap.From(root, "the file", problems);
        var settings = map is null ? null : new GatewayFile(problems, given).Read(map);
        return problems.Count == 0 ? settings : null;
    }

    private GatewaySettings Read(SettingsMap map)
    {
        var top = RouteReader.Read(map, RouteTemplate.Default, _problems);
        if (_given.Upstreams.Count > 0)
            top = top with { Upstreams = _given.Upstreams };
        var settings = new GatewaySettings
        {
            Listen = ReadListen(map),
            Routes = ReadRoutes(map, top),
            Limits = ReadLimits(map),
            Drain = ReadDrain(map),
            Headroom = FeatureReader.ReadStore(map),
            Redis = FeatureReader.ReadRedis(map, _problems),
            Purge = FeatureReader.ReadPurge(map, _problems),
        };
        map.RefuseUnknown();
        return settings;
    }

    private List<RouteSettings> ReadRoutes(SettingsMap map, RouteTemplate top)
    {
        var routes = new List<RouteSettings>();
        var seen = new HashSet<(string, string)>();
        foreach (var node in map.OneOrMore("routes") ?? [])
        {
            if (SettingsMap.From(node, "a route", _problems) is not { } route)
                continue;
            var path = ReadPath(route);
            var hosts = ReadHosts(route);
            var template = RouteReader.Read(route, top, _problems);
            route.RefuseUnknown();
            // Addresses that are there and wrong are told already, once.
            if (template.Upstreams.Count == 0 && route.Value("upstreams") is null && map.Value("upstreams") is null)
                _problems.Add(node, "the route has no 'upstreams', and there are none at the top of the file or on the command line");
            foreach (var host in hosts.DefaultIfEmpty(""))
            {
                if (!seen.Add((host, path)))
                    _problems.Add(node, $"another route has the same {(host.Length == 0 ? "" : $"host '{host}' and ")}path '{path}'; write one of them");
            }

            routes.Add(template.ToRoute(path, hosts));
        }

        if (map.Value("routes") is not null)
            return routes;
        if (top.Upstreams.Count == 0)
            _problems.Add(map.Node, "the file has neither 'upstreams' nor 'routes'; write at least upstreams: [ http://127.0.0.1:3000 ], or --upstream on the command line");
        return [top.ToRoute("/", [])];
    }

    private string ReadPath(SettingsMap route)
    {
        if (route.Text("path") is not { } path)
            return "/";
        if (!path.StartsWith('/') || path.Contains('?', StringComparison.Ordinal) || path.Contains('*', StringComparison.Ordinal) || path.Contains('#', StringComparison.Ordinal))
            _problems.Add(route.Value("path")!, $"'path' is '{path}'; write a prefix that begins with a slash, without query and wildcards, such as /api");
        return path;
    }

    private List<string> ReadHosts(SettingsMap route)
    {
        var hosts = new List<string>();
        foreach (var (text, node) in route.Texts("hosts") ?? [])
        {
            var name = text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text;
            if (Uri.CheckHostName(name) == UriHostNameType.Unknown)
                _problems.Add(node, $"'{text}' is not a host; write a name without scheme and port, such as api.example.com or *.example.com");
            else
                hosts.Add(text.ToLowerInvariant());
        }

        return hosts;
    }

    private IReadOnlyList<ListenSettings> ReadListen(SettingsMap map)
    {
        var listen = new List<ListenSettings>();
        foreach (var node in map.OneOrMore("listen") ?? [])
        {
            if (node is YamlScalarNode { Value: { } url })
            {
                AddListen(listen, node, url, protocols: null, certificate: null);
                continue;
            }

            if (SettingsMap.From(node, "an address of 'listen'", _problems) is not { } address)
                continue;
            var protocols = address.Choice("protocols", ("http1", HttpProtocols.Http1), ("http2", HttpProtocols.Http2), ("http1+http2", HttpProtocols.Http1AndHttp2));
            var certificate = ReadCertificate(address);
            if (address.Text("url") is { } text)
                AddListen(listen, address.Value("url")!, text, protocols, certificate);
            else
                _problems.Add(node, "the address has no 'url'");
            address.RefuseUnknown();
        }

        if (_given.Listen.Count > 0)
            return _given.Listen;
        return listen.Count > 0 || map.Value("listen") is not null ? listen : [ListenSettings.Default];
    }

    private void AddListen(List<ListenSettings> listen, YamlNode node, string url, HttpProtocols? protocols, CertificateSettings? certificate)
    {
        if (!GatewayAddress.TryParseListen(url, protocols, certificate, out var address, out var mistake))
            _problems.Add(node, mistake!);
        else
            listen.Add(address!);
    }

    private CertificateSettings? ReadCertificate(SettingsMap map)
    {
        var before = _problems.Count;
        var (file, key) = (ReadableFile(map, "certificate"), ReadableFile(map, "key"));
        if (file is null)
            return null;
        var files = new CertificateSettings(file, key ?? file);
        if (_problems.Count > before)
            return files;
        try
        {
            CertificateFiles.Load(files).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _problems.Add(map.Value("certificate")!, e.Message);
        }

        return files;
    }

    private string? ReadableFile(SettingsMap map, string key)
    {
        if (map.Text(key) is not { } path)
            return null;
        try
        {
            using var file = File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _problems.Add(map.Value(key)!, $"'{key}' cannot be read: {e.Message}");
        }

        return path;
    }

    private LimitSettings ReadLimits(SettingsMap top)
    {
        var limits = LimitSettings.Default;
        if (top.Map("limits") is not { } map)
            return limits;
        limits = new LimitSettings(
            map.WholeNumber("connections", 1, 1_000_000) ?? limits.ConnectionsMax,
            (int)(map.Bytes("head", 1024, 1 << 20) ?? limits.HeadBytesMax),
            (int)(map.Bytes("requestLine", 128, 1 << 20) ?? limits.LineBytesMax),
            map.Duration("headTimeout", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)) ?? limits.HeadTimeout,
            map.Duration("keepAlive", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)) ?? limits.KeepAliveTimeout);
        map.RefuseUnknown();
        return limits;
    }

    private static DrainSettings ReadDrain(SettingsMap top)
    {
        var drain = DrainSettings.Default;
        if (top.Map("drain") is not { } map)
            return drain;
        drain = new DrainSettings(
            map.Duration("delay", TimeSpan.Zero, TimeSpan.FromMinutes(1)) ?? drain.Delay,
            map.Duration("timeout", TimeSpan.Zero, TimeSpan.FromHours(1)) ?? drain.Timeout);
        map.RefuseUnknown();
        return drain;
    }

    private static YamlNode? Load(string text, SettingsProblems problems)
    {
        var parser = new Parser(new StringReader(text));
        try
        {
            if (!IsPlain(parser, problems))
                return null;
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count == 1)
                return stream.Documents[0].RootNode;
            if (stream.Documents.Count == 0)
                problems.Add(1, 1, "the file is empty; write at least upstreams: [ http://127.0.0.1:3000 ]");
            else
                problems.Add(stream.Documents[1].RootNode, "a second document begins here; the file is one document");
        }
        catch (YamlException e)
        {
            problems.Add((int)e.Start.Line, (int)e.Start.Column, $"not valid YAML: {(e.InnerException?.Message ?? e.Message).ReplaceLineEndings(" ")}");
        }
        catch (InvalidOperationException)
        {
            // What YamlDotNet throws for some unclosed mappings, without a place; the last thing it read stands before the mistake.
            problems.Add((int)(parser.Current?.End.Line ?? 1), (int)(parser.Current?.End.Column ?? 1), "not valid YAML from here on; is a brace, bracket or quote not closed?");
        }

        return null;
    }

    /// <summary>Not too deep, and without aliases, which could make a small file a large one, or one that contains itself.</summary>
    private static bool IsPlain(Parser parser, SettingsProblems problems)
    {
        var depth = 0;
        while (parser.MoveNext())
        {
            depth += parser.Current is MappingStart or SequenceStart ? 1 : parser.Current is MappingEnd or SequenceEnd ? -1 : 0;
            var mistake = depth > DepthMax ? $"values are nested deeper than {DepthMax} levels" : parser.Current is AnchorAlias ? "aliases are not allowed; write the value out" : null;
            if (mistake is null)
                continue;
            problems.Add((int)parser.Current!.Start.Line, (int)parser.Current.Start.Column, mistake);
            return false;
        }

        return true;
    }
}

/// <summary>Addresses of the command line, read already.</summary>
internal sealed record CommandLineAddresses(IReadOnlyList<ListenSettings> Listen, IReadOnlyList<string> Upstreams);
