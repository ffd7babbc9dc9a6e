using System.Net;
using System.Net.Sockets;

namespace Headroom.Load.Wire;

/// <summary>Scheme, host and port of a target, with the address to connect to: an <see cref="IPEndPoint"/> or a <see cref="UnixDomainSocketEndPoint"/>.</summary>
internal sealed record Origin(string Scheme, string Host, int Port, EndPoint Address)
{
    public bool IsTls => Scheme == Uri.UriSchemeHttps;

    /// <summary>An unconnected socket of the address's kind. Nagle's algorithm is off where there is one (TCP).</summary>
    public Socket CreateSocket() => Address is IPEndPoint
        ? new Socket(Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
        : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <summary>The value of the Host header: the port is left out where it is the scheme's own (RFC 9110 §7.2).</summary>
    public static string HostHeader(Uri url) => url.IsDefaultPort ? url.IdnHostForHeader() : $"{url.IdnHostForHeader()}:{url.Port}";
}

internal static class UriHost
{
    /// <summary>The host as it stands in a Host header: IPv6 in brackets, international names in ASCII.</summary>
    public static string IdnHostForHeader(this Uri url) =>
        url.HostNameType == UriHostNameType.IPv6 ? url.Host : url.IdnHost;
}
