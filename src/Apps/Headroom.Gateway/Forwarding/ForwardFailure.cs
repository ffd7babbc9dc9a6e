using System.IO;
using System.Net.Sockets;

namespace Headroom.Gateway.Forwarding;

/// <summary>Finds the stage at which an exception of the HTTP stack happened. Pure; the exceptions are the framework's way to tell, ours is <see cref="ForwardError"/>.</summary>
internal static class ForwardFailure
{
    /// <summary>Before the head of the response was there.</summary>
    public static ForwardError BeforeResponse(Exception exception, ForwardDeadline deadline, RequestBody? body)
    {
        if (deadline.ClientAborted)
            return ForwardError.ClientAborted;
        if (body?.ClientFailure is { } client)
            return client is BadHttpRequestException ? ForwardError.HttpRequestError : ForwardError.ClientAborted;

        // A connect timeout comes as a cancellation with a TimeoutException inside, while nobody has cancelled.
        if (exception is OperationCanceledException)
            return deadline.IsCancellationRequested ? ForwardError.HttpResponseTimeout : ForwardError.ConnectionTimeout;
        return exception is HttpRequestException http ? OfHttp(http) : ForwardError.ConnectionTerminated;
    }

    /// <summary>While a connection was made or waited for.</summary>
    public static ForwardError OfConnecting(Exception exception, ForwardDeadline deadline) =>
        deadline.ClientAborted ? ForwardError.ClientAborted
        : exception is SocketException socket ? OfSocket(socket)
        : deadline.IsCancellationRequested ? ForwardError.HttpResponseTimeout
        : ForwardError.ConnectionTimeout;

    /// <summary>While the body was copied.</summary>
    public static ForwardError InResponse(ForwardDeadline deadline) =>
        deadline.ClientAborted ? ForwardError.ClientAborted
        : deadline.IsCancellationRequested ? ForwardError.ConnectionReadTimeout
        : ForwardError.HttpResponseIncomplete;

    /// <summary>Nothing was sent, so sending it elsewhere cannot do anything twice.</summary>
    public static bool IsBeforeSending(ForwardError error) =>
        error is ForwardError.DnsError or ForwardError.ConnectionRefused or ForwardError.ConnectionTimeout or ForwardError.DestinationIpUnroutable or ForwardError.TlsProtocolError;

    /// <summary>Does the error say that the upstream is not well?</summary>
    public static bool IsOfUpstream(ForwardError error) =>
        error is not (ForwardError.None or ForwardError.ClientAborted or ForwardError.HttpRequestError or ForwardError.DestinationNotFound
            or ForwardError.DestinationUnavailable or ForwardError.ConnectionLimitReached);

    private static ForwardError OfHttp(HttpRequestException exception) => exception.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => ForwardError.DnsError,
        HttpRequestError.ConnectionError => OfSocket(exception.InnerException as SocketException),
        HttpRequestError.SecureConnectionError => ForwardError.TlsProtocolError,
        HttpRequestError.ConfigurationLimitExceeded => ForwardError.HttpResponseHeaderSectionSize,
        HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or HttpRequestError.VersionNegotiationError => ForwardError.HttpProtocolError,
        _ => ForwardError.ConnectionTerminated,
    };

    private static ForwardError OfSocket(SocketException? exception) => exception?.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => ForwardError.ConnectionRefused,
        SocketError.TimedOut => ForwardError.ConnectionTimeout,
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.AddressNotAvailable => ForwardError.DestinationIpUnroutable,
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => ForwardError.DnsError,
        _ => ForwardError.ConnectionTerminated,
    };
}
