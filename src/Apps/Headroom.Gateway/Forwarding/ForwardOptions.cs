using System.Net;

namespace Headroom.Gateway.Forwarding;

/// <summary>How a route forwards: the settings of gateway.yaml in the form that the forwarder reads.</summary>
internal sealed record ForwardOptions
{
    public static readonly TimeSpan ResponseTimeoutDefault = TimeSpan.FromSeconds(60);
    public static readonly TimeSpan IdleTimeoutDefault = TimeSpan.FromMinutes(5);
    public const int RetriesDefault = 1;
    public const string ViaDefault = "headroom";

    public HostPolicy Host { get; init; }

    /// <summary>The name in Via, RFC 9110 §7.6.3; null adds none.</summary>
    public string? Via { get; init; } = ViaDefault;

    /// <summary>The line of an answer that came over HTTP/1.1, as nearly all do.</summary>
    public string ViaHttp11 => field ??= Vias.Line("HTTP/1.1", Via ?? "");

    public ClientOrigin Origin { get; init; } = ClientOrigin.Default;

    /// <summary>Until the head of the response is there, retries included.</summary>
    public TimeSpan ResponseTimeout { get; init; } = ResponseTimeoutDefault;

    /// <summary>Longest pause in a body, a stream or a tunnel.</summary>
    public TimeSpan IdleTimeout { get; init; } = IdleTimeoutDefault;

    /// <summary>How often a request may be sent again after the first time.</summary>
    public int Retries { get; init; } = RetriesDefault;

    /// <summary>Largest request body in bytes; null for no limit.</summary>
    public long? MaxBodyBytes { get; init; }
}

/// <summary>Which Host the upstream sees.</summary>
internal enum HostPolicy
{
    /// <summary>The client's; the upstream's where that is reached by https, whose certificate has to fit.</summary>
    Automatic,

    /// <summary>The client's.</summary>
    Preserve,

    /// <summary>The upstream's own.</summary>
    Upstream,
}

/// <summary>What is done with X-Forwarded-* and Forwarded.</summary>
internal enum OriginPolicy
{
    /// <summary>What the client wrote is replaced.</summary>
    Set,

    /// <summary>What a trusted proxy wrote is kept and added to; what others wrote is replaced.</summary>
    Append,

    /// <summary>Nothing is added and nothing taken away.</summary>
    Off,
}

/// <summary>Which fields tell the upstream where a request came from.</summary>
[Flags]
internal enum OriginFields
{
    /// <summary>X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host.</summary>
    XForwarded = 1,

    /// <summary>Forwarded, RFC 7239.</summary>
    Forwarded = 2,
}

/// <summary>How the upstream is told who the client is.</summary>
internal sealed record ClientOrigin(OriginPolicy Policy, OriginFields Fields, IReadOnlyList<IPNetwork> TrustedProxies)
{
    public static readonly ClientOrigin Default = new(OriginPolicy.Set, OriginFields.XForwarded, []);

    /// <summary>May this peer say where a request came from?</summary>
    public bool Trusts(IPAddress? peer)
    {
        if (peer is null || Policy != OriginPolicy.Append)
            return false;
        var address = peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer;
        foreach (var network in TrustedProxies)
        {
            if (network.Contains(address))
                return true;
        }

        return false;
    }
}
