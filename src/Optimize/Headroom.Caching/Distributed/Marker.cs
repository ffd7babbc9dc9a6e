using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Headroom.Caching.Distributed;

/// <summary>
/// Says in the store that something was invalidated: a key, a tag, or everything. Entries carry the versions of the markers that stood when their value began to be computed, and are valid only
/// while the same versions stand. So an invalidation is one write of 16 bytes, however many entries it ends, and a value computed from older data is refused by whoever reads it, no matter
/// when it is written.
/// </summary>
/// <param name="Version">Random and not 0; 0 says that there is no marker.</param>
/// <param name="WrittenAtMs">Unix milliseconds by the clock of the node that invalidated.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Marker(long Version, long WrittenAtMs)
{
    public const int Bytes = 16;

    /// <summary>What stands where there is none. No entry is valid under it.</summary>
    public static readonly Marker None;

    /// <summary>A marker that cannot be read: no entry was ever made under it.</summary>
    public static readonly Marker Unreadable = new(-1, long.MaxValue);

    public static Marker Next(Random random, DateTimeOffset now) => new(random.NextInt64(1, long.MaxValue), now.ToUnixTimeMilliseconds());

    public static Marker Read(in StoredValue stored)
    {
        if (!stored.Exists)
            return None;
        var bytes = stored.Bytes.Span;
        if (bytes.Length != Bytes)
            return Unreadable;
        var version = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        return version > 0 ? new Marker(version, BinaryPrimitives.ReadInt64LittleEndian(bytes[8..])) : Unreadable;
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[Bytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Version);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), WrittenAtMs);
        return bytes;
    }
}
