using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Headroom.Load.Wire;

namespace Headroom.Load.Tests.Wire;

public class EpollWireTests : WireSuite
{
    private protected override IWire Create(WireOptions options) => new EpollWire(options);

    private protected override void RequirePlatform() => Assert.SkipUnless(EpollWire.IsSupported, "epoll exists on Linux only");
}

public sealed class EpollWireIPv6Tests : EpollWireTests
{
    private protected override long LargeBodyBytes => 1L << 27;

    private protected override EndPoint ListenAddress => new IPEndPoint(IPAddress.IPv6Loopback, 0);

    private protected override EndPoint DeadAddress => new IPEndPoint(IPAddress.IPv6Loopback, FreePort.Next());

    private protected override void RequirePlatform()
    {
        base.RequirePlatform();
        Assert.SkipUnless(Socket.OSSupportsIPv6, "this machine has no IPv6");
    }
}

public sealed class EpollWireUnixSocketTests : EpollWireTests
{
    private protected override long LargeBodyBytes => 1L << 27;

    private protected override EndPoint ListenAddress => UnixSocketPath.Next();

    private protected override EndPoint DeadAddress => UnixSocketPath.Next();
}

public class StreamWireTests : WireSuite
{
    private protected override IWire Create(WireOptions options) => new StreamWire(options);
}

public sealed class StreamWireUnixSocketTests : StreamWireTests
{
    private protected override long LargeBodyBytes => 1L << 27;

    private protected override EndPoint ListenAddress => UnixSocketPath.Next();

    private protected override EndPoint DeadAddress => UnixSocketPath.Next();
}

public sealed class StreamWireTlsTests : StreamWireTests
{
    private protected override long LargeBodyBytes => 1L << 27;

    private protected override SslServerAuthenticationOptions ServerTls => new() { ServerCertificate = TestCertificates.Localhost };
}

internal static class UnixSocketPath
{
    public static UnixDomainSocketEndPoint Next() => new(Path.Combine(Path.GetTempPath(), $"headroom-{Guid.NewGuid():N}.sock"));
}
