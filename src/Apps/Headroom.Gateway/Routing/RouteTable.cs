namespace Headroom.Gateway.Routing;

/// <summary>
/// Finds a request's route: of those whose host and path fit, the one with the most exact host (a name, then the longest pattern, then any), and among these the one with the
/// longest path. The order in the file does not matter.
/// </summary>
internal sealed class RouteTable
{
    private readonly Entry[] _entries;
    private readonly GatewayRoute? _only;

    /// <summary>One entry for each host of a route; null is any host.</summary>
    private readonly record struct Entry(string? Host, GatewayRoute Route);

    public RouteTable(IEnumerable<GatewayRoute> routes)
    {
        // Best first, so that the first that fits is the answer.
        _entries = [.. routes
            .SelectMany(route => route.Hosts.Count == 0 ? [new Entry(null, route)] : route.Hosts.Select(host => new Entry(host, route)))
            .OrderByDescending(entry => entry.Host is null ? 0 : entry.Host.StartsWith('*') ? entry.Host.Length : int.MaxValue)
            .ThenByDescending(entry => entry.Route.Path.Length)];
        _only = _entries is [{ Host: null, Route: { Path: "/" } only }] ? only : null;
    }

    /// <param name="host">Host of the request; case and port do not matter.</param>
    /// <param name="path">The decoded path without dot segments, as the server has it, so that no way of writing a path leads around its route.</param>
    public GatewayRoute? Find(HostString host, PathString path)
    {
        if (_only is not null)
            return _only;
        var (name, prefixed) = (host.Host, path.Value ?? "/");
        foreach (var entry in _entries)
        {
            if (HasPath(entry.Route.Path, prefixed) && HasHost(entry.Host, name))
                return entry.Route;
        }

        return null;
    }

    private static bool HasHost(string? pattern, string host)
    {
        if (pattern is null)
            return true;
        return pattern.StartsWith('*')
            ? host.Length >= pattern.Length && host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
            : string.Equals(pattern, host, StringComparison.OrdinalIgnoreCase);
    }

    private static bool HasPath(string prefix, string path) =>
        path.StartsWith(prefix, StringComparison.Ordinal) && (prefix.EndsWith('/') || path.Length == prefix.Length || path[prefix.Length] == '/');
}
