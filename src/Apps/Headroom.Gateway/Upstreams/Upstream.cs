using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Text;
using Headroom.Gateway.InterimAnswers;
using Headroom.Gateway.Wire;

namespace Headroom.Gateway.Upstreams;

/// <summary>One server behind the gateway: its connections, how many requests are on them, and its health. Lives across reloads that do not change its settings.</summary>
internal sealed class Upstream : IDisposable
{
    private const int HeadKilobytesMax = 64;
    private static readonly TimeSpan IdleConnectionLifetime = TimeSpan.FromSeconds(55);

    /// <summary>So that a changed DNS record is noticed.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly int _requestsMax;

    /// <summary>One for each request, and one for the routes; at 0 the connections are closed and nothing begins any more.</summary>
    private int _holders = 1;
    private int _retired;

    public Upstream(UpstreamSettings settings, TimeProvider time)
    {
        Settings = settings;
        var address = new Uri(settings.Address);
        IsSecure = address.Scheme == Uri.UriSchemeHttps;
        _requestsMax = settings.ConnectionsMax + settings.QueueMax;
        (Version, VersionPolicy) = (settings.Protocol, IsSecure) switch
        {
            (UpstreamProtocol.Http2, _) => (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact),
            (UpstreamProtocol.Automatic, true) => (HttpVersion.Version20, HttpVersionPolicy.RequestVersionOrLower),
            _ => (HttpVersion.Version11, HttpVersionPolicy.RequestVersionExact),
        };
        var host = address.HostNameType == UriHostNameType.Dns ? address.IdnHost : address.Host;
        Authority = address.IsDefaultPort ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{address.Port}");
        BasePath = address.AbsolutePath.TrimEnd('/');
        Health = new UpstreamHealth(settings.Health, time);
        if (!IsSecure && Version == HttpVersion.Version11)
            Wire = new WirePool(address, settings.ConnectionsMax, settings.ConnectTimeout, IdleConnectionLifetime, ConnectionLifetime, time);
        Invoker = new HttpMessageInvoker(CreateHandler(settings), disposeHandler: true);
    }

    public UpstreamSettings Settings { get; }

    /// <summary>What is put before a request's target.</summary>
    public string Prefix => Settings.Address;

    /// <summary>Host, an international name as DNS has it (RFC 5890, A-labels), and the port where it is not the scheme's own.</summary>
    public string Authority { get; }

    /// <summary>The path of <see cref="Prefix"/>; empty for none.</summary>
    public string BasePath { get; }

    public bool IsSecure { get; }

    /// <summary>Connections for HTTP/1.1 without TLS; null where the framework's client is needed.</summary>
    public WirePool? Wire { get; }

    public Version Version { get; }

    public HttpVersionPolicy VersionPolicy { get; }

    public HttpMessageInvoker Invoker { get; }

    public UpstreamHealth Health { get; }

    /// <summary>Requests that were sent, or wait to be, and are not answered completely.</summary>
    public int InFlight => Math.Max(0, Volatile.Read(ref _holders) - 1 + Volatile.Read(ref _retired));

    /// <summary>Each <see cref="Admission.Begun"/> is followed by one <see cref="End"/>.</summary>
    public Admission TryBegin()
    {
        var holders = Volatile.Read(ref _holders);
        while (true)
        {
            if (holders == 0)
                return Admission.Retired;
            if (holders > _requestsMax)
                return Admission.Full;
            var seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders)
                return Admission.Begun;
            holders = seen;
        }
    }

    public void End()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            Invoker.Dispose();
            Wire?.Dispose();
        }
    }

    /// <summary>No route leads here any more; the connections are closed after the last request.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _retired, 1) != 0)
            return;
        Health.Dispose();
        End();
    }

    private static SocketsHttpHandler CreateHandler(UpstreamSettings settings)
    {
        var handler = new SocketsHttpHandler
        {
            // The message is the client's and the upstream's; nothing is added or read on the way.
            ActivityHeadersPropagator = null,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            UseProxy = false,
            RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
            ConnectTimeout = settings.ConnectTimeout,
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            MaxConnectionsPerServer = settings.ConnectionsMax,
            MaxResponseHeadersLength = HeadKilobytesMax,
            // What is left of a response that nobody wants costs less as a closed connection.
            MaxResponseDrainSize = 0,
            PlaintextStreamFilter = InterimStream.FilterAsync,
            PooledConnectionIdleTimeout = IdleConnectionLifetime,
            PooledConnectionLifetime = ConnectionLifetime,
        };
        if (!settings.VerifyCertificate)
        {
#pragma warning disable CA5359 // The operator has written verifyCertificate: false.
            handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true };
#pragma warning restore CA5359
        }

        return handler;
    }
}

/// <summary>Whether an upstream takes one more request.</summary>
internal enum Admission
{
    Begun,

    /// <summary>Every connection is busy and the queue is full.</summary>
    Full,

    /// <summary>A reload has taken it out of the routes, and its connections are closed.</summary>
    Retired,
}
