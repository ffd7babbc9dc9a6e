using Headroom.Gateway.Forwarding;
using Headroom.Gateway.Upstreams;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Headroom.Gateway.Configuration;

/// <summary>Everything that the command line and gateway.yaml say, checked.</summary>
internal sealed record GatewaySettings
{
    public required IReadOnlyList<ListenSettings> Listen { get; init; }

    public required IReadOnlyList<RouteSettings> Routes { get; init; }

    public LimitSettings Limits { get; init; } = LimitSettings.Default;

    public DrainSettings Drain { get; init; } = DrainSettings.Default;

    /// <summary>Settings of Headroom.Http and the cache behind it, with the names of configuration: <c>Headroom:ResponseCache:MaxBytes</c>.</summary>
    public IReadOnlyDictionary<string, string?> Headroom { get; init; } = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Connection string of the store that several gateways share; null for memory alone. A secret.</summary>
    public string? Redis { get; init; }

    public PurgeSettings? Purge { get; init; }
}

/// <summary>An address to listen on.</summary>
/// <param name="Url">As it was written.</param>
/// <param name="Host">An IP address, <c>localhost</c>, or <c>*</c> for all.</param>
/// <param name="Port">0 for a free one.</param>
/// <param name="Protocols">Without TLS one of HTTP/1.1 and HTTP/2.</param>
/// <param name="Certificate">For https.</param>
internal sealed record ListenSettings(string Url, string Host, int Port, HttpProtocols Protocols, CertificateSettings? Certificate)
{
    public const string DefaultUrl = "http://127.0.0.1:8080";

    public static readonly ListenSettings Default = new(DefaultUrl, "127.0.0.1", 8080, HttpProtocols.Http1, Certificate: null);
}

/// <param name="CertificateFile">PEM: the certificate and those that sign it.</param>
/// <param name="KeyFile">PEM: its private key, not encrypted.</param>
internal sealed record CertificateSettings(string CertificateFile, string KeyFile);

/// <summary>Hosts and paths that go to the same upstreams in the same way.</summary>
internal sealed record RouteSettings(string Path, IReadOnlyList<string> Hosts, IReadOnlyList<UpstreamSettings> Upstreams, ForwardOptions Forward)
{
    /// <summary>Policies of Headroom.Http for the route's endpoint.</summary>
    public IReadOnlyList<object> Metadata { get; init; } = [];
}

/// <summary>Where the cache is purged.</summary>
/// <param name="Path">The only path that is not passed on.</param>
/// <param name="Token">What <c>Authorization: Bearer</c> has to say. A secret.</param>
internal sealed record PurgeSettings(string Path, string Token);

/// <summary>What a client may take of the gateway.</summary>
/// <param name="ConnectionsMax">Connections at once.</param>
/// <param name="HeadBytesMax">All fields of a request together.</param>
/// <param name="LineBytesMax">Method, target and version.</param>
/// <param name="HeadTimeout">Until the head of a request is complete.</param>
/// <param name="KeepAliveTimeout">How long a connection may wait for its next request.</param>
internal sealed record LimitSettings(int ConnectionsMax, int HeadBytesMax, int LineBytesMax, TimeSpan HeadTimeout, TimeSpan KeepAliveTimeout)
{
    public static readonly LimitSettings Default = new(10_000, 32 * 1024, 8 * 1024, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(130));
}

/// <summary>How the gateway stops.</summary>
/// <param name="Delay">How long it still accepts connections, and tells clients to close theirs.</param>
/// <param name="Timeout">How long requests have to finish after that.</param>
internal sealed record DrainSettings(TimeSpan Delay, TimeSpan Timeout)
{
    public static readonly DrainSettings Default = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
}
