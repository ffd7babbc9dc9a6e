using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Headroom.Gateway.Hosting;

/// <summary>
/// Runs a request on the thread that found its bytes, one such thread for each processor, as nginx does, instead of handing it to the thread pool and back for each piece that comes and goes: that took a quarter of what
/// passing a request on costs. It suits a gateway, in which nothing waits without giving its thread back. <c>DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=0</c> turns it off.
/// </summary>
internal static class EventLoop
{
    private const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    private static bool IsOn => Environment.GetEnvironmentVariable(Variable) == "1";

    /// <summary>The runtime reads the variable when the first socket is made: to be called before.</summary>
    public static void Begin()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
            Environment.SetEnvironmentVariable(Variable, "1");
    }

    public static void Configure(SocketTransportOptions sockets)
    {
        sockets.UnsafePreferInlineScheduling = IsOn;
        // Waiting for the first byte without a buffer is a system call more for each request; the buffers of idle connections are 4 KB each.
        sockets.WaitForDataBeforeAllocatingBuffer = false;
    }
}
