using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Headroom.Load.Wire;

namespace Headroom.Load.Target;

/// <summary>Resolves the plan's hosts and makes one connection to each before load is sent, so that a wrong address is told at once.</summary>
internal static class Reachability
{
    public static async Task<IReadOnlyList<Origin>> CheckAsync(IEnumerable<Uri> urls, TimeSpan connectTimeout, TlsOptions tls, CancellationToken cancellation)
    {
        var origins = new List<Origin>();
        foreach (var url in urls.DistinctBy(OriginKey))
            origins.Add(await CheckOneAsync(url, connectTimeout, tls, cancellation));
        return origins;
    }

    public static (string Scheme, string Host, int Port) OriginKey(Uri url) => (url.Scheme, url.IdnHost, url.Port);

    private static async Task<Origin> CheckOneAsync(Uri url, TimeSpan connectTimeout, TlsOptions tls, CancellationToken cancellation)
    {
        var addresses = await ResolveAsync(url, cancellation);
        var failures = new List<string>();
        foreach (var address in addresses)
        {
            var origin = new Origin(url.Scheme, url.IdnHost, url.Port, new IPEndPoint(address, url.Port));
            if (await TryConnectAsync(origin, connectTimeout, tls, cancellation) is not { } failure)
                return origin;
            failures.Add($"{origin.Address}: {failure}");
        }

        throw new TargetUnreachableException($"Cannot reach {url.Scheme}://{url.Authority}: {string.Join("; ", failures)}.");
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
            throw new TargetUnreachableException($"Cannot reach {url.Scheme}://{url.Authority}: the host name '{url.IdnHost}' does not resolve ({e.Message}).", e);
        }

        throw new TargetUnreachableException($"Cannot reach {url.Scheme}://{url.Authority}: the host name '{url.IdnHost}' has no address.");
    }

    private static async Task<string?> TryConnectAsync(Origin origin, TimeSpan connectTimeout, TlsOptions tls, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(connectTimeout);
        try
        {
            using var socket = new Socket(origin.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(origin.Address, timeout.Token);
            if (origin.IsTls)
                await (await Tls.AuthenticateAsync(new NetworkStream(socket), origin.Host, tls, timeout.Token)).DisposeAsync();
            return null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionRefused ? "connection refused" : e.Message;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            return $"TLS failed: {e.Message} {e.InnerException?.Message}".TrimEnd('.', ' ') + (tls.Insecure ? "" : " (--insecure accepts any certificate)");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"no connection within {connectTimeout.TotalSeconds:0.###} s";
        }
    }
}
