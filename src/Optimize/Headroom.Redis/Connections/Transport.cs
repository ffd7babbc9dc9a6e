using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Headroom.Redis.Connections;

/// <summary>Opens the stream to a server: TCP or unix socket, with TLS where asked for. Failures are told apart by stage.</summary>
internal static class Transport
{
    public static async Task<Stream> ConnectAsync(RedisEndpoint endpoint, ConnectionSettings settings, CancellationToken cancellationToken)
    {
        var socket = endpoint.IsUnixSocket
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await ConnectSocketAsync(socket, endpoint, cancellationToken);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            return settings.Tls ? await SecureAsync(stream, endpoint, settings, cancellationToken) : stream;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    static async Task ConnectSocketAsync(Socket socket, RedisEndpoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            if (endpoint.IsUnixSocket)
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(endpoint.Host), cancellationToken);
            else
                await socket.ConnectAsync(endpoint.Host, endpoint.Port, cancellationToken);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain)
        {
            throw new RedisConnectionException(RedisConnectionFailure.NameResolution, $"The host '{endpoint.Host}' of Redis has no address ({e.Message}). Check the name in the connection string.", e);
        }
        catch (SocketException e)
        {
            throw new RedisConnectionException(RedisConnectionFailure.ConnectRefused, $"Redis at {endpoint} cannot be reached ({e.Message}). Check that it runs, and host and port in the connection string.", e);
        }
    }

    static async Task<Stream> SecureAsync(Stream stream, RedisEndpoint endpoint, ConnectionSettings settings, CancellationToken cancellationToken)
    {
        var secured = new SslStream(stream);
        try
        {
            await secured.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = settings.TlsHost ?? endpoint.Host,
                    EnabledSslProtocols = settings.TlsProtocols,
                    CertificateRevocationCheckMode = settings.CheckCertificateRevocation
                        ? System.Security.Cryptography.X509Certificates.X509RevocationMode.Online
                        : System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck,
                    RemoteCertificateValidationCallback = settings.CertificateValidation,
                    ClientCertificates = settings.ClientCertificates,
                },
                cancellationToken);
            return secured;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            await secured.DisposeAsync();
            throw new RedisConnectionException(RedisConnectionFailure.Tls, $"TLS with Redis at {endpoint} failed ({e.Message}). Check that this port speaks TLS, that its certificate is trusted here, and that it is for '{settings.TlsHost ?? endpoint.Host}' (sslHost=… where it is for another name).", e);
        }
    }
}
