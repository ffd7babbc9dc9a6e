using System.IO;

namespace Headroom.Gateway.Wire;

/// <summary>
/// The body of a request on its way into a connection, behind the head that is in the buffer already: small pieces are sent together when the client pauses or the buffer is full, so that head and body of a small request
/// are one packet.
/// </summary>
internal sealed class WireRequestStream(WireConnection connection, OutputBuffer output, bool chunked) : Stream
{
    private const int BufferedMax = 16 * 1024;

    public override bool CanRead => false;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // An empty chunk would be the last one.
        if (buffer.IsEmpty)
            return;
        if (chunked)
        {
            output.Write(buffer.Length, 'x');
            output.Write("\r\n"u8);
        }

        if (output.Length + buffer.Length <= BufferedMax)
            output.Write(buffer.Span);
        else
        {
            await FlushAsync(cancellationToken);
            await connection.SendAsync(buffer, cancellationToken);
        }

        if (chunked)
            output.Write("\r\n"u8);
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (output.Length == 0)
            return;
        await connection.SendAsync(output.Written, cancellationToken);
        output.Clear();
    }

    /// <summary>The body is complete.</summary>
    public Task EndAsync(CancellationToken cancellation)
    {
        if (chunked)
            output.Write("0\r\n\r\n"u8);
        return FlushAsync(cancellation);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();
}
