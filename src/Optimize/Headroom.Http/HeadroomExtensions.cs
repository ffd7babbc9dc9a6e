using Headroom.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Headroom.Http;

/// <summary>All of Headroom.Http in two lines: <c>builder.AddHeadroom(); app.UseHeadroom();</c>.</summary>
public static class HeadroomExtensions
{
    /// <summary>
    /// Registers every feature with the settings of the configuration section <c>Headroom</c> (<c>RateLimits</c>, <c>Limits</c>, <c>Concurrency</c>, <c>ResponseCache</c>, <c>Compression</c>, <c>Streaming</c>; <c>Caching</c> for the cache behind it). Wrong settings stop the application at start-up, all of
    /// them in one message. Further settings in code: <c>builder.Services.AddHeadroomResponseCache(options => …)</c>, <c>AddHeadroomCompression(options => …)</c>.
    /// </summary>
    /// <param name="builder">The application's builder.</param>
    public static IHostApplicationBuilder AddHeadroom(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddHeadroomCompression();
        builder.Services.AddHeadroomResponseCache();
        builder.Services.AddHeadroomStreaming();
        builder.Services.AddHeadroomRateLimits();
        builder.Services.AddHeadroomLimits();
        builder.Services.AddHeadroomConcurrency();
        return builder;
    }

    /// <summary>
    /// The features in their order, from outside in:
    /// <list type="number">
    /// <item>times of requests, where <c>AddHeadroomTelemetry</c> was called;</item>
    /// <item>rate limits, of which there are none until a policy is written;</item>
    /// <item>the response cache, which answers what is stored, conditions and ranges of it too, and encodes it;</item>
    /// <item>limits of time and body, inside the cache, so that a stored response can stand in for one that takes too long;</item>
    /// <item>concurrency limits, of which there are none until a policy is written, so that what is stored is never shed;</item>
    /// <item>compression of what is not stored, and the decoding of compressed requests;</item>
    /// <item>conditional requests, for endpoints with <c>WithETag</c>;</item>
    /// <item>the endpoint.</item>
    /// </list>
    /// Place it behind authentication and authorization. What has nothing to do for a request costs a look at its endpoint.
    /// </summary>
    /// <param name="app">The application.</param>
    public static IApplicationBuilder UseHeadroom(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (app.ApplicationServices.GetService<DatabaseMetrics>() is not null)
            app.UseHeadroomTelemetry();
        app.UseHeadroomRateLimits();
        app.UseHeadroomResponseCache();
        app.UseHeadroomLimits();
        app.UseHeadroomConcurrency();
        app.UseHeadroomCompression();
        app.UseConditionalRequests();
        return app;
    }
}
