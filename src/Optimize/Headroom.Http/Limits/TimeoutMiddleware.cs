using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Options;

namespace Headroom.Http.Limits;

/// <summary>An endpoint's own timeout; null for none.</summary>
internal sealed record TimeoutMetadata(TimeSpan? Timeout);

/// <summary>
/// Cancels a request's token when its time is over. If nothing was sent, the answer is a 504 problem; if something was, the connection (in HTTP/2 the stream) is aborted, because an answer that is ended as if it were complete would
/// be believed. What knows the framework's timeouts (<see cref="IHttpRequestTimeoutFeature"/>) can switch this one off.
/// </summary>
internal sealed class TimeoutMiddleware(RequestDelegate next, LimitsMetrics metrics, IOptions<LimitsOptions> options, TimeProvider? time = null)
{
    readonly TimeSpan? standard = options.Value.Timeout;
    readonly TimeProvider time = time ?? TimeProvider.System;

    public Task InvokeAsync(HttpContext context) =>
        TimeoutOf(context.GetEndpoint()) is { } timeout && !context.WebSockets.IsWebSocketRequest ? RunAsync(context, timeout) : next(context);

    async Task RunAsync(HttpContext context, TimeSpan timeout)
    {
        using var over = new CancellationTokenSource(timeout, time);
        var client = context.RequestAborted;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(client, over.Token);
        var before = context.Features.Get<IHttpRequestTimeoutFeature>();
        context.Features.Set<IHttpRequestTimeoutFeature>(new Feature(over));
        context.RequestAborted = either.Token;
        try
        {
            await next(context);
        }
        catch (Exception thrown) when (over.IsCancellationRequested && !client.IsCancellationRequested && (thrown is OperationCanceledException || context.Response.HasStarted))
        {
            // Answered below. Another exception before the answer began is the application's to tell.
        }
        finally
        {
            context.RequestAborted = client;
            context.Features.Set(before);
        }

        if (!over.IsCancellationRequested || client.IsCancellationRequested)
            return;

        metrics.TimedOut(context);
        if (context.Response.HasStarted)
        {
            // Also where the handler returned as if it had finished: the framework's results do so when their token is cancelled.
            context.Abort();
            return;
        }

        context.Response.Clear();
        await Results.Problem($"The request took longer than {timeout.TotalSeconds:0.###} s and was given up.", statusCode: StatusCodes.Status504GatewayTimeout).ExecuteAsync(context);
    }

    TimeSpan? TimeoutOf(Endpoint? endpoint)
    {
        if (endpoint is null)
            return standard;

        // The last word is the endpoint's, whichever of the ways it is said in.
        for (var i = endpoint.Metadata.Count - 1; i >= 0; i--)
        {
            switch (endpoint.Metadata[i])
            {
                case TimeoutMetadata own:
                    return own.Timeout;
                case RequestTimeoutAttribute { Timeout: { } framework }:
                    return framework;
                case DisableRequestTimeoutAttribute:
                    return null;
                default:
                    break;
            }
        }

        return standard;
    }

    sealed class Feature(CancellationTokenSource over) : IHttpRequestTimeoutFeature
    {
        public CancellationToken RequestTimeoutToken => over.Token;

        public void DisableTimeout() => over.CancelAfter(System.Threading.Timeout.InfiniteTimeSpan);
    }
}
