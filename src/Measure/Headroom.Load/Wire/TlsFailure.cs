using System.Net.Sockets;
using System.Security.Authentication;

namespace Headroom.Load.Wire;

/// <summary>
/// Tells failures of TLS apart from those of the connection under it, and says in words what the peer's alert (RFC 8446 §6.2) means. The runtime hands on
/// alerts only as text of its TLS library, so the words are looked for; text that is not known is told as it is.
/// </summary>
internal static class TlsFailure
{
    private static readonly (string Word, string Meaning)[] Meanings =
    [
        ("certificate required", "the server requires a client certificate and was shown none; give one (--cert, --key)"),
        ("unknown ca", "the server does not trust the client certificate it was shown"),
        ("bad certificate", "the server refused the client certificate it was shown"),
        ("certificate expired", "the server says that the client certificate has expired"),
        ("certificate revoked", "the server says that the client certificate was revoked"),
        ("certificate unknown", "the server refused the client certificate it was shown"),
        ("unsupported certificate", "the server does not take client certificates of this kind"),
        ("unrecognized name", "the server has no certificate for this host name"),
        ("no application protocol", "the server does not speak this version of HTTP over TLS (ALPN)"),
        ("protocol version", "server and client have no version of TLS in common"),
        ("unsupported protocol", "server and client have no version of TLS in common"),
        ("handshake failure", "the server refused the handshake: no cipher in common, or it requires a client certificate (--cert, --key)"),
        ("Cannot determine the frame size", "what answered is not TLS; if the server speaks plain HTTP on this port, write http://"),
        ("wrong version number", "what answered is not TLS; if the server speaks plain HTTP on this port, write http://"),
        ("packet length too long", "what answered is not TLS; if the server speaks plain HTTP on this port, write http://"),
    ];

    /// <summary>Whether the peer, or our own TLS library, ended the connection by an error of TLS: not a reset, not an end of the connection.</summary>
    public static bool Is(Exception e)
    {
        var chain = Chain(e).ToArray();
        return chain.Any(one => one is AuthenticationException)
            || (e is IOException && e.InnerException is not null && !chain.Any(one => one is SocketException or ObjectDisposedException));
    }

    /// <summary>The end of a sentence that begins with "TLS failed:".</summary>
    public static string Describe(Exception e)
    {
        if (e is CertificateRefusedException)
            return e.Message;
        var chain = Chain(e).ToArray();
        foreach (var (word, meaning) in Meanings)
        {
            if (chain.Any(one => one.Message.Contains(word, StringComparison.OrdinalIgnoreCase)))
                return meaning;
        }

        if (chain.Any(one => one is SocketException { SocketErrorCode: SocketError.ConnectionReset }))
            return "the server reset the connection in the handshake";
        return e is IOException && !Is(e)
            ? "the server closed the connection in the handshake; if it speaks plain HTTP on this port, write http://"
            : string.Join(": ", chain.Select(one => one.Message.TrimEnd('.')).Distinct(StringComparer.Ordinal));
    }

    private static IEnumerable<Exception> Chain(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
            yield return e;
    }
}
