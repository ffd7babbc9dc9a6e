using System.Diagnostics.Metrics;
using Headroom.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Headroom.Http.Limits;

/// <summary>What limits refused; the names stand in docs/limits.md.</summary>
internal sealed class LimitsMetrics
{
    readonly Counter<long> timeouts;
    readonly Counter<long> bodies;

    public LimitsMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(HeadroomMeters.Http);
        timeouts = meter.CreateCounter<long>("headroom.http.timeouts", "{request}", "Requests that took longer than they may, by whether an answer had begun.");
        bodies = meter.CreateCounter<long>("headroom.http.body.refused", "{request}", "Requests whose body was longer than it may be.");
    }

    public void TimedOut(HttpContext context) => timeouts.Add(
        1,
        new KeyValuePair<string, object?>("http.route", (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? ""),
        new KeyValuePair<string, object?>("headroom.outcome", context.Response.HasStarted ? "aborted" : "answered"));

    public void BodyRefused() => bodies.Add(1);
}
