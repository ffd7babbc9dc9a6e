using System.IO;
using System.IO.Pipelines;
using Headroom.Gateway.Forwarding;

namespace Headroom.Gateway.Tests.Forwarding;

/// <summary>Who waits for 100-continue may be about to begin when the attempt, or the request, is over; the server's reader is then that of the next request.</summary>
public sealed class RequestBodyTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Copy_AfterTheRequestHasEnded_TakesNothing()
    {
        var next = await FilledAsync();
        var body = Body(next.Reader);
        var turn = body.Turn;
        Assert.True(body.TryClose());

        using var sent = new MemoryStream();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => body.CopyToAsync(sent, turn, CancellationToken.None));

        Assert.Equal(0, sent.Length);
        Assert.Equal(4, (await next.Reader.ReadAsync(TestContext.Current.CancellationToken)).Buffer.Length);
    }

    [Fact]
    public async Task Copy_OfAnAttemptThatFailed_LeavesTheBodyToTheNextOne()
    {
        var pipe = await FilledAsync();
        var body = Body(pipe.Reader);
        var turn = body.Turn;
        body.EndTurn();
        Assert.False(body.IsStarted);

        using var sent = new MemoryStream();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => body.CopyToAsync(Stream.Null, turn, CancellationToken.None));
        await body.CopyToAsync(sent, body.Turn, CancellationToken.None);

        Assert.Equal(4, sent.Length);
    }

    /// <summary>On another thread, where the body is there at once and the upstream takes it at once.</summary>
    [Fact]
    public async Task Finish_CopyThatHasJustBegun_IsWaitedFor()
    {
        var pipe = await FilledAsync();
        var body = Body(pipe.Reader);
        using var begun = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        using var blocking = new BlockingStream(begun, go);
        var copying = Task.Run(() => body.CopyToAsync(blocking, body.Turn, CancellationToken.None), TestContext.Current.CancellationToken);
        begun.Wait(TestContext.Current.CancellationToken);

        Assert.False(body.TryClose());
        var finishing = body.FinishAsync();

        Assert.False(finishing.IsCompleted);
        go.Set();
        await finishing;
        await copying;
    }

    private static async Task<Pipe> FilledAsync()
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync("body"u8.ToArray(), TestContext.Current.CancellationToken);
        await pipe.Writer.CompleteAsync();
        return pipe;
    }

    private static RequestBody Body(PipeReader reader) => new(reader, 4, ForwardDeadline.Begin(Long, TimeProvider.System, CancellationToken.None), Long);

    private sealed class BlockingStream(ManualResetEventSlim begun, ManualResetEventSlim go) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            begun.Set();
            go.Wait(cancellationToken);
            return ValueTask.CompletedTask;
        }
    }
}
