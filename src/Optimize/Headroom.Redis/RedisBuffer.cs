using System.Buffers;
using System.Text;

namespace Headroom.Redis;

/// <summary>
/// A value in a pooled array, or null where the key does not exist. Dispose of it once when the bytes are no longer used: the array goes back to the pool, and
/// what was read from <see cref="Memory"/> before must not be touched any more. One that is never disposed is collected like any object.
/// </summary>
public struct RedisBuffer : IDisposable, IEquatable<RedisBuffer>
{
    byte[]? array;
    readonly int length;

    internal RedisBuffer(byte[] array, int length)
    {
        this.array = array;
        this.length = length;
    }

    /// <summary>Whether there is no value. An empty value is not null.</summary>
    public readonly bool IsNull => array is null;

    /// <summary>The number of bytes; 0 for null.</summary>
    public readonly int Length => array is null ? 0 : length;

    /// <summary>The bytes; empty for null.</summary>
    public readonly ReadOnlySpan<byte> Span => array.AsSpan(0, Length);

    /// <summary>The bytes; empty for null.</summary>
    public readonly ReadOnlyMemory<byte> Memory => array.AsMemory(0, Length);

    /// <summary>A copy that outlives the buffer, or null.</summary>
    public readonly byte[]? ToArray() => array is null ? null : Span.ToArray();

    /// <summary>The bytes read as UTF-8, or null: the value of a key is what its writer made it, so this is a copy and not a description.</summary>
    public override readonly string? ToString() => array is null ? null : Encoding.UTF8.GetString(Span);

    /// <summary>Gives the array back. Of copies of one buffer only one may be disposed.</summary>
    public void Dispose()
    {
        var rented = array;
        array = null;
        if (rented is { Length: > 0 })
            ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Whether both hold the same bytes, or both are null.</summary>
    public readonly bool Equals(RedisBuffer other) => IsNull == other.IsNull && Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is RedisBuffer other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    /// <summary>Whether both hold the same bytes, or both are null.</summary>
    public static bool operator ==(RedisBuffer left, RedisBuffer right) => left.Equals(right);

    /// <summary>Whether the bytes differ.</summary>
    public static bool operator !=(RedisBuffer left, RedisBuffer right) => !left.Equals(right);

    internal static RedisBuffer Rent(int length, out byte[] array)
    {
        array = length == 0 ? [] : ArrayPool<byte>.Shared.Rent(length);
        return new RedisBuffer(array, length);
    }
}
