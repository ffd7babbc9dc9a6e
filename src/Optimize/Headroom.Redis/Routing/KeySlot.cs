using System.Buffers;

namespace Headroom.Redis.Routing;

/// <summary>
/// Which of a cluster's 16,384 slots a key is in: CRC16 (XMODEM) of the key, or of what stands between its first <c>{</c> and the next <c>}</c> when that is not empty
/// (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model).
/// </summary>
internal static class KeySlot
{
    public const int Count = 16384;

    static readonly ushort[] Table = MakeTable();

    public static int Of(in RedisArgument key)
    {
        var most = key.EncodedMostBytes;
        if (most <= 512)
        {
            Span<byte> bytes = stackalloc byte[512];
            return Of(key.CopyTo(bytes));
        }

        var rented = ArrayPool<byte>.Shared.Rent((int)Math.Min(most, Array.MaxLength));
        try
        {
            return Of(key.CopyTo(rented));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    public static int Of(ReadOnlySpan<byte> key)
    {
        var open = key.IndexOf((byte)'{');
        if (open >= 0)
        {
            var length = key[(open + 1)..].IndexOf((byte)'}');
            if (length > 0)
                key = key.Slice(open + 1, length);
        }

        var crc = 0;
        foreach (var value in key)
            crc = ((crc << 8) ^ Table[((crc >> 8) ^ value) & 0xff]) & 0xffff;
        return crc & (Count - 1);
    }

    static ushort[] MakeTable()
    {
        var table = new ushort[256];
        for (var value = 0; value < table.Length; value++)
        {
            var crc = value << 8;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
            table[value] = (ushort)crc;
        }

        return table;
    }
}
