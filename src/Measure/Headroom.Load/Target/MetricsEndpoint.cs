using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Headroom.Load.Wire;

namespace Headroom.Load.Target;

/// <summary>The target's own metrics (Prometheus text), to be read as often as one likes.</summary>
internal sealed class MetricsEndpoint : IDisposable
{
    private const int ExpositionBytesMax = 64 * 1024 * 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly HttpVersionChoice _version;
    private readonly HttpClient _client;

    private MetricsEndpoint(Uri url, HttpVersionChoice version, HttpClient client)
    {
        Url = url;
        _version = version;
        _client = client;
    }

    public Uri Url { get; }

    /// <param name="url">Where the metrics are.</param>
    /// <param name="version">Over which version of HTTP.</param>
    /// <param name="options">Certificates.</param>
    /// <param name="origins">Those of the load: the same host and port are connected to at the same address.</param>
    public static MetricsEndpoint Create(Uri url, HttpVersionChoice version, LoadOptions options, IReadOnlyList<Origin> origins)
    {
        var known = origins.FirstOrDefault(origin => (origin.Scheme, origin.Host, origin.Port) == (url.Scheme, url.IdnHost, url.Port));
        var tls = Tls.ClientOptions(url.IdnHost, options.Tls, SslApplicationProtocol.Http11, static _ => { });
        tls.ApplicationProtocols = null;
        var handler = new SocketsHttpHandler
        {
            UseCookies = false,
            UseProxy = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,
            SslOptions = tls,
        };
        if (known is not null)
            handler.ConnectCallback = (_, cancellation) => ConnectAsync(known, cancellation);
        return new MetricsEndpoint(url, version, new HttpClient(handler) { Timeout = Timeout, MaxResponseContentBufferSize = ExpositionBytesMax });
    }

    /// <summary>What it says now, or why that cannot be known.</summary>
    /// <exception cref="OperationCanceledException">The caller ended it.</exception>
    public async Task<Exposition> ReadAsync(CancellationToken cancellation = default)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Url);
            request.Headers.Accept.ParseAdd("text/plain;version=0.0.4");
            (request.Version, request.VersionPolicy) = _version == HttpVersionChoice.Http2
                ? (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact)
                : (HttpVersion.Version11, HttpVersionPolicy.RequestVersionExact);
            using var response = await _client.SendAsync(request, cancellation);
            return response.IsSuccessStatusCode
                ? new Exposition(PrometheusSamples.Parse(Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(cancellation))), Problem: null)
                : new Exposition(Samples: null, $"{Url} answered {(int)response.StatusCode}; give the address of the target's metrics as metrics.url");
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            var reason = e is OperationCanceledException ? $"it took longer than {Timeout.TotalSeconds:0} s" : e.Message.TrimEnd('.');
            return new Exposition(Samples: null, $"{Url} could not be read: {reason}");
        }
    }

    public void Dispose() => _client.Dispose();

    private static async ValueTask<Stream> ConnectAsync(Origin origin, CancellationToken cancellation)
    {
        var socket = origin.CreateSocket();
        try
        {
            await socket.ConnectAsync(origin.Address, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>One reading of a metrics endpoint.</summary>
/// <param name="Samples">What it said; null when it could not be read.</param>
/// <param name="Problem">Why not, in a sentence; null when it could.</param>
internal sealed record Exposition(PrometheusSamples? Samples, string? Problem);
