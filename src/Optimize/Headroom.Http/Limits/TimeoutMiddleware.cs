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
    readonly RequestTimes times = new(options.Value.Timeout);
    readonly DeadlineTimers timers = new(time ?? TimeProvider.System);

    public Task InvokeAsync(HttpContext context)
    {
        if (times.Of(context.EndpointOf()) is not { } allowed)
            return next(context);

        var deadline = new RequestDeadline(context, allowed, timers);
        // By type and not by type parameter, which costs every request a look-up of the generic method.
        var features = context.Features;
        features[typeof(IHttpRequestLifetimeFeature)] = deadline;
        features[typeof(IHttpRequestTimeoutFeature)] = deadline;
        Task rest;
        try
        {
            rest = next(context);
        }
#pragma warning disable CA1031 // Thrown again where it is awaited.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            rest = Task.FromException(thrown);
        }

        if (!rest.IsCompletedSuccessfully)
            return EndAsync(context, deadline, allowed, rest);
        return deadline.End() ? AnswerAsync(context, allowed) : Task.CompletedTask;
    }

    async Task EndAsync(HttpContext context, RequestDeadline deadline, RequestTime allowed, Task rest)
    {
        bool isLate;
        try
        {
            await rest;
            isLate = deadline.End();
        }
        catch (Exception thrown)
        {
            isLate = deadline.End();
            // Another exception before the answer began is the application's to tell.
            if (!isLate || !(thrown is OperationCanceledException || context.Response.HasStarted))
                throw;
        }

        if (isLate)
            await AnswerAsync(context, allowed);
    }

    Task AnswerAsync(HttpContext context, RequestTime allowed)
    {
        metrics.TimedOut(context);
        if (context.Response.HasStarted)
        {
            // Also where the handler returned as if it had finished: the framework's results do so when their token is cancelled.
            context.Abort();
            return Task.CompletedTask;
        }

        context.Response.Clear();
        return Results.Problem(FormattableString.Invariant($"The request took longer than {allowed.Timeout.TotalSeconds:0.###} s and was given up."), statusCode: StatusCodes.Status504GatewayTimeout).ExecuteAsync(context);
    }
}
