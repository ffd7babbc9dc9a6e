using System.Buffers;

namespace Headroom.Caching;

/// <summary>
/// What the second tier asks of a store: bytes under a key for a time. <c>IDistributedCache</c> is adapted to it; a store that implements it itself answers several keys in one round trip.
/// An implementation may throw and may be slow: the tier bounds its time, counts its errors and stops asking for a while. It must be safe for concurrent use.
/// </summary>
public interface IDistributedStore
{
    /// <summary>Reads several keys, in one round trip where the store can.</summary>
    /// <param name="keys">At least one.</param>
    /// <param name="values">As many as keys; each set to what the store has, or left as it is where it has nothing.</param>
    /// <param name="cancellation">Cancelled when the tier's patience ends.</param>
    ValueTask GetAsync(ReadOnlyMemory<string> keys, Memory<StoredValue> values, CancellationToken cancellation);

    /// <summary>Writes several keys one after another, so that whoever sees a later one sees the earlier ones too; in one round trip where the store can.</summary>
    ValueTask SetAsync(ReadOnlyMemory<StoreWrite> writes, CancellationToken cancellation);

    /// <summary>
    /// Lets a key live for another <paramref name="life"/> from now; may leave it as it is where that prolongs it by less than a quarter. A key that is gone stays gone, and no life is made shorter.
    /// </summary>
    ValueTask TouchAsync(string key, TimeSpan life, CancellationToken cancellation);

    /// <summary>Removes keys; those that are not there are no error.</summary>
    ValueTask RemoveAsync(ReadOnlyMemory<string> keys, CancellationToken cancellation);
}

/// <summary>One key to be written.</summary>
/// <param name="Key">Not empty.</param>
/// <param name="Value">Only valid until the call that it is given to has completed.</param>
/// <param name="Life">From now on; more than zero.</param>
/// <param name="Sliding">Null, or how long each read lets it live on, at most until <paramref name="Life"/> has passed.</param>
public readonly record struct StoreWrite(string Key, ReadOnlySequence<byte> Value, TimeSpan Life, TimeSpan? Sliding = null);

/// <summary>What a store had under a key. Whoever receives it disposes it, which gives a pooled buffer back.</summary>
public readonly struct StoredValue : IDisposable, IEquatable<StoredValue>
{
    private readonly IDisposable? _owner;

    /// <param name="bytes">As they were set.</param>
    /// <param name="owner">Disposed when the bytes are no longer needed; null where they belong to the garbage collector.</param>
    public StoredValue(ReadOnlyMemory<byte> bytes, IDisposable? owner = null)
    {
        Bytes = bytes;
        Exists = true;
        _owner = owner;
    }

    /// <summary>False for the default value: the store has nothing.</summary>
    public bool Exists { get; }

    /// <summary>Valid until this is disposed.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <inheritdoc/>
    public void Dispose() => _owner?.Dispose();

    /// <inheritdoc/>
    public bool Equals(StoredValue other) => Exists == other.Exists && Bytes.Equals(other.Bytes) && ReferenceEquals(_owner, other._owner);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is StoredValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Bytes.GetHashCode();

    /// <summary>The same bytes of the same owner.</summary>
    public static bool operator ==(StoredValue left, StoredValue right) => left.Equals(right);

    /// <summary>Other bytes, or another owner.</summary>
    public static bool operator !=(StoredValue left, StoredValue right) => !left.Equals(right);
}
