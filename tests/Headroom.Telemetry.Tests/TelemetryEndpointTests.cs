using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using Headroom.Telemetry.Tests.Collection;
using Headroom.Telemetry.Tests.Prometheus;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Telemetry.Tests;

public sealed class TelemetryEndpointTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task MapPrometheus_AfterRequests_ShowsThemWithTheFormatsContentType()
    {
        await using var app = await TelemetryApp.StartAsync(Map);
        for (var i = 0; i < 5; i++)
            await app.Client.GetStringAsync($"/items/{i}", Token);

        using var response = await app.Client.GetAsync("/metrics", Token);
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Contains(
            "http_server_request_duration_seconds_count{http_request_method=\"GET\",http_response_status_code=\"200\",http_route=\"/items/{id}\",network_protocol_version=\"1.1\",url_scheme=\"http\"} 5\n",
            text,
            StringComparison.Ordinal);
        Assert.Contains("# TYPE dotnet_gc_collections_total counter\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE dotnet_thread_pool_thread_count_current gauge\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE dotnet_thread_pool_queue_length gauge\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE kestrel_active_connections gauge\n", text, StringComparison.Ordinal);
        MetricFamilyTests.AssertEveryLineOnce(text);
        Assert.DoesNotContain("/metrics", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MapPrometheus_AcceptsOpenMetrics_GetsIt()
    {
        await using var app = await TelemetryApp.StartAsync(Map);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Add("Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1");
        using var response = await app.Client.SendAsync(request, Token);
        Assert.Equal("application/openmetrics-text; version=1.0.0; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("Accept", response.Headers.Vary.Single());
        Assert.EndsWith("\n# EOF\n", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/api/metrics")]
    public async Task Map_EachEndpoint_IsMarkedToBeSpared(string path)
    {
        await using var app = await TelemetryApp.StartAsync(Map);
        var endpoint = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Single(known => known.RoutePattern.RawText == path);
        Assert.NotNull(endpoint.Metadata.GetMetadata<INeverShed>());
    }

    [Fact]
    public async Task MapPrometheus_Head_HasNoContent()
    {
        await using var app = await TelemetryApp.StartAsync(Map);
        using var request = new HttpRequestMessage(HttpMethod.Head, "/metrics");
        using var response = await app.Client.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Token));
    }

    [Fact]
    public async Task MapTelemetrySummary_NothingObserved_IsNullWhereAZeroWouldLie()
    {
        await using var app = await TelemetryApp.StartAsync(Map);
        var json = await app.Client.GetStringAsync("/api/metrics", Token);
        Assert.Equal(
            """{"requests":{"total":0,"errorRate":null,"p50Latency":null,"p95Latency":null,"p99Latency":null},"cache":{"hitRate":null},"rateLimit":{"blockRate":null},"database":{"totalQueries":0,"p95Latency":null}}""",
            json);
    }

    [Fact]
    public async Task MapTelemetrySummary_AfterRequests_GivesTheirNumbers()
    {
        await using var app = await TelemetryApp.StartAsync(Map);
        for (var i = 0; i < 15; i++)
            await app.Client.GetStringAsync($"/items/{i}", Token);
        for (var i = 0; i < 5; i++)
            (await app.Client.GetAsync("/broken", Token)).Dispose();
        (await app.Client.GetAsync("/nowhere", Token)).Dispose();
        app.Services.GetRequiredService<CacheMetrics>().Hit("overview");
        app.Services.GetRequiredService<CacheMetrics>().Hit("overview", "l2");
        app.Services.GetRequiredService<CacheMetrics>().Hit("auth");
        app.Services.GetRequiredService<CacheMetrics>().Miss("auth");
        app.Services.GetRequiredService<RateLimitMetrics>().Allowed("burst");
        app.Services.GetRequiredService<RateLimitMetrics>().Blocked("burst");
        app.Services.GetRequiredService<DatabaseMetrics>().Record(TimeSpan.FromMilliseconds(12), "SELECT", "sqlite");

        using var json = JsonDocument.Parse(await app.Client.GetStringAsync("/api/metrics", Token));
        var requests = json.RootElement.GetProperty("requests");
        Assert.Equal(21, requests.GetProperty("total").GetInt64());
        Assert.Equal(5.0 / 21, requests.GetProperty("errorRate").GetDouble(), 1e-9);
        Assert.InRange(requests.GetProperty("p50Latency").GetDouble(), 0.001, 10_000);
        Assert.InRange(requests.GetProperty("p99Latency").GetDouble(), requests.GetProperty("p95Latency").GetDouble(), 10_000);
        Assert.Equal(0.75, json.RootElement.GetProperty("cache").GetProperty("hitRate").GetDouble());
        Assert.Equal(0.5, json.RootElement.GetProperty("rateLimit").GetProperty("blockRate").GetDouble());
        Assert.Equal(1, json.RootElement.GetProperty("database").GetProperty("totalQueries").GetInt64());
        Assert.InRange(json.RootElement.GetProperty("database").GetProperty("p95Latency").GetDouble(), 11.95, 12.05);
    }

    [Fact]
    public async Task MapPrometheus_ConcurrentScrapesUnderRequests_AreAllWhole()
    {
        await using var app = await TelemetryApp.StartAsync(Map);
        var requests = Enumerable.Range(0, 200).Select(i => app.Client.GetStringAsync($"/items/{i}", Token));
        var scrapes = Enumerable.Range(0, 20).Select(_ => app.Client.GetStringAsync("/metrics", Token)).ToArray();
        await Task.WhenAll(requests);
        foreach (var text in await Task.WhenAll(scrapes))
        {
            Assert.EndsWith("\n", text, StringComparison.Ordinal);
            MetricFamilyTests.AssertEveryLineOnce(text);
        }

        // A request is recorded after its answer has left, so the last ones may be a moment late.
        double Counted(string text) => text.Split('\n')
            .Where(line => line.StartsWith("http_server_request_duration_seconds_count{", StringComparison.Ordinal))
            .Sum(CollectorAssert.ValueOf);
        var counted = 0.0;
        for (var attempt = 0; attempt < 100 && counted < 200; attempt++)
        {
            counted = Counted(await app.Client.GetStringAsync("/metrics", Token));
            await Task.Delay(20, Token);
        }

        Assert.Equal(200, counted);
    }

    [Fact]
    public async Task MapPrometheus_BlockedCallback_DoesNotKeepTheSummaryWaiting()
    {
        using var release = new ManualResetEventSlim();
        await using var app = await TelemetryApp.StartAsync(Map, options => options.Meters.Add("Blocking"));
        app.Services.GetRequiredService<IMeterFactory>().Create("Blocking").CreateObservableGauge("slow", () =>
        {
            release.Wait(TimeSpan.FromSeconds(30), Token);
            return 1;
        });

        var scrape = app.Client.GetStringAsync("/metrics", Token);
        var summary = await app.Client.GetStringAsync("/api/metrics", Token).WaitAsync(TimeSpan.FromSeconds(10), Token);
        Assert.False(scrape.IsCompleted);
        Assert.StartsWith("{\"requests\"", summary, StringComparison.Ordinal);
        release.Set();
        Assert.Contains("slow 1", await scrape, StringComparison.Ordinal);
    }

    [Fact]
    public void MapPrometheus_WithoutAddHeadroomTelemetry_SaysWhatToCall()
    {
        var app = WebApplication.CreateSlimBuilder().Build();
        var error = Assert.Throws<InvalidOperationException>(() => app.MapPrometheus());
        Assert.Contains("builder.Services.AddHeadroomTelemetry()", error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(TelemetryEndpointRouteBuilderExtensions.MapTelemetrySummary), Assert.Throws<InvalidOperationException>(() => app.MapTelemetrySummary()).Message, StringComparison.Ordinal);
    }

    static void Map(WebApplication app)
    {
        app.MapPrometheus();
        app.MapTelemetrySummary();
        app.MapGet("/items/{id}", (HttpContext context) => context.Response.WriteAsync("item"));
        app.MapGet("/broken", context =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        });
    }
}
