using System.Buffers;
using System.IO.Pipelines;
using System.Net;

namespace Headroom.Gateway.Forwarding;

/// <summary>
/// The client's body on its way to the upstream. It is read only when the connection takes it (with Expect: 100-continue, only once the upstream asks for it, and reading is what makes the
/// server say 100 to the client), in pieces as they come, and handed on at once where the client pauses.
/// </summary>
internal sealed class RequestBody(PipeReader reader, long? length, ForwardDeadline deadline, ForwardOptions options)
{
    private const int Begun = -1;
    private const int Over = -2;

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _turn;
    private bool _hasPaused;
    private volatile bool _isAnswered;

    /// <summary>Whose turn it is to take the body: each attempt to send it has one. An attempt that failed, or a request that has ended, may still be about to begin, and by then what is read is not this body any more.</summary>
    public int Turn => Volatile.Read(ref _turn);

    /// <summary>Something of the body may have been taken: the request cannot be sent again.</summary>
    public bool IsStarted => Turn == Begun;

    /// <summary>The client's side failed, not the upstream's.</summary>
    public Exception? ClientFailure { get; private set; }

    /// <summary>The head of the answer is there: from here on it is the pauses of the bodies that are waited for, not the answer.</summary>
    public void AnswerBegins() => _isAnswered = true;

    /// <summary>The attempt is over: if it has not taken anything by now, it never will.</summary>
    public void EndTurn()
    {
        if (Turn is >= 0 and var turn)
            Interlocked.CompareExchange(ref _turn, turn + 1, turn);
    }

    /// <summary>The request is over. False: something was taken, and <see cref="FinishAsync"/> tells when nothing reads any more.</summary>
    public bool TryClose()
    {
        while (Turn is >= 0 and var turn)
        {
            if (Interlocked.CompareExchange(ref _turn, Over, turn) == turn)
                return true;
        }

        return Turn == Over;
    }

    /// <summary>Ends when nothing reads the client's body any more, once it was begun. Does not throw.</summary>
    public Task FinishAsync() => _ended.Task;

    /// <summary>Null when it comes in chunks.</summary>
    public long? Length => length;

    /// <param name="stream">Where it goes.</param>
    /// <param name="turn">Of the attempt.</param>
    /// <param name="cancellation">Of the connection.</param>
    /// <exception cref="OperationCanceledException">It is not the attempt's turn any more.</exception>
    public async Task CopyToAsync(Stream stream, int turn, CancellationToken cancellation)
    {
        var found = Interlocked.CompareExchange(ref _turn, Begun, turn);
        if (found != turn)
            throw found == Begun ? new InvalidOperationException("The body of a request can be sent only once.") : new OperationCanceledException("The attempt to send this body has ended.");
        try
        {
            await CopyAsync(stream, cancellation);
        }
        finally
        {
            _ended.TrySetResult();
        }
    }

    private async Task CopyAsync(Stream stream, CancellationToken cancellation)
    {
        // The connection's own token ends with the connection; the deadline's with the client, or when time is up.
        using var either = cancellation.CanBeCanceled && cancellation != deadline.Token ? CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token) : null;
        var token = either?.Token ?? deadline.Token;
        for (var pieces = 1; ; pieces++)
        {
            var result = await ReadAsync(stream, token);
            foreach (var segment in result.Buffer)
                await stream.WriteAsync(segment, token);
            reader.AdvanceTo(result.Buffer.End);
            if (!result.IsCompleted)
            {
                deadline.Extend(options.IdleTimeout);
                continue;
            }

            // What the pauses took or were given is not for the answer, whose own time begins when it can be made: when the last piece is there, and be it the only one, late.
            if (pieces > 1 || _hasPaused)
                deadline.Extend(_isAnswered ? options.IdleTimeout : options.ResponseTimeout);
            return;
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
        {
            _hasPaused = true;
            await stream.FlushAsync(token);
        }

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
    private readonly int _turn = body.Turn;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => body.CopyToAsync(stream, _turn, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) => body.CopyToAsync(stream, _turn, cancellationToken);

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
