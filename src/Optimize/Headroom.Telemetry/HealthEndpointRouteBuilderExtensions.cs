using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Headroom.Telemetry.Health;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Headroom.Telemetry;

/// <summary>Endpoints by which platforms see whether the application is alive and ready.</summary>
public static class HealthEndpointRouteBuilderExtensions
{
    static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>
    /// <c>/health/live</c>: 200 while the process works, 503 when a health check tagged <c>live</c> says that it must be restarted. <c>/health/ready</c>: 200 while all health checks (<c>services.AddHealthChecks()</c>) say so,
    /// 503 otherwise and from the moment on that the application is told to stop. Degraded is 200. Results are kept for <see cref="TelemetryOptions.HealthCachedFor"/>. The answers name the checks and their state as JSON, and nothing
    /// that a check said beside it. They are never stored, not counted in the HTTP metrics, and let through when load is shed.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="prefix">The route before <c>/live</c> and <c>/ready</c>; default <c>/health</c>.</param>
    /// <exception cref="InvalidOperationException">Without <see cref="TelemetryServiceCollectionExtensions.AddHeadroomTelemetry"/>.</exception>
    public static IEndpointConventionBuilder MapHeadroomHealth(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string prefix = "/health")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var services = endpoints.ServiceProvider;
        var reports = services.GetService<HealthReports>()
            ?? throw new InvalidOperationException($"{nameof(MapHeadroomHealth)} needs the telemetry; call 'builder.Services.AddHeadroomTelemetry()' before 'builder.Build()'.");
        var draining = services.GetRequiredService<Draining>();
        var hasLive = services.GetRequiredService<Microsoft.Extensions.Options.IOptions<HealthCheckServiceOptions>>().Value.Registrations
            .Any(HealthReports.IsLive);

        var group = endpoints.MapGroup(prefix);
        group.MapMethods("/live", Methods, context => LiveAsync(context, reports, hasLive)).WithDisplayName("Liveness");
        group.MapMethods("/ready", Methods, context => ReadyAsync(context, reports, draining)).WithDisplayName("Readiness");
        return group.DisableHttpMetrics().WithMetadata(NeverShed.Instance);
    }

    // Without checks of its own nothing is run: a process that answers is alive, whatever its database does.
    static async Task LiveAsync(HttpContext context, HealthReports reports, bool hasLive)
    {
        if (!hasLive)
        {
            await WriteAsync(context, "healthy", 200, []);
            return;
        }

        await WriteAsync(context, await reports.ReadLiveAsync(context.RequestAborted));
    }

    static async Task ReadyAsync(HttpContext context, HealthReports reports, Draining draining)
    {
        if (draining.IsUnderWay)
        {
            await WriteAsync(context, "draining", 503, []);
            return;
        }

        await WriteAsync(context, await reports.ReadAsync(context.RequestAborted));
    }

    static Task WriteAsync(HttpContext context, HealthReport report) =>
        WriteAsync(context, Name(report.Status), report.Status == HealthStatus.Unhealthy ? 503 : 200, report.Entries);

    static async Task WriteAsync(HttpContext context, string status, int code, IEnumerable<KeyValuePair<string, HealthReportEntry>> checks)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status", status);
        json.WriteStartObject("checks");
        foreach (var (name, entry) in checks)
        {
            json.WriteStartObject(name);
            json.WriteString("status", Name(entry.Status));
            json.WriteNumber("durationMs", Math.Round(entry.Duration.TotalMilliseconds, 3));
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    static string Name(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}
