using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Headroom.Telemetry.Otlp.Tests;

/// <summary>What a collector is sent by an application that serves requests.</summary>
public sealed class OtlpExportTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_EndpointNamed_SendsMetricsAndTraces()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using (var app = await StartAsync(receiver.Address, new() { ["OTEL_SERVICE_NAME"] = "shop" }, telemetry => telemetry.ExcludedInstruments.Add("Headroom.Caching/headroom.cache.hits")))
        {
            var metrics = app.Services.GetRequiredService<CacheMetrics>();
            metrics.Hit("overview");
            metrics.Miss("overview");
            app.Services.GetRequiredService<DatabaseMetrics>().Record(TimeSpan.FromMilliseconds(3), "list-orders", "sqlite");
            using var client = new HttpClient();
            await client.GetStringAsync(app.Urls.Single() + "/orders/7", Token);

            var sent = await receiver.WithAsync("/v1/metrics", "http.server.request.duration", "/orders/{id}", "db.client.operation.duration", "list-orders", "headroom.cache.misses", "process.memory.limit", "dotnet.gc.collections");
            Assert.True(OtlpReceiver.Has(sent, "service.name") && OtlpReceiver.Has(sent, "shop"));
            Assert.False(OtlpReceiver.Has(sent, "headroom.cache.hits"));
            await receiver.WithAsync("/v1/traces", "Microsoft.AspNetCore", "shop", "http.request.method", "GET /orders/{id}", "http.route", "/orders/7");
        }

        Assert.All(receiver.Received, message => Assert.Equal("application/x-protobuf", message.ContentType));
    }

    [Fact]
    public async Task Stop_BeforeTheIntervalIsOver_SendsTheLastOfIt()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using (var app = await StartAsync(receiver.Address, new() { ["OTEL_METRIC_EXPORT_INTERVAL"] = "3600000", ["OTEL_BSP_SCHEDULE_DELAY"] = "3600000" }))
        {
            using var client = new HttpClient();
            await client.GetStringAsync(app.Urls.Single() + "/orders/7", Token);
            Assert.Empty(receiver.Received);
            await app.StopAsync(Token);
        }

        await receiver.WithAsync("/v1/metrics", "http.server.request.duration");
        await receiver.WithAsync("/v1/traces", "Microsoft.AspNetCore");
    }

    [Fact]
    public async Task Start_MetricsEndpointAlone_SendsNoTraces()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var app = await StartAsync(null, new() { ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"] = receiver.Address + "/here", ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc", ["OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"] = "http/protobuf" });
        using var client = new HttpClient();
        await client.GetStringAsync(app.Urls.Single() + "/orders/7", Token);
        await receiver.WithAsync("/here", "http.server.request.duration");
        await app.StopAsync(Token);
        Assert.DoesNotContain(receiver.Received, message => message.Path.Contains("traces", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_ReceiverAway_ServesAllTheSame()
    {
        await using var app = await StartAsync("http://127.0.0.1:9", []);
        using var client = new HttpClient();
        Assert.Equal("order 7", await client.GetStringAsync(app.Urls.Single() + "/orders/7", Token));
    }

    [Fact]
    public void Read_NothingNamed_ExportsNothing() => Assert.Equal(new OtlpSettings(Metrics: false, Traces: false), Read([]));

    [Theory]
    [InlineData("OTEL_SDK_DISABLED", "true", false, false)]
    [InlineData("OTEL_TRACES_EXPORTER", "none", true, false)]
    [InlineData("OTEL_METRICS_EXPORTER", "console", false, true)]
    [InlineData("OTEL_METRICS_EXPORTER", "console, otlp", true, true)]
    public void Read_SignalsSwitchedOff_AreNotExported(string variable, string value, bool metrics, bool traces) =>
        Assert.Equal(new OtlpSettings(metrics, traces), Read(new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://collector:4317", [variable] = value }));

    [Fact]
    public async Task Start_WrongValues_AreAllTold()
    {
        var thrown = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync("collector:4317", new()
        {
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/json",
            ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = "/v1/traces",
        }));
        Assert.Contains("OTEL_EXPORTER_OTLP_ENDPOINT is 'collector:4317'; write an http or https URL, for example http://127.0.0.1:4317.", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("OTEL_EXPORTER_OTLP_PROTOCOL is 'http/json'; write grpc or http/protobuf.", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is '/v1/traces'", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddHeadroomOtlp_SourceWithoutAName_IsRefused() =>
        Assert.ThrowsAny<ArgumentException>(() => new ServiceCollection().AddHeadroomOtlp(" "));

    static OtlpSettings Read(Dictionary<string, string?> settings) => OtlpSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());

    static async Task<WebApplication> StartAsync(string? endpoint, Dictionary<string, string?> settings, Action<TelemetryOptions>? configure = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "100",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRouting();
        builder.Services.AddHeadroomTelemetry(configure);
        builder.Services.AddHeadroomOtlp();
        var app = builder.Build();
        app.MapGet("/orders/{id}", (string id) => $"order {id}");
        await app.StartAsync(Token);
        return app;
    }
}
