using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
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
        var state = First ^ length;
        ulong a, b;
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

    /// <summary>Whether two keys are the same; in place, because a call costs a hit more than the comparison.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Same(ReadOnlySpan<char> key, string other)
    {
        if (key.Length != other.Length)
            return false;
        ref var left = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(key));
        ref var right = ref Unsafe.As<char, byte>(ref Unsafe.AsRef(in other.GetPinnableReference()));
        var length = (nuint)(uint)key.Length * sizeof(char);
        if (length < (nuint)Vector256<byte>.Count)
            return SameShort(ref left, ref right, length);

        // The last characters may be some of the others for the second time.
        var last = length - (nuint)Vector256<byte>.Count;
        for (nuint at = 0; at < last; at += (nuint)Vector256<byte>.Count)
        {
            if (Vector256.LoadUnsafe(ref left, at) != Vector256.LoadUnsafe(ref right, at))
                return false;
        }

        return Vector256.LoadUnsafe(ref left, last) == Vector256.LoadUnsafe(ref right, last);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static bool SameShort(ref byte left, ref byte right, nuint length)
    {
        if (length >= 16)
            return Vector128.LoadUnsafe(ref left) == Vector128.LoadUnsafe(ref right) && Vector128.LoadUnsafe(ref left, length - 16) == Vector128.LoadUnsafe(ref right, length - 16);
        if (length >= 8)
            return Read64(ref left, 0) == Read64(ref right, 0) && Read64(ref left, length - 8) == Read64(ref right, length - 8);
        if (length >= 4)
            return Read32(ref left, 0) == Read32(ref right, 0) && Read32(ref left, length - 4) == Read32(ref right, length - 4);
        return length == 0 || Unsafe.As<byte, char>(ref left) == Unsafe.As<byte, char>(ref right);
    }

    /// <summary>Both halves of the product, by two multiplications where the processor has one for the upper half alone: one that gives both takes the lower through memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong Fold(ulong x, ulong y)
    {
        if (Bmi2.X64.IsSupported)
            return Bmi2.X64.MultiplyNoFlags(x, y) ^ (x * y);
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
