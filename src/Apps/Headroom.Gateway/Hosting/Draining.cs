namespace Headroom.Gateway.Hosting;

/// <summary>
/// While the gateway stops: every answer tells the client to close its connection, so that connections end between requests and none is closed in the face of a request under way.
/// </summary>
internal sealed class Draining
{
    private volatile bool _begun;

    public void Begin() => _begun = true;

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        // HTTP/2 has GOAWAY, which the server sends.
        if (_begun && !HttpProtocol.IsHttp2(context.Request.Protocol))
            context.Response.OnStarting(static state => Close((HttpContext)state), context);
        return next(context);
    }

    private static Task Close(HttpContext context)
    {
        if (context.Response.StatusCode != StatusCodes.Status101SwitchingProtocols)
            context.Response.Headers.Connection = "close";
        return Task.CompletedTask;
    }
}
