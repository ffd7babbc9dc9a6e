using System.Buffers;
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

    /// <summary>The pauses of a body have a time of their own, longer or shorter than the one for the answer.</summary>
    [Theory]
    [InlineData(300, false, 60)]
    [InlineData(10, false, 60)]
    [InlineData(300, true, 300)]
    public async Task Copy_BodyInPieces_LeavesTheAnswerItsOwnTime(int idleSeconds, bool answered, int expectedSeconds)
    {
        var time = new ManualTime();
        var options = new ForwardOptions { ResponseTimeout = TimeSpan.FromSeconds(60), IdleTimeout = TimeSpan.FromSeconds(idleSeconds) };
        using var deadline = ForwardDeadline.Begin(options.ResponseTimeout, time, CancellationToken.None);
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync("fi"u8.ToArray(), TestContext.Current.CancellationToken);
        var body = new RequestBody(pipe.Reader, 4, deadline, options);
        using var sent = new MemoryStream();
        var copying = body.CopyToAsync(sent, body.Turn, CancellationToken.None);
        if (answered)
            body.AnswerBegins();
        await pipe.Writer.WriteAsync("ve"u8.ToArray(), TestContext.Current.CancellationToken);
        await pipe.Writer.CompleteAsync();
        await copying;
        Assert.Equal(4, sent.Length);

        time.Advance(TimeSpan.FromSeconds(expectedSeconds - 1));
        Assert.False(deadline.IsCancellationRequested);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(deadline.IsCancellationRequested);
    }

    /// <summary>The client waits for most of the time that the answer has, and then sends all at once.</summary>
    [Fact]
    public async Task Copy_BodyInOnePieceButLate_LeavesTheAnswerItsOwnTime()
    {
        var time = new ManualTime();
        var options = new ForwardOptions { ResponseTimeout = TimeSpan.FromSeconds(30), IdleTimeout = TimeSpan.FromMinutes(5) };
        using var deadline = ForwardDeadline.Begin(options.ResponseTimeout, time, CancellationToken.None);
        var pipe = new Pipe();
        var body = new RequestBody(pipe.Reader, 4, deadline, options);
        using var sent = new MemoryStream();
        var copying = body.CopyToAsync(sent, body.Turn, CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(25));
        pipe.Writer.Write("five"u8);
        await pipe.Writer.CompleteAsync();
        await copying;
        Assert.Equal(4, sent.Length);

        time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(deadline.IsCancellationRequested);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(deadline.IsCancellationRequested);
    }

    private static async Task<Pipe> FilledAsync()
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync("body"u8.ToArray(), TestContext.Current.CancellationToken);
        await pipe.Writer.CompleteAsync();
        return pipe;
    }

    private static RequestBody Body(PipeReader reader) => new(reader, 4, ForwardDeadline.Begin(Long, TimeProvider.System, CancellationToken.None), new ForwardOptions());

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
