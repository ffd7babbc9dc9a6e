using System.Net.Security;
using System.Security.Authentication;
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

/// <summary>The server's certificate was looked at and not accepted; the message says why, as the end of a sentence.</summary>
internal sealed class CertificateRefusedException(string message, Exception inner) : AuthenticationException(message, inner);

/// <summary>The TLS handshake of a client that measures: the system's trust unless told otherwise, one protocol by ALPN.</summary>
internal static class Tls
{
    /// <summary>Makes the handshake and tells whether the server asked for a client certificate.</summary>
    /// <exception cref="CertificateRefusedException">The server's certificate is not accepted.</exception>
    /// <exception cref="AuthenticationException">Another failure of the handshake; <see cref="TlsFailure"/> explains it.</exception>
    /// <exception cref="IOException">The connection ended in the handshake.</exception>
    public static async Task<(SslStream Stream, bool AskedForCertificate)> AuthenticateAsync(
        Stream stream, string host, TlsOptions options, SslApplicationProtocol protocol, CancellationToken cancellation)
    {
        string? refusal = null;
        var asked = false;
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(ClientOptions(host, options, protocol, problem => refusal = problem, () => asked = true), cancellation);
            return (tls, asked);
        }
        catch (AuthenticationException e) when (refusal is not null)
        {
            await tls.DisposeAsync();
            throw new CertificateRefusedException(refusal, e);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    /// <param name="host">The name that the certificate has to have.</param>
    /// <param name="options">What the user says of certificates.</param>
    /// <param name="protocol">The one protocol that is spoken.</param>
    /// <param name="refused">Told why the server's certificate is not accepted.</param>
    /// <param name="asked">Told when the server asks for a client certificate.</param>
    public static SslClientAuthenticationOptions ClientOptions(
        string host, TlsOptions options, SslApplicationProtocol protocol, Action<string> refused, Action? asked = null) => new()
    {
        TargetHost = host,
        ApplicationProtocols = [protocol],

        // Called once before the server has said anything, and, while that gets nothing, again with the server's certificate when it asks for ours.
        LocalCertificateSelectionCallback = (_, _, _, remote, _) =>
        {
            if (remote is null)
                return null!;
            asked?.Invoke();
            return options.ClientCertificate!;
        },
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            if (options.Insecure || errors == SslPolicyErrors.None)
                return true;
            refused(CertificateProblem.Describe(host, certificate as X509Certificate2, chain, errors));
            return false;
        },
    };
}
