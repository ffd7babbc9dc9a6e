using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Headroom.Telemetry.Timings;

/// <summary>An endpoint's own threshold; null for none.</summary>
internal sealed record SlowThresholdMetadata(TimeSpan? Threshold);

/// <summary>
/// Times requests, tells clients in <c>Server-Timing</c> and the log of slow ones. With both off it is not in the way: the next middleware is called directly.
/// </summary>
internal sealed class RequestTimingMiddleware
{
    readonly RequestDelegate next;
    readonly SlowRequestLog log;
    readonly TimeProvider time;
    readonly TimeSpan? threshold;
    readonly bool tellsClients;
    readonly PartInstruments? instruments;

    public RequestTimingMiddleware(RequestDelegate next, SlowRequestLog log, IOptions<TelemetryOptions> options, IHostEnvironment environment, IServiceProvider services, TimeProvider? time = null)
    {
        this.next = next;
        this.log = log;
        this.time = time ?? TimeProvider.System;
        threshold = options.Value.SlowRequestThreshold;
        tellsClients = options.Value.ServerTiming ?? environment.IsDevelopment();
        if (threshold is not null || tellsClients)
            instruments = services.GetRequiredService<PartInstruments>();
    }

    public Task InvokeAsync(HttpContext context) => instruments is null ? next(context) : TimeAsync(context, instruments);

    async Task TimeAsync(HttpContext context, PartInstruments owner)
    {
        var timing = new Timing(owner, time.GetTimestamp(), GC.GetTotalPauseDuration());
        TimedRequest.Current = timing.Request;
        if (tellsClients)
            context.Response.OnStarting(WriteField, (context, timing));
        try
        {
            await next(context);
        }
        catch (Exception thrown)
        {
            End(context, timing, RequestOutcome.StatusOf(context, thrown));
            throw;
        }

        End(context, timing, context.Response.StatusCode);
    }

    void End(HttpContext context, Timing timing, int status)
    {
        var parts = timing.Request.End();
        var elapsed = time.GetElapsedTime(timing.StartedAt);
        if (ThresholdOf(context) is { } limit && elapsed >= limit && !IsStream(context))
            log.Report(context, status, limit, new TimeSpent(elapsed, parts, GC.GetTotalPauseDuration() - timing.PausedBefore));
    }

    // What stands in the field already is the application's own, or an upstream's.
    Task WriteField(object state)
    {
        var (context, timing) = ((HttpContext, Timing))state;
        var spent = new TimeSpent(time.GetElapsedTime(timing.StartedAt), timing.Request.Read(), GC.GetTotalPauseDuration() - timing.PausedBefore);
        context.Response.Headers.Append("Server-Timing", spent.ServerTiming());
        return Task.CompletedTask;
    }

    TimeSpan? ThresholdOf(HttpContext context) =>
        RequestOutcome.EndpointOf(context)?.Metadata.GetMetadata<SlowThresholdMetadata>() is { } own ? own.Threshold : threshold;

    // These are meant to last.
    static bool IsStream(HttpContext context) =>
        context.WebSockets.IsWebSocketRequest
        || context.Response.StatusCode == StatusCodes.Status101SwitchingProtocols
        || context.Response.ContentType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) == true;

    sealed record Timing(TimedRequest Request, long StartedAt, TimeSpan PausedBefore)
    {
        public Timing(object owner, long startedAt, TimeSpan pausedBefore)
            : this(new TimedRequest(owner), startedAt, pausedBefore)
        {
        }
    }
}
