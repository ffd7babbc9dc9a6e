using System.Globalization;
using Headroom.Http.RateLimits;
using Microsoft.AspNetCore.Http;

namespace Headroom.Http.Concurrency;

/// <summary>
/// Lets in as many requests as a policy says; others wait or get 503. A place is given back when the rest of the pipeline has ended, however it ended.
/// </summary>
internal sealed class ConcurrencyMiddleware
{
    readonly RequestDelegate next;
    readonly ConcurrencyLimiters limiters;
    readonly ConcurrencyMetrics metrics;
    readonly TimeProvider time;

    public ConcurrencyMiddleware(RequestDelegate next, ConcurrencyLimiters limiters, ConcurrencyMetrics metrics)
    {
        this.next = next;
        this.limiters = limiters;
        this.metrics = metrics;
        time = limiters.Time;
        limiters.InPipeline = true;
    }

    public Task InvokeAsync(HttpContext context)
    {
        var limited = limiters.IsOn ? limiters.Of(context.EndpointOf()) : null;
        if (limited is null || (!limited.IsItsOwn && context.IsWebSocketRequest()))
            return next(context);
        if (limited.Gate is not { } gate)
            return RunOfCallerAsync(context, limited);
        return gate.TryEnter(limited.AtLeast) ? RunAsync(context, limited, gate) : WaitAsync(context, limited, gate);
    }

    /// <summary>With a place, which is given back.</summary>
    Task RunAsync(HttpContext context, EndpointConcurrency limited, ConcurrencyGate gate)
    {
        var began = time.GetTimestamp();
        Task running;
        try
        {
            running = next(context);
        }
        catch
        {
            gate.Leave();
            throw;
        }

        if (!running.IsCompletedSuccessfully)
            return EndAsync(context, limited, gate, running, began);
        End(context, limited, gate, began);
        return running;
    }

    async Task EndAsync(HttpContext context, EndpointConcurrency limited, ConcurrencyGate gate, Task running, long began)
    {
        try
        {
            await running;
        }
        catch
        {
            gate.Leave();
            throw;
        }

        End(context, limited, gate, began);
    }

    void End(HttpContext context, EndpointConcurrency limited, ConcurrencyGate gate, long began)
    {
        // How fast something failed says nothing of how long it takes.
        if (context.Response.StatusCode >= StatusCodes.Status500InternalServerError)
        {
            gate.Leave();
            return;
        }

        var ended = time.GetTimestamp();
        limited.Took(ended - began);
        gate.Leave(began, ended);
    }

    async Task RunOfCallerAsync(HttpContext context, EndpointConcurrency limited)
    {
        var gate = limited.Gates.Rent(context, out var key);
        try
        {
            await (gate.TryEnter(limited.AtLeast) ? RunAsync(context, limited, gate) : WaitAsync(context, limited, gate));
        }
        finally
        {
            limited.Gates.Return(gate, key);
        }
    }

    async Task WaitAsync(HttpContext context, EndpointConcurrency limited, ConcurrencyGate gate)
    {
        var level = limited.LevelOf(context);
        var began = time.GetTimestamp();
        var admission = await gate.EnterAsync(level, context.RequestAborted);
        if (admission != Admission.QueueFull)
            metrics.Waited(limited.Gates.Name, time.GetElapsedTime(began));
        if (admission == Admission.Granted)
        {
            await RunAsync(context, limited, gate);
            return;
        }

        metrics.Rejected(limited.Gates.Name, admission, level);
        if (admission != Admission.Left)
            await RefuseAsync(context, limited.Gates, admission);
    }

    static Task RefuseAsync(HttpContext context, PolicyGates gates, Admission reason)
    {
        var seconds = gates.RetryAfterSeconds();
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.CacheControl = "no-store";
        var why = reason switch
        {
            Admission.TimedOut => "no place became free in the time that a request may wait",
            Admission.Displaced => "its place in the queue was needed for a more important request",
            _ => "as many requests wait as may",
        };
        return Results.Problem(
            FormattableString.Invariant($"The server is busy (limit '{gates.Name}'): {why}. Come again after {seconds} s."),
            statusCode: StatusCodes.Status503ServiceUnavailable,
            extensions: [new("reason", ConcurrencyMetrics.Name(reason))]).ExecuteAsync(context);
    }
}
