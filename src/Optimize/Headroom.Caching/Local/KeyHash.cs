using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Headroom.Caching.Local;

/// <summary>
/// Hash of a key's characters: 16 bytes at a time are folded by a 64x64-bit multiplication, as in wyhash. The secrets are drawn once a process, so that
/// a client who chooses keys cannot choose their buckets.
/// </summary>
internal static class KeyHash
{
    static readonly ulong First = Secret();
    static readonly ulong Second = Secret();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Of(ReadOnlySpan<char> key)
    {
        ref var start = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(key));
        var length = (nuint)(uint)key.Length * sizeof(char);
        ulong a, b;
        var state = First ^ length;
        if (length > 16)
        {
            nuint at = 0;
            do
            {
                state = Fold(Read64(ref start, at) ^ Second, Read64(ref start, at + 8) ^ state);
                at += 16;
            }
            while (at + 16 < length);

            // The last 16 bytes, some of them for the second time.
            a = Read64(ref start, length - 16);
            b = Read64(ref start, length - 8);
        }
        else if (length >= 8)
        {
            a = Read64(ref start, 0);
            b = Read64(ref start, length - 8);
        }
        else if (length >= 4)
        {
            a = Read32(ref start, 0);
            b = Read32(ref start, length - 4);
        }
        else
        {
            a = length == 0 ? 0UL : Unsafe.As<byte, char>(ref start);
            b = 0;
        }

        var hash = Fold(a ^ Second, b ^ state);
        return (int)(hash ^ (hash >> 32));
    }

    static ulong Fold(ulong x, ulong y)
    {
        var high = Math.BigMul(x, y, out var low);
        return high ^ low;
    }

    static ulong Read64(ref byte start, nuint at) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.AddByteOffset(ref start, at));

    static uint Read32(ref byte start, nuint at) => Unsafe.ReadUnaligned<uint>(ref Unsafe.AddByteOffset(ref start, at));

    // Odd, so that no secret is zero.
    static ulong Secret()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return MemoryMarshal.Read<ulong>(bytes) | 1;
    }
}
