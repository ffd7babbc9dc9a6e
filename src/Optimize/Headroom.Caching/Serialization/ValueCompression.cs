using System.Buffers;
using System.IO.Compression;

namespace Headroom.Caching.Serialization;

/// <summary>Brotli at its quickest useful quality: a cache is written once and read by every node, and the network is dearer than these microseconds.</summary>
internal static class ValueCompression
{
    private const int Quality = 2;
    private const int WindowBits = 20;

    /// <summary>Compresses <paramref name="source"/> to the end of <paramref name="target"/>, when that saves at least an eighth.</summary>
    /// <returns>False when nothing was written.</returns>
    public static bool TryCompress(ReadOnlySpan<byte> source, PooledBuffer target)
    {
        var worth = source.Length - (source.Length / 8);
        var span = target.GetSpan(worth)[..worth];
        if (!BrotliEncoder.TryCompress(source, span, out var written, Quality, WindowBits))
            return false;
        target.Advance(written);
        return true;
    }

    /// <summary>Undoes it. The length is known from the envelope: anything else is damage, and a small payload cannot grow beyond it.</summary>
    public static bool TryDecompress(ReadOnlySpan<byte> source, PooledBuffer target, int length)
    {
        if (!BrotliDecoder.TryDecompress(source, target.GetSpan(length)[..length], out var written) || written != length)
            return false;
        target.Advance(length);
        return true;
    }
}
