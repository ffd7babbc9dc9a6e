using Headroom.Telemetry.Collection;
using Headroom.Telemetry.Timings;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Headroom.Telemetry;

/// <summary>Times of single requests: <c>Server-Timing</c> and the log of slow ones.</summary>
public static class RequestTimingExtensions
{
    /// <summary>
    /// Times requests. Place it first: what is before it is not timed. A second call does nothing. Requests that take longer than <see cref="TelemetryOptions.SlowRequestThreshold"/> are logged as a warning that names the part which took most of the time;
    /// clients are told in <c>Server-Timing</c> where <see cref="TelemetryOptions.ServerTiming"/> says so.
    /// </summary>
    /// <param name="app">The application.</param>
    /// <exception cref="InvalidOperationException">Without <see cref="TelemetryServiceCollectionExtensions.AddHeadroomTelemetry"/>.</exception>
    public static IApplicationBuilder UseHeadroomTelemetry(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (app.ApplicationServices.GetService<MetricCollector>() is null)
            throw new InvalidOperationException("Telemetry is not registered. Call 'builder.Services.AddHeadroomTelemetry()' before 'builder.Build()'.");
        // UseHeadroom calls it too; the outer one times.
        return app.Properties.TryAdd(typeof(RequestTimingMiddleware).FullName!, true) ? app.UseMiddleware<RequestTimingMiddleware>() : app;
    }

    /// <summary>Gives these endpoints a threshold of their own, in place of <see cref="TelemetryOptions.SlowRequestThreshold"/>.</summary>
    /// <param name="builder">An endpoint or a group.</param>
    /// <param name="threshold">From 1 ms to 1 day; null for requests that are never slow, such as long polls and exports.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is less or more.</exception>
    public static TBuilder SlowAfter<TBuilder>(this TBuilder builder, TimeSpan? threshold)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (threshold < TelemetryOptions.ThresholdLeast || threshold > TelemetryOptions.ThresholdMost)
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, $"Allowed are {TelemetryOptions.ThresholdLeast:c} to {TelemetryOptions.ThresholdMost:c}, or null for none.");
        return builder.WithMetadata(new SlowThresholdMetadata(threshold));
    }
}
