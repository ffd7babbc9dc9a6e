using Headroom.Gateway.Forwarding;
using Headroom.Gateway.Upstreams;

namespace Headroom.Gateway.Routing;

/// <summary>Requests that are treated alike: which they are, where they go and how.</summary>
/// <param name="Name">For logs: the route's hosts and path.</param>
/// <param name="Path">Prefix of the target's path, whole segments: <c>/api</c> has <c>/api/x</c> and not <c>/apis</c>.</param>
/// <param name="Hosts">Lower case and without port; <c>*.example.com</c> has every name below; none has every host.</param>
/// <param name="Upstreams">Where they go.</param>
/// <param name="Options">How.</param>
/// <param name="Endpoint">What the pipeline of Headroom.Http reads the route's policies from.</param>
internal sealed record GatewayRoute(string Name, string Path, IReadOnlyList<string> Hosts, UpstreamGroup Upstreams, ForwardOptions Options, Endpoint Endpoint);
