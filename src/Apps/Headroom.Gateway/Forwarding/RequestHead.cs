using System.Net;
using System.Net.Sockets;
using Headroom.Gateway.Upstreams;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Headroom.Gateway.Forwarding;

/// <summary>
/// The head of a request as the upstream gets it (RFC 9110 §7.6):
/// 1. the client's method and target;
/// 2. every field that is not for this hop alone, its value as it came;
/// 3. <c>TE: trailers</c> where the client takes trailers, for that is all we can pass (§10.1.4);
/// 4. Host after the route's policy (§7.2);
/// 5. Via (§7.6.3), and who the client is (RFC 7239).
/// </summary>
internal static class RequestHead
{
    private const string ForwardedFor = "X-Forwarded-For";
    private const string ForwardedProto = "X-Forwarded-Proto";
    private const string ForwardedHost = "X-Forwarded-Host";
    private const string Forwarded = "Forwarded";

    public static HttpRequestMessage Create(HttpContext context, Uri target, Upstream upstream, ForwardOptions options, RequestBody? body, ProtocolUpgrade? upgrade)
    {
        // 1. Method and target.
        var request = context.Request;
        // A websocket over HTTP/2 is a CONNECT here and a GET there.
        var method = upgrade?.Key is null ? HttpMethod.Parse(request.Method) : HttpMethod.Get;
        var message = new HttpRequestMessage(method, target)
        {
            Version = upgrade is null ? upstream.Version : HttpVersion.Version11,
            VersionPolicy = upgrade is null ? upstream.VersionPolicy : HttpVersionPolicy.RequestVersionExact,
            Content = body is not null ? new RequestContent(body) : IsSafe(method.Method) ? null : new NoContent(),
        };

        // 2. End-to-end fields.
        var named = HopByHop.Named(request.Headers.Connection);
        foreach (var (name, values) in request.Headers)
        {
            if (!IsOurs(name, options.Origin) && !HopByHop.IsHopByHop(name) && !HopByHop.Contains(named, name))
                Add(message, name, values);
        }

        // 3. TE, and what asks for another protocol.
        if (request.Headers.TE.Count > 0 && HopByHop.HasToken(request.Headers.TE, "trailers"))
            message.Headers.TryAddWithoutValidation(HeaderNames.TE, "trailers");
        upgrade?.AddTo(message);

        // 4. Host.
        if (options.Host == HostPolicy.Preserve || (options.Host == HostPolicy.Automatic && !upstream.IsSecure))
            message.Headers.TryAddWithoutValidation(HeaderNames.Host, request.Headers.Host.ToString());

        // 5. Via and the client.
        if (options.Via is not null)
            message.Headers.TryAddWithoutValidation(HeaderNames.Via, Vias.Line(request.Protocol, options.Via));
        if (options.Origin.Policy != OriginPolicy.Off)
            TryAddOrigin(context, options.Origin, message, static (to, name, value) => to.Headers.TryAddWithoutValidation(name, value) || true);
        return message;
    }

    /// <summary>Methods that ask and change nothing (RFC 9110 §9.2.1): sending them again does no harm.</summary>
    public static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);

    /// <summary>Fields that we write ourselves.</summary>
    public static bool IsOurs(string name, ClientOrigin origin) => name.Length switch
    {
        4 => string.Equals(name, HeaderNames.Host, StringComparison.OrdinalIgnoreCase),
        9 => origin.Policy != OriginPolicy.Off && string.Equals(name, Forwarded, StringComparison.OrdinalIgnoreCase),
        // Content-Length follows from the body.
        14 => string.Equals(name, HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase),
        15 => origin.Policy != OriginPolicy.Off && string.Equals(name, ForwardedFor, StringComparison.OrdinalIgnoreCase),
        16 => origin.Policy != OriginPolicy.Off && string.Equals(name, ForwardedHost, StringComparison.OrdinalIgnoreCase),
        17 => origin.Policy != OriginPolicy.Off && string.Equals(name, ForwardedProto, StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    private static void Add(HttpRequestMessage message, string name, StringValues values)
    {
        // HTTP/2 clients send Cookie in pieces; HTTP/1.1 has it on one line (RFC 9113 §8.2.3).
        if (values.Count > 1 && string.Equals(name, HeaderNames.Cookie, StringComparison.OrdinalIgnoreCase))
            values = string.Join("; ", values.ToArray());

        if (values.Count == 1)
        {
            var value = values.ToString();
            if (!message.Headers.TryAddWithoutValidation(name, value))
                (message.Content ??= new NoContent()).Headers.TryAddWithoutValidation(name, value);
        }
        else if (!message.Headers.TryAddWithoutValidation(name, values.ToArray()))
        {
            (message.Content ??= new NoContent()).Headers.TryAddWithoutValidation(name, values.ToArray());
        }
    }

    /// <summary>Tells the upstream who the client is.</summary>
    /// <param name="context">The client's request.</param>
    /// <param name="origin">What is told.</param>
    /// <param name="to">Where it is written.</param>
    /// <param name="add">Writes one field; false: it cannot be written.</param>
    public static bool TryAddOrigin<TMessage>(HttpContext context, ClientOrigin origin, TMessage to, Func<TMessage, string, string, bool> add)
    {
        var request = context.Request;
        var peer = context.Connection.RemoteIpAddress;
        var keep = origin.Trusts(peer);
        var address = peer is null ? "unknown" : (peer.IsIPv4MappedToIPv6 ? peer.MapToIPv4() : peer).ToString();
        var host = request.Headers.Host.ToString();
        if (origin.Fields.HasFlag(OriginFields.XForwarded))
        {
            // What a trusted proxy in front saw is what the client used; ours would only be the proxy's.
            if (!add(to, ForwardedFor, Behind(keep ? request.Headers[ForwardedFor] : default, address))
                || !add(to, ForwardedProto, keep && request.Headers[ForwardedProto] is { Count: > 0 } proto ? proto.ToString() : request.Scheme)
                || !add(to, ForwardedHost, keep && request.Headers[ForwardedHost] is { Count: > 0 } original ? original.ToString() : host))
                return false;
        }

        if (!origin.Fields.HasFlag(OriginFields.Forwarded))
            return true;
        var node = peer is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } ? $"\"[{address}]\"" : address;
        return add(to, Forwarded, Behind(keep ? request.Headers[Forwarded] : default, $"for={node};host={Quoted(host)};proto={request.Scheme}"));
    }

    private static string Behind(StringValues before, string own) => before.Count == 0 ? own : $"{before}, {own}";

    /// <summary>RFC 7239 §4: a value with a colon has to be quoted.</summary>
    private static string Quoted(string host) => host.Contains(':', StringComparison.Ordinal) ? $"\"{host}\"" : host;
}
