using Headroom.Gateway.Forwarding;
using Headroom.Gateway.Upstreams;

namespace Headroom.Gateway.Routing;

/// <summary>Requests that are treated alike: which they are, where they go and how.</summary>
internal sealed class GatewayRoute
{
    /// <param name="path">Prefix of the path, whole segments: <c>/api</c> has <c>/api/x</c> and not <c>/apis</c>.</param>
    /// <param name="hosts">Lower case and without port; <c>*.example.com</c> has every name below; none has every host.</param>
    /// <param name="upstreams">Where they go.</param>
    /// <param name="options">How.</param>
    /// <param name="metadata">Policies of Headroom.Http.</param>
    public GatewayRoute(string path, IReadOnlyList<string> hosts, UpstreamGroup upstreams, ForwardOptions options, IEnumerable<object> metadata)
    {
        Path = path;
        Hosts = hosts;
        Upstreams = upstreams;
        Options = options;
        Name = string.Join(',', hosts) + path;
        Endpoint = new Endpoint(requestDelegate: null, new EndpointMetadataCollection([.. metadata, this]), Name);
    }

    /// <summary>For logs.</summary>
    public string Name { get; }

    public string Path { get; }

    public IReadOnlyList<string> Hosts { get; }

    public UpstreamGroup Upstreams { get; }

    public ForwardOptions Options { get; }

    /// <summary>What the pipeline of Headroom.Http reads the route's policies from, and the forwarder the route.</summary>
    public Endpoint Endpoint { get; }
}
