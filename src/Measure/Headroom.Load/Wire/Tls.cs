using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Headroom.Load.Wire;

/// <summary>The TLS handshake of a client that measures: HTTP/1.1 by ALPN, the system's trust unless told otherwise.</summary>
internal static class Tls
{
    public static async Task<SslStream> AuthenticateAsync(Stream stream, string host, bool insecure, CancellationToken cancellation)
    {
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = host,
                    ApplicationProtocols = [SslApplicationProtocol.Http11],
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
#pragma warning disable CA5359, MA0039 // Accepting any certificate is what --insecure asks for.
                    RemoteCertificateValidationCallback = insecure ? (_, _, _, _) => true : null,
#pragma warning restore CA5359, MA0039
                },
                cancellation);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }
}
