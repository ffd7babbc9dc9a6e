using Headroom.Gateway.Configuration;
using Headroom.Gateway.Upstreams;

namespace Headroom.Gateway.Routing;

/// <summary>The routes in use. A reload makes a new table and puts it in place at once; upstreams whose settings are the same go on with their connections and what is known of their health.</summary>
internal sealed class GatewayRoutes(HealthChecker health, TimeProvider time, ulong seed) : IDisposable
{
    private readonly Lock _applying = new();
    private Dictionary<UpstreamSettings, Upstream> _upstreams = [];
    private RouteTable _current = new([]);

    public RouteTable Current => Volatile.Read(ref _current);

    public void Apply(IReadOnlyList<RouteSettings> settings)
    {
        lock (_applying)
        {
            var before = _upstreams;
            var after = new Dictionary<UpstreamSettings, Upstream>();
            var added = new List<Upstream>();
            foreach (var upstream in settings.SelectMany(route => route.Upstreams).Distinct())
            {
                if (!before.TryGetValue(upstream, out var existing))
                    added.Add(existing = new Upstream(upstream, time));
                after.Add(upstream, existing);
            }

            _upstreams = after;
            Volatile.Write(ref _current, new RouteTable(settings.Select((route, index) => Create(route, after, seed + (ulong)index))));
            foreach (var upstream in added)
                health.Watch(upstream);
            foreach (var (key, upstream) in before)
            {
                if (!after.ContainsKey(key))
                    upstream.Dispose();
            }
        }
    }

    public void Dispose()
    {
        lock (_applying)
        {
            foreach (var upstream in _upstreams.Values)
                upstream.Dispose();
            _upstreams = [];
        }
    }

    private static GatewayRoute Create(RouteSettings route, Dictionary<UpstreamSettings, Upstream> upstreams, ulong seed) =>
        new(route.Path, route.Hosts, new UpstreamGroup([.. route.Upstreams.Select(upstream => upstreams[upstream])], seed), route.Forward, route.Metadata);
}
