namespace Headroom.Gateway.Upstreams;

/// <summary>Which version of HTTP an upstream is spoken to in.</summary>
internal enum UpstreamProtocol
{
    /// <summary>https: HTTP/2 where the upstream offers it (ALPN), else HTTP/1.1. http: HTTP/1.1.</summary>
    Automatic,

    Http1,

    /// <summary>Without https by prior knowledge (RFC 9113 §3.3).</summary>
    Http2,
}

/// <summary>One upstream and how it is connected to. Equal settings share connections across a reload.</summary>
/// <param name="Address">Scheme and authority, and a base path that is put before every target; without a slash at its end, query or fragment.</param>
/// <param name="Protocol">Version of HTTP.</param>
/// <param name="ConnectionsMax">Connections at most; with HTTP/2, requests at once at most.</param>
/// <param name="QueueMax">Requests that may wait for a connection.</param>
/// <param name="ConnectTimeout">Name resolution, TCP and TLS handshake together.</param>
/// <param name="VerifyCertificate">False accepts any certificate of an https upstream.</param>
/// <param name="Health">When the upstream counts as unhealthy.</param>
internal sealed record UpstreamSettings(
    string Address, UpstreamProtocol Protocol, int ConnectionsMax, int QueueMax, TimeSpan ConnectTimeout, bool VerifyCertificate, HealthSettings Health)
{
    public const int ConnectionsDefault = 512;
    public const int QueueDefault = 1024;
    public static readonly TimeSpan ConnectTimeoutDefault = TimeSpan.FromSeconds(5);

    public static UpstreamSettings Default(string address) =>
        new(address, UpstreamProtocol.Automatic, ConnectionsDefault, QueueDefault, ConnectTimeoutDefault, VerifyCertificate: true, HealthSettings.Default);
}

/// <summary>When an upstream counts as unhealthy.</summary>
/// <param name="Path">Asked regularly; null for no active check.</param>
/// <param name="Interval">From the end of one check to the start of the next.</param>
/// <param name="Timeout">A check that takes longer has failed.</param>
/// <param name="UnhealthyAfter">Failed checks in a row that take an upstream out.</param>
/// <param name="HealthyAfter">Good checks in a row that bring it back.</param>
/// <param name="FailuresMax">Failed requests in a row that take an upstream out for <paramref name="Rest"/>; 0 for no passive check.</param>
/// <param name="Rest">How long.</param>
internal sealed record HealthSettings(string? Path, TimeSpan Interval, TimeSpan Timeout, int UnhealthyAfter, int HealthyAfter, int FailuresMax, TimeSpan Rest)
{
    public static readonly HealthSettings Default = new(
        Path: null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(2), UnhealthyAfter: 3, HealthyAfter: 2, FailuresMax: 5, TimeSpan.FromSeconds(10));
}
