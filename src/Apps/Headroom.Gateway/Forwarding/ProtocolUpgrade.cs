using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Headroom.Gateway.Forwarding;

/// <summary>
/// A client that wants to go on in another protocol on its connection: over HTTP/1.1 by Upgrade (RFC 9110 §7.8), over HTTP/2 a websocket by extended CONNECT (RFC 8441), which to the upstream is an upgrade of
/// HTTP/1.1 with a key of ours.
/// </summary>
/// <param name="Protocol">What the client asks for.</param>
/// <param name="Key">For the upstream, where the client's HTTP/2 has none.</param>
internal sealed record ProtocolUpgrade(string Protocol, string? Key)
{
    private const string WebSocket = "websocket";

    /// <summary>Of RFC 6455 §1.3.</summary>
    private const string KeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>Null when the client asks for none. HTTP/2 over a connection in HTTP/1.1 is not offered: RFC 9113 §3.1 has taken it away.</summary>
    public static ProtocolUpgrade? Of(HttpContext context)
    {
        if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
            return string.Equals(connect.Protocol, WebSocket, StringComparison.OrdinalIgnoreCase) ? new ProtocolUpgrade(WebSocket, Convert.ToBase64String(RandomNumberGenerator.GetBytes(16))) : null;
        return context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } && context.Request.Headers.Upgrade.ToString() is { Length: > 0 } protocol && !HopByHop.HasToken(protocol, "h2c")
            ? new ProtocolUpgrade(protocol, Key: null)
            : null;
    }

    public void AddTo(HttpRequestMessage message)
    {
        message.Headers.TryAddWithoutValidation(HeaderNames.Connection, "Upgrade");
        message.Headers.TryAddWithoutValidation(HeaderNames.Upgrade, Protocol);
        if (Key is not null)
            message.Headers.TryAddWithoutValidation(HeaderNames.SecWebSocketKey, Key);
    }

    /// <summary>Has the upstream understood? With a key of the client's that is the client's to find out.</summary>
    public bool IsAcceptedBy(HttpResponseMessage response)
    {
        if (Key is null)
            return true;
#pragma warning disable CA5350 // RFC 6455 §4.2.2 has SHA-1; it shows that the other side speaks the protocol, no more.
        var expected = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(Key + KeySuffix)));
#pragma warning restore CA5350
        return response.Headers.NonValidated.TryGetValues(HeaderNames.SecWebSocketAccept, out var accept) && accept.ToString() == expected;
    }

    /// <summary>Answers the client, whose connection is a stream from here on. The fields of the response are written already.</summary>
    public async ValueTask<Stream> AcceptAsync(HttpContext context, HttpResponseMessage response)
    {
        if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
        {
            context.Response.StatusCode = StatusCodes.Status200OK;
            context.Response.Headers.Remove(HeaderNames.SecWebSocketAccept);
            return await connect.AcceptAsync();
        }

        if (response.Headers.NonValidated.TryGetValues(HeaderNames.Upgrade, out var switched))
            context.Response.Headers.Upgrade = switched.ToString();
        return await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
    }
}
