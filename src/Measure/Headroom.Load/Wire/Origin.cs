using System.Net;

namespace Headroom.Load.Wire;

/// <summary>Scheme, host and port of a target, with the address that its name resolved to.</summary>
internal sealed record Origin(string Scheme, string Host, int Port, IPEndPoint Address)
{
    public bool IsTls => Scheme == Uri.UriSchemeHttps;

    /// <summary>The value of the Host header: the port is left out where it is the scheme's own (RFC 9110 §7.2).</summary>
    public static string HostHeader(Uri url) => url.IsDefaultPort ? url.IdnHostForHeader() : $"{url.IdnHostForHeader()}:{url.Port}";
}

internal static class UriHost
{
    /// <summary>The host as it stands in a Host header: IPv6 in brackets, international names in ASCII.</summary>
    public static string IdnHostForHeader(this Uri url) =>
        url.HostNameType == UriHostNameType.IPv6 ? url.Host : url.IdnHost;
}
