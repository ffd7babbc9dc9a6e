using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Headroom.Load.Wire;

namespace Headroom.Load.Target;

/// <summary>
/// Resolves the plan's hosts and makes one connection to each before load is sent, so that a wrong address, or a certificate that will not do, is told at once
/// and in words.
/// </summary>
internal static class Reachability
{
    /// <summary>
    /// With TLS 1.3 a server judges the client's certificate after the client has finished its handshake (RFC 8446 §4.4.2): its alert comes a round trip later.
    /// </summary>
    private static readonly TimeSpan AlertWait = TimeSpan.FromMilliseconds(500);

    /// <exception cref="LoadPlanException">An address was given for a host that the plan does not ask.</exception>
    /// <exception cref="TargetUnreachableException">No address of a host can be connected to.</exception>
    public static async Task<IReadOnlyList<Origin>> CheckAsync(
        IEnumerable<Uri> urls, HttpVersionChoice version, TimeSpan connectTimeout, LoadOptions options, CancellationToken cancellation)
    {
        var distinct = urls.DistinctBy(OriginKey).ToArray();
        RefuseUnusedAddresses(distinct, options);
        var origins = new List<Origin>();
        foreach (var url in distinct)
            origins.Add(await CheckOneAsync(url, version, connectTimeout, options, cancellation));
        return origins;
    }

    public static (string Scheme, string Host, int Port) OriginKey(Uri url) => (url.Scheme, url.IdnHost, url.Port);

    /// <summary>A misspelt host would send the load to the machine that the name really leads to.</summary>
    private static void RefuseUnusedAddresses(Uri[] urls, LoadOptions options)
    {
        var problems = options.Resolve.Where(entry => !urls.Any(url => IsFor(entry, url)))
            .Select(entry => new PlanProblem(
                "resolve", 0, 0, $"the plan asks nothing of {entry.Host}:{entry.Port}; write a host and port that it asks: {string.Join(", ", urls.Select(url => $"{url.IdnHost}:{url.Port}"))}"))
            .ToArray();
        if (problems.Length > 0)
            throw new LoadPlanException(problems);
    }

    private static bool IsFor(ResolvedHost entry, Uri url) =>
        entry.Port == url.Port && entry.Host.Trim('[', ']').Equals(url.IdnHost, StringComparison.OrdinalIgnoreCase);

    private static async Task<Origin> CheckOneAsync(Uri url, HttpVersionChoice version, TimeSpan connectTimeout, LoadOptions options, CancellationToken cancellation)
    {
        var failures = new List<string>();
        foreach (var address in await AddressesAsync(url, options, cancellation))
        {
            var origin = new Origin(url.Scheme, url.IdnHost, url.Port, address);
            if (await TryConnectAsync(origin, version, connectTimeout, options.Tls, cancellation) is not { } failure)
                return origin;
            failures.Add($"{(address is UnixDomainSocketEndPoint ? $"unix socket '{address}'" : address)}: {failure}");
        }

        throw new TargetUnreachableException($"Cannot reach {url.Scheme}://{url.Authority}: {string.Join("; ", failures)}.");
    }

    private static async Task<IEnumerable<EndPoint>> AddressesAsync(Uri url, LoadOptions options, CancellationToken cancellation)
    {
        if (options.UnixSocket is { } path)
            return [new UnixDomainSocketEndPoint(path)];
        if (options.Resolve.FirstOrDefault(entry => IsFor(entry, url)) is { } given)
            return [new IPEndPoint(given.Address, url.Port)];
        return (await ResolveAsync(url, cancellation)).Select(address => new IPEndPoint(address, url.Port));
    }

    private static async Task<IPAddress[]> ResolveAsync(Uri url, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(url.IdnHost, out var literal))
            return [literal];
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(url.IdnHost, cancellation);
            if (addresses.Length > 0)
                return addresses;
        }
        catch (SocketException e)
        {
            throw new TargetUnreachableException(
                $"Cannot reach {url.Scheme}://{url.Authority}: the host name '{url.IdnHost}' does not resolve ({e.Message}). --resolve {url.IdnHost}:{url.Port}:ADDRESS gives it an address.", e);
        }

        throw new TargetUnreachableException($"Cannot reach {url.Scheme}://{url.Authority}: the host name '{url.IdnHost}' has no address.");
    }

    private static async Task<string?> TryConnectAsync(
        Origin origin, HttpVersionChoice version, TimeSpan connectTimeout, TlsOptions tls, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(connectTimeout);
        try
        {
            using var socket = origin.CreateSocket();
            await socket.ConnectAsync(origin.Address, timeout.Token);
            await using var network = new NetworkStream(socket);
            if (origin.IsTls)
                await HandshakeAsync(network, origin, version, tls, timeout.Token);
            else if (version == HttpVersionChoice.Http2 && !await Http2Preface.IsAnsweredAsync(network, timeout.Token))
                return "the server does not speak HTTP/2 without TLS (prior knowledge); switch it on there, or measure over HTTP/1.1";
            return null;
        }
        catch (CertificateRefusedException e)
        {
            return $"TLS failed: {e.Message} (--insecure accepts any certificate)";
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            return $"TLS failed: {TlsFailure.Describe(e)}";
        }
        catch (SocketException e)
        {
            return DescribeConnect(e, origin.Address);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"no connection within {connectTimeout.TotalSeconds:0.###} s";
        }
    }

    private static string DescribeConnect(SocketException e, EndPoint address) => e.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.TooManyOpenSockets => "this process may not open more files; raise the limit (ulimit -n)",
        SocketError.AddressNotAvailable when address is UnixDomainSocketEndPoint => "there is no such socket",
        _ => e.Message,
    };

    private static async Task HandshakeAsync(NetworkStream network, Origin origin, HttpVersionChoice version, TlsOptions options, CancellationToken cancellation)
    {
        var protocol = version == HttpVersionChoice.Http2 ? SslApplicationProtocol.Http2 : SslApplicationProtocol.Http11;
        var (tls, askedForCertificate) = await Tls.AuthenticateAsync(network, origin.Host, options, protocol, cancellation);
        await using (tls)
        {
            if (version == HttpVersionChoice.Http2 && tls.NegotiatedApplicationProtocol != SslApplicationProtocol.Http2)
                throw new AuthenticationException("the server does not speak HTTP/2 over TLS (ALPN); measure it over HTTP/1.1");
            if (!askedForCertificate)
                return;
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            wait.CancelAfter(AlertWait);
            try
            {
                if (await tls.ReadAsync(new byte[1], wait.Token) == 0)
                {
                    throw new AuthenticationException(options.ClientCertificate is null
                        ? "the server asked for a client certificate, was shown none, and closed the connection; give one (--cert, --key)"
                        : "the server asked for a client certificate and closed the connection when it saw it; give one that it trusts");
                }
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                // No alert: it is content.
            }
        }
    }
}
