using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Headroom.Gateway.Configuration;

/// <summary>Reads the addresses of gateway.yaml and the command line. Expected mistakes are sentences.</summary>
internal static class GatewayAddress
{
    /// <summary>An address to listen on: scheme, an IP address, <c>localhost</c> or <c>*</c>, and a port.</summary>
    public static bool TryParseListen(string text, HttpProtocols? protocols, CertificateSettings? certificate, out ListenSettings? listen, out string? mistake)
    {
        listen = null;
        var (scheme, rest) = SplitScheme(text.Trim());
        if (scheme is null)
        {
            mistake = $"'{text}' is not an address to listen on; write one such as {ListenSettings.DefaultUrl}";
            return false;
        }

        if (rest.TrimEnd('/') is var authority && authority.LastIndexOf(':') is var colon && (colon < 0 || !int.TryParse(authority[(colon + 1)..], out var port) || port is < 0 or > 65535))
        {
            mistake = $"'{text}' has no port from 0 to 65535; write one such as {ListenSettings.DefaultUrl}";
            return false;
        }

        port = int.Parse(authority[(colon + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        var host = authority[..colon].Trim('[', ']');
        if (host is "+")
            host = "*";
        if (host is not ("*" or "localhost") && !IPAddress.TryParse(host, out _))
        {
            mistake = $"'{text}' has host '{host}'; write an IP address, localhost, or * for all addresses";
            return false;
        }

        if (host == "localhost" && port == 0)
        {
            mistake = $"'{text}': localhost is two addresses and cannot have a free port; write 127.0.0.1";
            return false;
        }

        if (scheme == "https" && certificate is null)
        {
            mistake = $"'{text}' needs a certificate; write it in gateway.yaml: listen: [ {{ url: {text}, certificate: cert.pem, key: key.pem }} ]";
            return false;
        }

        if (scheme == "http" && (certificate is not null || protocols == HttpProtocols.Http1AndHttp2))
        {
            mistake = certificate is not null
                ? $"'{text}' has a certificate, but is not https; write https://"
                : $"'{text}' cannot tell HTTP/1.1 from HTTP/2 without TLS; write protocols: http1 or http2, or https with a certificate";
            return false;
        }

        mistake = null;
        listen = new ListenSettings(text.Trim(), host, port, protocols ?? (scheme == "https" ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1), certificate);
        return true;
    }

    /// <summary>The address of an upstream, as it is put before targets.</summary>
    public static bool TryParseUpstream(string text, out string? address, out string? mistake)
    {
        address = null;
        var (scheme, _) = SplitScheme(text.Trim());
        if (scheme is null || !Uri.TryCreate(text.Trim(), UriKind.Absolute, out var url) || url.Host.Length == 0)
        {
            mistake = $"'{WithoutUser(text)}' is not the address of an upstream; write one such as http://127.0.0.1:3000";
            return false;
        }

        if (url.UserInfo.Length > 0)
        {
            mistake = $"the address of {url.Host} carries a user name or password; the gateway passes the client's Authorization field on and sends none of its own";
            return false;
        }

        if (url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            mistake = $"'{text}' has a query or fragment; write scheme, host, port, and a base path where there is one";
            return false;
        }

        mistake = null;
        address = url.GetLeftPart(UriPartial.Path).TrimEnd('/');
        return true;
    }

    private static (string? Scheme, string Authority) SplitScheme(string text)
    {
        var end = text.IndexOf("://", StringComparison.Ordinal);
        var scheme = end < 0 ? "" : text[..end].ToLowerInvariant();
        return scheme is "http" or "https" ? (scheme, text[(end + 3)..]) : (null, text);
    }

    /// <summary>What cannot be taken apart may still hold a password: nothing before the last '@' is repeated.</summary>
    private static string WithoutUser(string text) => text.LastIndexOf('@') is >= 0 and var at ? $"...{text[at..]}" : text;
}
