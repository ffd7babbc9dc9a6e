using System.Buffers;

namespace Headroom.Http.Compression;

/// <summary>Bytes that are written, in one pooled array; as a <see cref="MemoryStream"/>, without an allocation for each doubling.</summary>
internal sealed class PooledStream(int expectedBytes) : Stream
{
    const int FewestBytes = 4096;

    byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Max(FewestBytes, expectedBytes));
    int written;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => written;

    public override long Position
    {
        get => written;
        set => throw new NotSupportedException();
    }

    public ReadOnlyMemory<byte> Written => buffer.AsMemory(0, written);

    public byte[] ToArray() => buffer.AsSpan(0, written).ToArray();

    /// <summary>Forgets what was written.</summary>
    public void Clear() => written = 0;

    public override void Write(ReadOnlySpan<byte> source)
    {
        if (source.Length > buffer.Length - written)
        {
            var larger = ArrayPool<byte>.Shared.Rent(checked((int)Math.Max(Math.Min(buffer.Length * 2L, Array.MaxLength), (long)written + source.Length)));
            Written.Span.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }

        source.CopyTo(buffer.AsSpan(written));
        written += source.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        Write(source.Span);
        return default;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        written = 0;
        base.Dispose(disposing);
    }
}
