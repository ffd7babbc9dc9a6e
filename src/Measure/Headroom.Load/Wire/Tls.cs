using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Headroom.Load.Wire;

/// <summary>What the user says of certificates.</summary>
internal sealed record TlsOptions
{
    /// <summary>Accept any certificate of the server.</summary>
    public bool Insecure { get; init; }

    /// <summary>Shown to servers that ask for one; with its private key.</summary>
    public X509Certificate2? ClientCertificate { get; init; }
}

/// <summary>The TLS handshake of a client that measures: HTTP/1.1 by ALPN, the system's trust unless told otherwise.</summary>
internal static class Tls
{
    public static async Task<SslStream> AuthenticateAsync(Stream stream, string host, TlsOptions options, CancellationToken cancellation)
    {
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = host,
                    ApplicationProtocols = [SslApplicationProtocol.Http11],
                    ClientCertificates = options.ClientCertificate is { } own ? [own] : null,
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
#pragma warning disable CA5359, MA0039 // Accepting any certificate is what --insecure asks for.
                    RemoteCertificateValidationCallback = options.Insecure ? (_, _, _, _) => true : null,
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
