namespace Headroom.Gateway.Hosting;

/// <summary>
/// Counts the requests under way. While the gateway stops, every answer tells the client to close its connection, so that connections end between requests and none is closed in the face of a
/// request.
/// </summary>
internal sealed class Draining
{
    private volatile bool _begun;
    private int _underWay;

    /// <summary>Requests that were accepted and are not answered completely.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    public void Begin() => _begun = true;

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        // HTTP/2 has GOAWAY, which the server sends.
        if (_begun && !HttpProtocol.IsHttp2(context.Request.Protocol))
            context.Response.OnStarting(static state => Close((HttpContext)state), context);

        Interlocked.Increment(ref _underWay);
        var answering = Task.CompletedTask;
        try
        {
            answering = next(context);
        }
        finally
        {
            if (answering.IsCompleted)
                Interlocked.Decrement(ref _underWay);
        }

        return answering.IsCompleted ? answering : CountAsync(answering);
    }

    private async Task CountAsync(Task answering)
    {
        try
        {
            await answering;
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    private static Task Close(HttpContext context)
    {
        if (context.Response.StatusCode != StatusCodes.Status101SwitchingProtocols)
            context.Response.Headers.Connection = "close";
        return Task.CompletedTask;
    }
}
