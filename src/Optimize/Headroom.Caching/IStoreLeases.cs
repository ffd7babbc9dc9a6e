namespace Headroom.Caching;

/// <summary>
/// A store through which one node at a time gets the right to make a value (<see cref="CacheOptions.CoalesceAcrossNodes"/>). Implemented beside <see cref="IDistributedStore"/> by the same object. As there: it may throw
/// and may be slow, and must be safe for concurrent use.
/// </summary>
public interface IStoreLeases
{
    /// <summary>Asks for a lease, without waiting for it.</summary>
    /// <param name="name">A key of the store's that no value has.</param>
    /// <param name="duration">After which it ends if it was not given back. More than zero.</param>
    /// <param name="cancellation">Cancelled when the tier's patience ends.</param>
    /// <returns>Null while another holder has it.</returns>
    ValueTask<IStoreLease?> TryAcquireAsync(string name, TimeSpan duration, CancellationToken cancellation);
}

/// <summary>A lease that was got. It may have run out unnoticed: what is written under it is checked by the store.</summary>
public interface IStoreLease
{
    /// <summary>
    /// Writes a key and gives the lease back, in one atomic step, provided that nobody got the lease after this holder; else does nothing (a fencing token, checked by the store: M. Kleppmann, "How to do distributed
    /// locking", 2016).
    /// </summary>
    /// <param name="write">The key has the same <c>{braces}</c> as the lease's name.</param>
    /// <param name="cancellation">Cancelled when the tier's patience ends.</param>
    /// <returns>Whether it was written.</returns>
    ValueTask<bool> SetAndReleaseAsync(StoreWrite write, CancellationToken cancellation);

    /// <summary>Gives it back without a value, so that others need not wait until it ends. Not this holder's any more: no error.</summary>
    ValueTask ReleaseAsync(CancellationToken cancellation);
}
