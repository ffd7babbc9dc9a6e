using System.Diagnostics.CodeAnalysis;
using Headroom.Telemetry.Collection;
using Headroom.Telemetry.Prometheus;
using Headroom.Telemetry.Summary;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Telemetry;

/// <summary>Endpoints that show what was collected.</summary>
public static class TelemetryEndpointRouteBuilderExtensions
{
    static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>
    /// All metrics for a Prometheus server to scrape: OpenMetrics 1.0, with exemplars, where <c>Accept</c> prefers it (a Prometheus server does), else Prometheus' text format 0.0.4. Scrapes are not counted in the metrics themselves.
    /// The endpoint is open to whoever can reach it; add <c>.RequireAuthorization(...)</c> or <c>.RequireHost(...)</c> where that is too many.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The route; default <c>/metrics</c>.</param>
    /// <exception cref="InvalidOperationException">Without <see cref="TelemetryServiceCollectionExtensions.AddHeadroomTelemetry"/>.</exception>
    public static IEndpointConventionBuilder MapPrometheus(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern = "/metrics")
    {
        var collector = CollectorOf(endpoints, nameof(MapPrometheus));
        return endpoints.MapMethods(pattern, Methods, context => WritePrometheusAsync(context, collector))
            .DisableHttpMetrics()
            .WithMetadata(NeverShed.Instance)
            .WithDisplayName("Prometheus metrics");
    }

    /// <summary>
    /// A summary since the start as JSON: <c>requests{total,errorRate,p50Latency,p95Latency,p99Latency}</c>, <c>cache{hitRate}</c>,
    /// <c>rateLimit{blockRate}</c>, <c>database{totalQueries,p95Latency}</c>. Latencies are milliseconds, rates are shares from 0 to 1, and what was
    /// never observed is null. Requests for the summary are not counted in it.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The route; default <c>/api/metrics</c>.</param>
    /// <exception cref="InvalidOperationException">Without <see cref="TelemetryServiceCollectionExtensions.AddHeadroomTelemetry"/>.</exception>
    public static IEndpointConventionBuilder MapTelemetrySummary(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern = "/api/metrics")
    {
        var collector = CollectorOf(endpoints, nameof(MapTelemetrySummary));
        return endpoints.MapMethods(pattern, Methods, context => WriteSummaryAsync(context, collector))
            .DisableHttpMetrics()
            .WithMetadata(NeverShed.Instance)
            .WithDisplayName("Telemetry summary");
    }

    static async Task WritePrometheusAsync(HttpContext context, MetricCollector collector)
    {
        var format = ExpositionFormats.Choose(context.Request.Headers.Accept);
        context.Response.ContentType = format.ContentType();
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Vary = "Accept";
        var output = context.Response.BodyWriter;
        // Into memory only: a slow reader must not hold up the next scrape.
        await collector.CollectAsync(metrics => new PrometheusText(output, format).Write(MetricFamily.Group(metrics)), context.RequestAborted);
        await output.FlushAsync(context.RequestAborted);
    }

    static Task WriteSummaryAsync(HttpContext context, MetricCollector collector)
    {
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(
            TelemetrySummary.Of(collector.Peek(), collector.CacheLookups()),
            TelemetrySummaryJson.Default.TelemetrySummary,
            cancellationToken: context.RequestAborted);
    }

    static MetricCollector CollectorOf(IEndpointRouteBuilder endpoints, string caller)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return endpoints.ServiceProvider.GetService<MetricCollector>()
            ?? throw new InvalidOperationException(
                $"{caller} needs the collector; call 'builder.Services.AddHeadroomTelemetry()' before 'builder.Build()'.");
    }
}
