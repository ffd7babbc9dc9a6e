namespace Headroom.Caching;

/// <summary>
/// A store that can set a key only where there is none, so that nodes that begin together agree on one marker. Without it each writes its own, the last one stands, and what the others made meanwhile is a miss. Implemented
/// beside <see cref="IDistributedStore"/> by the same object. As there: it may throw and may be slow, and must be safe for concurrent use.
/// </summary>
public interface IStoreConditionalSet
{
    /// <summary>Writes those keys that are not there, then reads all of them; in one round trip where the store can.</summary>
    /// <param name="writes">At least one.</param>
    /// <param name="values">As many as writes; each set to what stands afterwards, whoever wrote it.</param>
    /// <param name="cancellation">Cancelled when the tier's patience ends.</param>
    ValueTask SetIfAbsentAsync(ReadOnlyMemory<StoreWrite> writes, Memory<StoredValue> values, CancellationToken cancellation);
}
