using System.Buffers;
using System.IO.Compression;

namespace Headroom.Http.Compression;

/// <summary>Encodes content: all of it at once, or as a stream.</summary>
internal static class ContentEncoder
{
    // Brotli's own default: copies from up to 4 MB back.
    const int BrotliWindowBits = 22;

    // One block of output for content of up to this size; beyond it, encoded piece by piece.
    const int OneShotBytes = 4 * 1024 * 1024;

    /// <summary>The content in this coding, in an array of its own.</summary>
    public static byte[] Encode(ContentCoding coding, EncodingEffort effort, ReadOnlySequence<byte> content)
    {
        if (coding == ContentCoding.Identity)
            return content.ToArray();
        if (coding == ContentCoding.Brotli && content.IsSingleSegment && content.Length <= OneShotBytes)
            return EncodeBrotli(content.FirstSpan, EncodingLevels.Brotli(effort, content.Length));

        using var output = new PooledStream((int)Math.Min(content.Length / 2, OneShotBytes));
        using (var encoder = CreateStream(coding, effort, output, content.Length))
        {
            foreach (var segment in content)
                encoder.Write(segment.Span);
        }

        return output.ToArray();
    }

    /// <summary>A stream that encodes what is written to it into <paramref name="output"/>, which it leaves open. Flushing it makes everything written so far readable for the client.</summary>
    /// <param name="coding">Gzip or Brotli.</param>
    /// <param name="effort">What it is worth.</param>
    /// <param name="output">Where the encoded bytes go.</param>
    /// <param name="length">Bytes that will be written, null where that is not known.</param>
    public static Stream CreateStream(ContentCoding coding, EncodingEffort effort, Stream output, long? length) => coding switch
    {
        ContentCoding.Brotli => new BrotliStream(output, new BrotliCompressionOptions { Quality = EncodingLevels.Brotli(effort, length) }, leaveOpen: true),
        ContentCoding.Gzip => new GZipStream(output, new ZLibCompressionOptions { CompressionLevel = EncodingLevels.Gzip(effort, length) }, leaveOpen: true),
        _ => throw new ArgumentOutOfRangeException(nameof(coding), coding, "identity needs no encoder"),
    };

    static byte[] EncodeBrotli(ReadOnlySpan<byte> content, int quality)
    {
        var output = ArrayPool<byte>.Shared.Rent(BrotliEncoder.GetMaxCompressedLength(content.Length));
        try
        {
            return BrotliEncoder.TryCompress(content, output, out var written, quality, BrotliWindowBits)
                ? output.AsSpan(0, written).ToArray()
                : throw new InvalidOperationException("Brotli's output was longer than its own bound says.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(output);
        }
    }
}
