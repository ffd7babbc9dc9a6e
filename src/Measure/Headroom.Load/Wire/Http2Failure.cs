using System.Net;
using System.Net.Sockets;

namespace Headroom.Load.Wire;

/// <summary>Which kind of failure the runtime's HTTP/2 means by an exception.</summary>
internal static class Http2Failure
{
    /// <param name="e">What was thrown.</param>
    /// <param name="address">Where the exchange went.</param>
    /// <param name="hasBegun">The response's head had come.</param>
    /// <param name="certificateRefused">A certificate of this origin was refused before.</param>
    public static WireError ErrorOf(Exception e, EndPoint address, bool hasBegun, bool certificateRefused)
    {
        // Nobody cancelled, or the verdict would count: the handler's own connect timeout.
        if (e is OperationCanceledException)
            return WireError.ConnectTimeout;
        var socket = Chain(e).OfType<SocketException>().FirstOrDefault();
        if (Chain(e).OfType<HttpProtocolException>().FirstOrDefault() is { } protocol)
            return protocol.HttpRequestError == HttpRequestError.HttpProtocolError && IsStream(protocol) ? WireError.StreamReset : WireError.ProtocolFailed;
        var kind = Chain(e).OfType<HttpRequestException>().FirstOrDefault()?.HttpRequestError ?? Chain(e).OfType<HttpIOException>().FirstOrDefault()?.HttpRequestError;
        return kind switch
        {
            HttpRequestError.ConnectionError when socket is not null => StreamWire.ConnectErrorOf(socket.SocketErrorCode, address),
            HttpRequestError.ConnectionError => WireError.ConnectFailed,
            HttpRequestError.SecureConnectionError => certificateRefused ? WireError.CertificateRefused : WireError.TlsFailed,
            HttpRequestError.VersionNegotiationError => WireError.ProtocolFailed,
            HttpRequestError.ConfigurationLimitExceeded => WireError.HeadTooLarge,
            HttpRequestError.InvalidResponse => hasBegun ? WireError.PrematureEnd : WireError.BadHeader,
            HttpRequestError.ResponseEnded when socket is null => hasBegun ? WireError.PrematureEnd : WireError.ConnectionClosed,
            _ when hasBegun => WireError.PrematureEnd,
            _ when socket is not null || e is IOException => WireError.ConnectionReset,
            _ => WireError.ProtocolFailed,
        };
    }

    /// <summary>The runtime tells a reset of one stream and the end of a connection by one exception; their words differ.</summary>
    private static bool IsStream(HttpProtocolException e) => e.Message.Contains("stream", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<Exception> Chain(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
            yield return e;
    }
}
