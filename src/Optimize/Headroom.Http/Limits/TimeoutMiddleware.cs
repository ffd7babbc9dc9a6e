using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Options;

namespace Headroom.Http.Limits;

/// <summary>
/// Cancels a request's token when its time is over. If nothing was sent, the answer is a 504 problem; if something was, the connection (in HTTP/2 the stream) is aborted, because an answer that is ended as if it were complete would
/// be believed. What knows the framework's timeouts (<see cref="IHttpRequestTimeoutFeature"/>) can switch this one off.
/// </summary>
internal sealed class TimeoutMiddleware(RequestDelegate next, LimitsMetrics metrics, IOptions<LimitsOptions> options, TimeProvider? time = null)
{
    // As many as are under way at once on a busy server; more are made and let go.
    const int KeptMost = 1024;

    readonly RequestTimes times = new(options.Value.Timeout);
    readonly TimeProvider time = time ?? TimeProvider.System;
    readonly ConcurrentQueue<RequestDeadline> kept = new();

    public Task InvokeAsync(HttpContext context)
    {
        if (times.Of(context.GetEndpoint()) is not { } allowed || context.Features.Get<IHttpWebSocketFeature>() is { IsWebSocketRequest: true })
            return next(context);
        return RunAsync(context, allowed);
    }

    async Task RunAsync(HttpContext context, RequestTime allowed)
    {
        var features = context.Features;
        var lifetime = features.Get<IHttpRequestLifetimeFeature>() ?? new HttpRequestLifetimeFeature();
        var before = features.Get<IHttpRequestTimeoutFeature>();
        if (!kept.TryDequeue(out var deadline))
            deadline = new RequestDeadline(time);
        deadline.Begin(lifetime, features.GetRequiredFeature<IHttpResponseFeature>(), allowed);
        features.Set<IHttpRequestLifetimeFeature>(deadline);
        features.Set<IHttpRequestTimeoutFeature>(deadline);
        var isLate = false;
        try
        {
            await next(context);
            isLate = deadline.IsOver && !deadline.IsClientGone;
        }
        catch (Exception thrown) when (deadline.IsOver && !deadline.IsClientGone && (thrown is OperationCanceledException || context.Response.HasStarted))
        {
            // Another exception before the answer began is the application's to tell.
            isLate = true;
        }
        finally
        {
            features.Set(lifetime);
            features.Set(before);
            if (deadline.End() && kept.Count < KeptMost)
                kept.Enqueue(deadline);
            else
                deadline.Dispose();
        }

        if (isLate)
            await AnswerAsync(context, allowed.Timeout);
    }

    Task AnswerAsync(HttpContext context, TimeSpan timeout)
    {
        metrics.TimedOut(context);
        if (context.Response.HasStarted)
        {
            // Also where the handler returned as if it had finished: the framework's results do so when their token is cancelled.
            context.Abort();
            return Task.CompletedTask;
        }

        context.Response.Clear();
        return Results.Problem($"The request took longer than {timeout.TotalSeconds:0.###} s and was given up.", statusCode: StatusCodes.Status504GatewayTimeout).ExecuteAsync(context);
    }
}
