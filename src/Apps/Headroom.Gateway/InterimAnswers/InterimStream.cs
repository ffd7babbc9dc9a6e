using System.IO;
using System.Net;
using System.Runtime.CompilerServices;

namespace Headroom.Gateway.InterimAnswers;

/// <summary>
/// An HTTP/1.1 connection to an upstream. Changes nothing of what goes through; looks at the first bytes of each answer. A connection that ends before the first one is told by
/// <see cref="UnansweredException"/>: the library would send the request again up to three times, and how often that may be is the route's matter.
/// </summary>
internal sealed class InterimStream(Stream inner) : Stream
{
    private const int HeadBytesMax = 16 * 1024;

    /// <summary>Of the request whose answer has not begun yet.</summary>
    private InterimPass? _pass;

    /// <summary>Of the last request that was written: its body comes in further writes.</summary>
    private InterimPass? _written;
    private byte[] _unread = [];
    private bool _awaitsAnswer;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>For <see cref="System.Net.Http.SocketsHttpHandler.PlaintextStreamFilter"/>.</summary>
    public static ValueTask<Stream> FilterAsync(System.Net.Http.SocketsHttpPlaintextStreamFilterContext context, CancellationToken cancellation) =>
        ValueTask.FromResult<Stream>(context.NegotiatedHttpVersion == HttpVersion.Version11 ? new InterimStream(context.PlaintextStream) : context.PlaintextStream);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _awaitsAnswer = true;
        var current = InterimPass.Current;
        if (current != _written)
        {
            _written = current;
            _pass = current;
            _unread = [];
        }

        return inner.WriteAsync(buffer, cancellationToken);
    }

    // The library begins to read before it writes, to notice that the other side closes: whose answer it is shows only when bytes are there.
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var reading = inner.ReadAsync(buffer, cancellationToken);
        if (!reading.IsCompletedSuccessfully)
            return LookAsync(reading, buffer);
        var read = reading.Result;
        return (read == 0 && _awaitsAnswer) || (read > 0 && _pass is not null) ? LookAsync(ValueTask.FromResult(read), buffer) : ValueTask.FromResult(Answered(read));
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private int Answered(int read)
    {
        if (read > 0)
            _awaitsAnswer = false;
        return read;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> LookAsync(ValueTask<int> reading, Memory<byte> buffer)
    {
        int read;
        try
        {
            read = await reading;
        }
        catch (IOException e) when (_awaitsAnswer)
        {
            throw new UnansweredException(e);
        }

        // An empty read waits for bytes and has none.
        if (read == 0 && _awaitsAnswer && buffer.Length > 0)
            throw new UnansweredException(inner: null);
        Answered(read);
        if (read == 0 || _pass is not { } pass)
            return read;
        ReadOnlyMemory<byte> seen = _unread.Length == 0 ? buffer[..read] : (byte[])[.. _unread, .. buffer.Span[..read]];
        _unread = [];
        while (!seen.IsEmpty)
        {
            var start = InterimHead.Read(seen.Span, out var length, out var head);
            if (start == AnswerStart.Interim)
                await pass.PassAsync(head);
            if (start is AnswerStart.Interim or AnswerStart.Withheld)
            {
                seen = seen[length..];
                continue;
            }

            if (start == AnswerStart.Unknown && seen.Length < HeadBytesMax)
                _unread = seen.ToArray();
            else
                _pass = null;
            break;
        }

        return read;
    }
}

/// <summary>The upstream's connection ended after a request was written and before the first byte of its answer. Not an IOException, for which the library would send the request again.</summary>
internal sealed class UnansweredException(Exception? inner) : Exception("The connection ended before the answer began.", inner);
