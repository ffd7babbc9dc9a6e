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
    private readonly CancellationToken _deadline;

    private InterimPass(HttpContext context, ClientConnection client, CancellationToken deadline) => (_context, _client, _deadline) = (context, client, deadline);

    /// <summary>Of the request that is being sent here; null where its client takes no interim answers.</summary>
    public static InterimPass? Current => Flowing.Value;

    /// <summary>
    /// Called in the method that sends the request; ends with that method. HTTP/1.0 knows no interim answers (§15.2), over HTTP/2 they would be frames, and while the server itself writes 100 Continue nothing may come between.
    /// </summary>
    public static void Begin(HttpContext context, CancellationToken deadline)
    {
        if (Of(context, deadline) is { } pass)
            Flowing.Value = pass;
    }

    /// <summary>Null where the client takes no interim answers.</summary>
    /// <param name="context">The client's request.</param>
    /// <param name="deadline">How long a client is waited for that does not read: the server's own bounds for slow ones know nothing of what is written here.</param>
    public static InterimPass? Of(HttpContext context, CancellationToken deadline) =>
        HttpProtocol.IsHttp11(context.Request.Protocol) && context.Request.Headers.Expect.Count == 0 && context.Features.Get<ClientConnection>() is { } client ? new InterimPass(context, client, deadline) : null;

    /// <param name="head">The whole head.</param>
    public async ValueTask PassAsync(ReadOnlyMemory<byte> head)
    {
        if (_context.Response.HasStarted)
            return;
        await _client.Output.WriteAsync(head, _deadline);
    }
}
