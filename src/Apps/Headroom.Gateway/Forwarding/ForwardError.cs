using System.Collections.Frozen;

namespace Headroom.Gateway.Forwarding;

/// <summary>
/// Where forwarding a request failed: the error types of RFC 9209 §2.3 (Proxy-Status), and what the client itself did.
/// </summary>
internal enum ForwardError
{
    None,

    /// <summary>No route of gateway.yaml has this host and path.</summary>
    DestinationNotFound,

    /// <summary>Every upstream of the route is unhealthy.</summary>
    DestinationUnavailable,

    /// <summary>All connections to the upstream are busy and its queue is full.</summary>
    ConnectionLimitReached,

    DnsError,

    ConnectionRefused,

    ConnectionTimeout,

    /// <summary>The upstream's address cannot be reached: no route, network down.</summary>
    DestinationIpUnroutable,

    TlsProtocolError,

    /// <summary>The head of the response did not come in time.</summary>
    HttpResponseTimeout,

    /// <summary>The connection ended, or was reset, before the head of the response was complete.</summary>
    ConnectionTerminated,

    /// <summary>The response is not HTTP, or clients could understand it in different ways.</summary>
    HttpProtocolError,

    HttpResponseHeaderSectionSize,

    HttpUpgradeFailed,

    /// <summary>The body broke off: the response had begun and was aborted.</summary>
    HttpResponseIncomplete,

    /// <summary>The body paused for too long: the response had begun and was aborted.</summary>
    ConnectionReadTimeout,

    /// <summary>The client's own body is malformed, too large or too slow.</summary>
    HttpRequestError,

    /// <summary>The client went away.</summary>
    ClientAborted,
}

/// <summary>What a client is told for each error.</summary>
/// <param name="Status">The response's status code; 0 where there is nobody to answer.</param>
/// <param name="Type">RFC 9209's name of the error.</param>
/// <param name="Title">A sentence for people; nothing of the upstream's address.</param>
internal sealed record ForwardErrorText(int Status, string Type, string Title)
{
    private static readonly FrozenDictionary<ForwardError, ForwardErrorText> All = new Dictionary<ForwardError, ForwardErrorText>
    {
        [ForwardError.DestinationNotFound] = new(404, "destination_not_found", "No route of this gateway has this host and path."),
        [ForwardError.DestinationUnavailable] = new(503, "destination_unavailable", "No healthy upstream."),
        [ForwardError.ConnectionLimitReached] = new(503, "connection_limit_reached", "The upstream is busy: every connection is in use and the queue is full."),
        [ForwardError.DnsError] = new(502, "dns_error", "The upstream's name could not be resolved."),
        [ForwardError.ConnectionRefused] = new(502, "connection_refused", "The upstream refused the connection."),
        [ForwardError.ConnectionTimeout] = new(504, "connection_timeout", "The upstream did not accept a connection in time."),
        [ForwardError.DestinationIpUnroutable] = new(502, "destination_ip_unroutable", "The upstream's network cannot be reached."),
        [ForwardError.TlsProtocolError] = new(502, "tls_protocol_error", "No secure connection to the upstream could be made."),
        [ForwardError.HttpResponseTimeout] = new(504, "http_response_timeout", "The upstream did not answer in time."),
        [ForwardError.ConnectionTerminated] = new(502, "connection_terminated", "The upstream closed the connection before it had answered."),
        [ForwardError.HttpProtocolError] = new(502, "http_protocol_error", "The upstream's answer is not valid HTTP."),
        [ForwardError.HttpResponseHeaderSectionSize] = new(502, "http_response_header_section_size", "The head of the upstream's answer is too large."),
        [ForwardError.HttpUpgradeFailed] = new(502, "http_upgrade_failed", "The upstream did not switch protocols as it was asked."),
        [ForwardError.HttpResponseIncomplete] = new(502, "http_response_incomplete", "The upstream's answer broke off."),
        [ForwardError.ConnectionReadTimeout] = new(504, "connection_read_timeout", "The upstream's answer paused for too long."),
        [ForwardError.HttpRequestError] = new(400, "http_request_error", "The request's body could not be read."),
        [ForwardError.ClientAborted] = new(0, "client_aborted", "The client went away."),
    }.ToFrozenDictionary();

    public static ForwardErrorText Of(ForwardError error) => All[error];
}
