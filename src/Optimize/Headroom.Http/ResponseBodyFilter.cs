using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Http;

/// <summary>
/// A response body that can be written through any of ASP.NET Core's doors (stream, pipe, file) and hands every byte to one of two methods. What
/// derives from it decides what to do with them; the next body is <see cref="Outer"/>.
/// </summary>
internal abstract class ResponseBodyFilter(IHttpResponseBodyFeature outer) : Stream, IHttpResponseBodyFeature
{
    const int FileChunkBytes = 64 * 1024;

    PipeWriter? writer;

    protected IHttpResponseBodyFeature Outer { get; } = outer;

    public Stream Stream => this;

    public PipeWriter Writer => writer ??= PipeWriter.Create(this, new StreamPipeWriterOptions(leaveOpen: true));

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public abstract override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default);

    public abstract override void Write(ReadOnlySpan<byte> buffer);

    public abstract void DisableBuffering();

    public abstract Task StartAsync(CancellationToken cancellationToken = default);

    /// <summary>What is left to do after the rest of the pipeline has run without an exception. (After one, what was held back is gone and an error page can be made.)</summary>
    public abstract Task FinishAsync();

    public virtual async Task CompleteAsync()
    {
        await FinishAsync();
        await Outer.CompleteAsync();
    }

    /// <summary>Runs the rest of the pipeline with this as the response's body, and disposes of it.</summary>
    public async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        await using var whole = this;
        context.Features.Set<IHttpResponseBodyFeature>(this);
        try
        {
            await next(context);
            await FinishAsync();
        }
        finally
        {
            context.Features.Set(Outer);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>By default a file is read and written like anything else.</summary>
    public virtual async Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default)
    {
        await FlushWriterAsync();
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1, useAsync: true);
        file.Seek(offset, SeekOrigin.Begin);
        var chunk = new byte[FileChunkBytes];
        var left = count ?? long.MaxValue;
        while (left > 0)
        {
            var read = await file.ReadAsync(chunk.AsMemory(0, (int)Math.Min(chunk.Length, left)), cancellationToken);
            if (read == 0)
                return;
            await WriteAsync(chunk.AsMemory(0, read), cancellationToken);
            left -= read;
        }
    }

    /// <summary>What was written to the pipe but not flushed belongs to the response all the same.</summary>
    protected async Task FlushWriterAsync()
    {
        if (writer is not null)
            await writer.FlushAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        if (writer is not null)
            await writer.CompleteAsync(new OperationCanceledException());
        await base.DisposeAsync();
    }
}
