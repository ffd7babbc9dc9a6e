namespace Headroom.Gateway.Routing;

/// <summary>
/// Finds a request's route: of those whose host and path fit, the one with the most exact host (a name, then a pattern from the longest on, then any), and among these the one with the
/// longest path. The order in the file does not matter.
/// </summary>
internal sealed class RouteTable
{
    private readonly GatewayRoute[] _routes;
    private readonly GatewayRoute? _only;

    public RouteTable(IEnumerable<GatewayRoute> routes)
    {
        // One entry per host, best first, so that the first that fits is the answer.
        _routes = [.. routes
            .SelectMany(route => (route.Hosts.Count == 0 ? [""] : route.Hosts).Select(host => route with { Hosts = host.Length == 0 ? [] : [host] }))
            .OrderByDescending(route => Exactness(route.Hosts))
            .ThenByDescending(route => route.Path.Length)];
        _only = _routes is [{ Hosts.Count: 0, Path: "/" } only] ? only : null;
    }

    public IReadOnlyList<GatewayRoute> Routes => _routes;

    /// <param name="host">Host of the request; case and port do not matter.</param>
    /// <param name="path">The decoded path, as the server has it, so that no way of writing a path leads around its route.</param>
    public GatewayRoute? Find(HostString host, PathString path)
    {
        if (_only is not null)
            return _only;
        foreach (var route in _routes)
        {
            if (HasPath(route.Path, path.Value ?? "/") && HasHost(route.Hosts, host.Host))
                return route;
        }

        return null;
    }

    private static int Exactness(IReadOnlyList<string> hosts) =>
        hosts is not [var host] ? 0 : host.StartsWith('*') ? host.Length : int.MaxValue;

    private static bool HasHost(IReadOnlyList<string> hosts, string host)
    {
        if (hosts is not [var pattern])
            return true;
        return pattern.StartsWith('*')
            ? host.Length > pattern.Length - 1 && host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
            : string.Equals(pattern, host, StringComparison.OrdinalIgnoreCase);
    }

    private static bool HasPath(string prefix, string path) =>
        path.StartsWith(prefix, StringComparison.Ordinal) && (prefix.EndsWith('/') || path.Length == prefix.Length || path[prefix.Length] == '/');
}
