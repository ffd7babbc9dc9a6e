using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Headroom.Load.Wire;
using Headroom.Measurements;

namespace Headroom.Load.Target;

/// <summary>Reads the target's own metrics twice, when measuring begins and when it has ended, and makes the plan's figures of the difference.</summary>
internal sealed class MetricsWatch : IDisposable
{
    private const int ExpositionBytesMax = 64 * 1024 * 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly MetricsScrape _scrape;
    private readonly HttpVersionChoice _version;
    private readonly HttpClient _client;
    private Task<Exposition>? _first;

    private MetricsWatch(MetricsScrape scrape, HttpVersionChoice version, HttpClient client)
    {
        _scrape = scrape;
        _version = version;
        _client = client;
    }

    private sealed record Exposition(PrometheusSamples? Samples, string? Problem);

    /// <summary>Null when the plan asks for none.</summary>
    /// <param name="plan">What to read, and over which version of HTTP.</param>
    /// <param name="options">Certificates.</param>
    /// <param name="origins">Those of the load: the same host and port are connected to at the same address.</param>
    public static MetricsWatch? Create(LoadPlan plan, LoadOptions options, IReadOnlyList<Origin> origins)
    {
        if (plan.Metrics is not { } scrape)
            return null;
        var known = origins.FirstOrDefault(origin => (origin.Scheme, origin.Host, origin.Port) == (scrape.Url.Scheme, scrape.Url.IdnHost, scrape.Url.Port));
        var tls = Tls.ClientOptions(scrape.Url.IdnHost, options.Tls, SslApplicationProtocol.Http11, static _ => { });
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
        return new MetricsWatch(scrape, plan.Connections.Version, new HttpClient(handler) { Timeout = Timeout, MaxResponseContentBufferSize = ExpositionBytesMax });
    }

    /// <summary>Reads the counters as they stand when measuring begins; called again it does nothing.</summary>
    public Task BeginAsync() => _first ??= ReadAsync();

    /// <summary>Reads them again and tells what became of them.</summary>
    public async Task<IReadOnlyList<TargetMetric>> EndAsync()
    {
        var first = await (_first ?? ReadAsync());
        var last = await ReadAsync();
        return [.. _scrape.Metrics.Select(metric => Figure(metric, first, last))];
    }

    public void Dispose() => _client.Dispose();

    private TargetMetric Figure(ScrapedMetric metric, Exposition first, Exposition last)
    {
        var missing = new TargetMetric { Name = metric.Name };
        if ((last.Problem ?? (metric.Gauge is null ? first.Problem : null)) is { } problem)
            return missing with { Reason = problem };
        if (metric.Gauge is { } gauge)
            return last.Samples!.Sum(gauge) is { } value ? missing with { Value = value } : missing with { Reason = NotThere(gauge) };

        // A counter that counts for the first time while measuring was 0 before. One that a restart set back has counted at least what it shows.
        double Grown(SeriesSelector series) =>
            (last.Samples!.Sum(series) ?? 0) - (first.Samples!.Sum(series) ?? 0) is var growth and >= 0 ? growth : last.Samples.Sum(series) ?? 0;
        var selectors = metric.Over.Append(metric.Increase!).ToArray();
        if (metric.Over.Count == 0 && last.Samples!.Sum(metric.Increase!) is null)
            return missing with { Reason = NotThere(metric.Increase!) };
        if (Array.TrueForAll(selectors, series => last.Samples!.Sum(series) is null))
            return missing with { Reason = NotThere(selectors[0]) };
        var increase = Grown(metric.Increase!);
        if (metric.Over.Count == 0)
            return missing with { Value = increase, Increase = increase };
        var over = metric.Over.Sum(Grown);
        return over > 0
            ? missing with { Value = increase / over, Increase = increase, Over = over }
            : missing with { Increase = increase, Over = 0, Reason = $"{string.Join(" and ", metric.Over)} did not grow while measuring" };
    }

    private string NotThere(SeriesSelector series) => $"{_scrape.Url} has no series {series}";

    private async Task<Exposition> ReadAsync()
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _scrape.Url);
            request.Headers.Accept.ParseAdd("text/plain;version=0.0.4");
            (request.Version, request.VersionPolicy) = _version == HttpVersionChoice.Http2
                ? (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact)
                : (HttpVersion.Version11, HttpVersionPolicy.RequestVersionExact);
            using var response = await _client.SendAsync(request);
            return response.IsSuccessStatusCode
                ? new Exposition(PrometheusSamples.Parse(Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync())), Problem: null)
                : new Exposition(Samples: null, $"{_scrape.Url} answered {(int)response.StatusCode}; give the address of the target's metrics as metrics.url");
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            var reason = e is OperationCanceledException ? $"it took longer than {Timeout.TotalSeconds:0} s" : e.Message.TrimEnd('.');
            return new Exposition(Samples: null, $"{_scrape.Url} could not be read: {reason}");
        }
    }

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
