using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Headroom.Caching.Serialization;
using Microsoft.Extensions.Caching.Hybrid;

namespace Headroom.Caching.Distributed;

/// <summary>
/// How an entry stands in the store, version 1. Numbers are little-endian.
/// <list type="table">
/// <item><term>0</term><description><c>HC</c></description></item>
/// <item><term>2</term><description>version of the format, 1</description></item>
/// <item><term>3</term><description>flags: 1 the value is null, 2 the payload is Brotli (RFC 7932)</description></item>
/// <item><term>4</term><description>the payload, as the serializer wrote it</description></item>
/// <item><term>then</term><description>64-bit: created, fresh until, ends at (Unix ms), sliding (ms), versions of the key's marker and of the marker of everything; 32-bit: length of the payload before
/// compression; 16-bit: number of tags; each tag: 16-bit length, UTF-8, 64-bit version of its marker</description></item>
/// <item><term>last 8</term><description>32-bit length of what stands after the payload up to here, 32-bit CRC-32C of everything before it (RFC 3720 §12.1)</description></item>
/// </list>
/// Whatever does not read as this is a miss: a newer node wrote it, or it is damaged.
/// </summary>
internal static class EntryEnvelope
{
    public const byte Version = 1;
    private const int HeadBytes = 4;
    private const int TailBytes = 8;
    private const int FixedBytes = (6 * 8) + 4 + 2;
    private const byte NullFlag = 1;
    private const byte BrotliFlag = 2;

    /// <param name="target">Empty; afterwards the whole envelope.</param>
    /// <param name="compressAboveBytes">Payloads longer than this are compressed where that helps; null: none.</param>
    public static void Write<T>(PooledBuffer target, EntryMetadata metadata, T value, IHybridCacheSerializer<T> serializer, int? compressAboveBytes)
    {
        target.Write([(byte)'H', (byte)'C', Version, value is null ? NullFlag : (byte)0]);
        if (value is not null)
            serializer.Serialize(value, target);
        var payloadBytes = target.Length - HeadBytes;
        if (payloadBytes > compressAboveBytes)
            Compress(target, payloadBytes);
        WriteMetadata(target, metadata, payloadBytes);
    }

    public static EnvelopeState TryRead(ReadOnlyMemory<byte> envelope, out EntryContent content)
    {
        content = default;
        var bytes = envelope.Span;
        if (bytes.Length < 3 || bytes[0] != 'H' || bytes[1] != 'C')
            return EnvelopeState.Damaged;
        if (bytes[2] != Version)
            return bytes[2] > Version ? EnvelopeState.Newer : EnvelopeState.Damaged;
        if (bytes.Length < HeadBytes + FixedBytes + TailBytes || Crc(bytes[..^4]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..]))
            return EnvelopeState.Damaged;
        var metadataBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[^TailBytes..]);
        if (metadataBytes < FixedBytes || metadataBytes > bytes.Length - HeadBytes - TailBytes)
            return EnvelopeState.Damaged;
        var end = bytes.Length - TailBytes - metadataBytes;
        if (!TryReadMetadata(bytes.Slice(end, metadataBytes), out var metadata, out var payloadBytes))
            return EnvelopeState.Damaged;
        content = new EntryContent(metadata, envelope[HeadBytes..end], payloadBytes, (bytes[3] & NullFlag) != 0, (bytes[3] & BrotliFlag) != 0);
        return EnvelopeState.Read;
    }

    private static void Compress(PooledBuffer target, int payloadBytes)
    {
        using var compressed = new PooledBuffer(payloadBytes);
        if (!ValueCompression.TryCompress(target.WrittenSpan[HeadBytes..], compressed))
            return;
        target.Truncate(HeadBytes);
        target.WrittenSpan[3] |= BrotliFlag;
        target.Write(compressed.WrittenSpan);
    }

    private static void WriteMetadata(PooledBuffer target, EntryMetadata metadata, int payloadBytes)
    {
        var start = target.Length;
        Write64(target, metadata.CreatedMs);
        Write64(target, metadata.FreshUntilMs);
        Write64(target, metadata.EndsAtMs);
        Write64(target, metadata.SlidingMs);
        Write64(target, metadata.KeyVersion);
        Write64(target, metadata.AllVersion);
        Write32(target, payloadBytes);
        Write16(target, checked((ushort)metadata.Tags.Count));
        foreach (var tag in metadata.Tags)
        {
            Write16(target, checked((ushort)Encoding.UTF8.GetByteCount(tag.Tag)));
            Encoding.UTF8.GetBytes(tag.Tag, target);
            Write64(target, tag.Version);
        }

        Write32(target, target.Length - start);
        Write32(target, (int)Crc(target.WrittenSpan));
    }

    private static bool TryReadMetadata(ReadOnlySpan<byte> bytes, out EntryMetadata metadata, out int payloadBytes)
    {
        payloadBytes = BinaryPrimitives.ReadInt32LittleEndian(bytes[48..]);
        var tags = new TagVersion[BinaryPrimitives.ReadUInt16LittleEndian(bytes[52..])];
        metadata = new EntryMetadata
        {
            CreatedMs = BinaryPrimitives.ReadInt64LittleEndian(bytes),
            FreshUntilMs = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
            EndsAtMs = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            SlidingMs = BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            KeyVersion = BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            AllVersion = BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
            Tags = tags,
        };
        var rest = bytes[FixedBytes..];
        for (var index = 0; index < tags.Length; index++)
        {
            if (rest.Length < 2)
                return false;
            var length = BinaryPrimitives.ReadUInt16LittleEndian(rest);
            if (rest.Length < 2 + length + 8)
                return false;
            tags[index] = new TagVersion(Encoding.UTF8.GetString(rest.Slice(2, length)), BinaryPrimitives.ReadInt64LittleEndian(rest[(2 + length)..]));
            rest = rest[(2 + length + 8)..];
        }

        return rest.IsEmpty && payloadBytes >= 0;
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }

    private static void Write64(PooledBuffer target, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target.GetSpan(8), value);
        target.Advance(8);
    }

    private static void Write32(PooledBuffer target, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target.GetSpan(4), value);
        target.Advance(4);
    }

    private static void Write16(PooledBuffer target, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(target.GetSpan(2), value);
        target.Advance(2);
    }
}

internal enum EnvelopeState
{
    Read,
    Damaged,
    Newer,
}

/// <summary>An envelope that was read.</summary>
/// <param name="Payload">A part of the envelope's bytes.</param>
/// <param name="PayloadBytes">Its length before compression.</param>
internal readonly record struct EntryContent(EntryMetadata Metadata, ReadOnlyMemory<byte> Payload, int PayloadBytes, bool IsNull, bool IsCompressed)
{
    /// <exception cref="InvalidDataException">The compressed bytes are not what they should be.</exception>
    public T? Deserialize<T>(IHybridCacheSerializer<T> serializer)
    {
        if (IsNull)
            return default;
        if (!IsCompressed)
            return serializer.Deserialize(new ReadOnlySequence<byte>(Payload));
        using var whole = new PooledBuffer(PayloadBytes);
        if (!ValueCompression.TryDecompress(Payload.Span, whole, PayloadBytes))
            throw new InvalidDataException("A compressed cache entry does not decompress to the length that it states.");
        return serializer.Deserialize(new ReadOnlySequence<byte>(whole.WrittenMemory));
    }
}
