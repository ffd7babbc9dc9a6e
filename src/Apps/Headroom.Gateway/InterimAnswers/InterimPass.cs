using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Gateway.InterimAnswers;

/// <summary>
/// Lets interim answers of the upstream through to one request's client. The way there is beside the HTTP libraries, which have none:
/// 1. while a request is sent, <see cref="Current"/> is what its writes and reads run under;
/// 2. <see cref="InterimStream"/>, under the client library, sees the bytes of each answer's beginning and gives the heads of interim ones to the pass of the request that was written last;
/// 3. <see cref="PassAsync"/> writes them on the client's connection, where the server has written nothing yet, since the final answer comes after them.
/// </summary>
internal sealed class InterimPass
{
    private static readonly AsyncLocal<InterimPass?> Flowing = new();

    private readonly HttpContext _context;
    private readonly ClientConnection _client;

    private InterimPass(HttpContext context, ClientConnection client)
    {
        _context = context;
        _client = client;
    }

    /// <summary>Of the request that is being sent here; null where its client takes no interim answers.</summary>
    public static InterimPass? Current => Flowing.Value;

    /// <summary>
    /// Called in the method that sends the request; ends with that method. HTTP/1.0 knows no interim answers (§15.2), over HTTP/2 they would be frames, and while the server itself writes 100 Continue nothing may come between.
    /// </summary>
    public static void Begin(HttpContext context)
    {
        if (Of(context) is { } pass)
            Flowing.Value = pass;
    }

    /// <summary>Null where the client takes no interim answers.</summary>
    public static InterimPass? Of(HttpContext context) =>
        HttpProtocol.IsHttp11(context.Request.Protocol) && context.Request.Headers.Expect.Count == 0 && context.Features.Get<ClientConnection>() is { } client ? new InterimPass(context, client) : null;

    public ValueTask PassAsync(ReadOnlyMemory<byte> head) => PassAsync(head, _context.RequestAborted);

    /// <param name="head">The whole head.</param>
    /// <param name="cancellation">How long a client is waited for that does not read.</param>
    public async ValueTask PassAsync(ReadOnlyMemory<byte> head, CancellationToken cancellation)
    {
        if (_context.Response.HasStarted)
            return;
        await _client.Output.WriteAsync(head, cancellation);
    }
}
