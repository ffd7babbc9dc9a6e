using System.Buffers;
using System.IO.Pipelines;
using System.Net;

namespace Headroom.Gateway.Forwarding;

/// <summary>
/// The client's body on its way to the upstream. It is read only when the connection takes it (with Expect: 100-continue, only once the upstream asks for it, and reading is what makes the
/// server say 100 to the client), in pieces as they come, and handed on at once where the client pauses.
/// </summary>
internal sealed class RequestBody(PipeReader reader, long? length, ForwardDeadline deadline, TimeSpan idleTimeout)
{
    private Task _copying = Task.CompletedTask;

    /// <summary>Something of the body may have been taken: the request cannot be sent again.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>The client's side failed, not the upstream's.</summary>
    public Exception? ClientFailure { get; private set; }

    /// <summary>Ends when nothing reads the client's body any more. Does not throw.</summary>
    public async ValueTask FinishAsync()
    {
        if (_copying.IsCompletedSuccessfully)
            return;
        await _copying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Null when it comes in chunks.</summary>
    public long? Length => length;

    public Task CopyToAsync(Stream stream, CancellationToken cancellation)
    {
        if (IsStarted)
            throw new InvalidOperationException("The body of a request can be sent only once.");
        IsStarted = true;
        return _copying = CopyAsync(stream, cancellation);
    }

    private async Task CopyAsync(Stream stream, CancellationToken cancellation)
    {
        // The connection's own token ends with the connection; the deadline's with the client, or when time is up.
        using var either = cancellation.CanBeCanceled && cancellation != deadline.Token ? CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token) : null;
        var token = either?.Token ?? deadline.Token;
        while (true)
        {
            var result = await ReadAsync(stream, token);
            foreach (var segment in result.Buffer)
                await stream.WriteAsync(segment, token);
            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
                return;
            deadline.Extend(idleTimeout);
        }
    }

    private async ValueTask<ReadResult> ReadAsync(Stream stream, CancellationToken token)
    {
        ValueTask<ReadResult> reading;
        try
        {
            reading = reader.ReadAsync(token);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            ClientFailure = e;
            throw;
        }

        if (!reading.IsCompleted)
            await stream.FlushAsync(token);
        try
        {
            return await reading;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            ClientFailure = e;
            throw;
        }
    }
}

/// <summary>The body as the content of one attempt: each has fields of its own.</summary>
internal sealed class RequestContent(RequestBody body) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => body.CopyToAsync(stream, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) => body.CopyToAsync(stream, cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length ?? 0;
        return body.Length is not null;
    }
}

/// <summary>No body, for a request that has fields about one, or whose method may not be sent twice behind our back: SocketsHttpHandler repeats what has no content.</summary>
internal sealed class NoContent : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => Task.CompletedTask;

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return true;
    }
}
