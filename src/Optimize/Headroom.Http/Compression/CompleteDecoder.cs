using System.IO.Compression;

namespace Headroom.Http.Compression;

/// <summary>
/// Decodes one coding and objects to content that breaks off, which the framework's streams take for its end: a handler would take half of the content for all of it.
/// </summary>
/// <remarks>
/// How it is noticed: br and zlib mark their end, and a decoder that has seen the mark does not ask for more; one that was told there is no more has not seen it.
/// A gzip decoder always asks, because members may follow each other (RFC 1952 §2.2). So it is given one more member, without content: behind a finished
/// one that changes nothing. Behind one that broke off it is read as its continuation, and must either not fit or come out as content: it is longer than anything in the format that
/// has no content of its own.
/// </remarks>
internal sealed class CompleteDecoder : ReadOnlyStream
{
    readonly Input input;
    readonly Stream decoder;

    public CompleteDecoder(Stream encoded, string coding)
    {
        var isGzip = ContentCodings.Named(coding) == ContentCoding.Gzip;
        input = new Input(encoded, isGzip ? EmptyMember : []);
        decoder = isGzip ? new GZipStream(input, CompressionMode.Decompress)
            : ContentCodings.Named(coding) == ContentCoding.Brotli ? new BrotliStream(input, CompressionMode.Decompress)
            : new ZLibStream(input, CompressionMode.Decompress);
    }

    // RFC 1952 §2.3: magic, deflate, flag FNAME, no time, no hints, system unknown; a long name; an empty final block, its CRC and length.
    static byte[] EmptyMember { get; } = [0x1f, 0x8b, 8, 0x08, 0, 0, 0, 0, 0, 255, .. Enumerable.Repeat((byte)'.', 1024), 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return buffer.IsEmpty ? 0 : Checked(decoder.Read(buffer));
        }
        catch (InvalidOperationException invalid) when (invalid is not ObjectDisposedException)
        {
            throw new InvalidDataException(invalid.Message, invalid); // BrotliStream's word for it.
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            // A read of nothing only waits for content; a decoder that passes it on would ask for more than it needs.
            return buffer.IsEmpty ? 0 : Checked(await decoder.ReadAsync(buffer, cancellationToken));
        }
        catch (InvalidOperationException invalid) when (invalid is not ObjectDisposedException)
        {
            throw new InvalidDataException(invalid.Message, invalid);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            decoder.Dispose();
        base.Dispose(disposing);
    }

    int Checked(int bytes)
    {
        // No bytes at all are what encoders make of no content.
        if (input is { Ended: true, IsEmpty: false } && (bytes > 0 || !input.HasEpilogue))
            throw new InvalidDataException("The content breaks off.");
        return bytes;
    }

    /// <summary>The encoded content, and the epilogue behind its end.</summary>
    sealed class Input(Stream encoded, byte[] epilogue) : ReadOnlyStream
    {
        int given;

        /// <summary>The decoder asked for more than there is.</summary>
        public bool Ended { get; private set; }

        public bool IsEmpty { get; private set; } = true;

        public bool HasEpilogue => epilogue.Length > 0;

        public override int Read(Span<byte> buffer)
        {
            var bytes = Ended ? 0 : encoded.Read(buffer);
            return bytes > 0 ? Given(bytes) : buffer.IsEmpty ? 0 : End(buffer);
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var bytes = Ended ? 0 : await encoded.ReadAsync(buffer, cancellationToken);
            return bytes > 0 ? Given(bytes) : buffer.IsEmpty ? 0 : End(buffer.Span);
        }

        int Given(int bytes)
        {
            IsEmpty = false;
            return bytes;
        }

        int End(Span<byte> buffer)
        {
            Ended = true;
            if (IsEmpty)
                return 0;
            var bytes = Math.Min(buffer.Length, epilogue.Length - given);
            epilogue.AsSpan(given, bytes).CopyTo(buffer);
            given += bytes;
            return bytes;
        }
    }
}
