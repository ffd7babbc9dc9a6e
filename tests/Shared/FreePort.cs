using System.Net;
using System.Net.Sockets;

namespace Headroom.Testing;

/// <summary>Loopback ports that nothing listens on.</summary>
internal static class FreePort
{
    public static int Next()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
