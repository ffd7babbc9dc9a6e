using System.Data.Common;

namespace Headroom.Http;

/// <summary>
/// Keeps the items of durable queues. An item that is leased cannot be seen by other workers until its lease is over; whoever holds a lease that was not given to another since may complete the item. So each item is run at
/// least once, and by two workers only when the first did not renew its lease in time. <see cref="DbDurableWorkStore"/> is one over SQLite and PostgreSQL. All times are the store's own, so that nodes with clocks that differ
/// agree.
/// </summary>
public interface IDurableWorkStore
{
    /// <summary>Makes what the store needs, a table for example, where it is missing.</summary>
    ValueTask PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Adds an item; false when the queue has one with this id already.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="id">The item's id.</param>
    /// <param name="payload">JSON in UTF-8.</param>
    /// <param name="transaction">A transaction of the same database, with which the item comes to be or not; null for one of its own.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask<bool> AddAsync(string queue, string id, ReadOnlyMemory<byte> payload, DbTransaction? transaction, CancellationToken cancellationToken);

    /// <summary>Leases up to <paramref name="most"/> items that are due, those that have been due longest first.</summary>
    ValueTask<IReadOnlyList<DurableWork>> LeaseAsync(string queue, int most, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Makes a lease last so long from now; false when it is another's by now.</summary>
    ValueTask<bool> RenewAsync(string queue, DurableWork work, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Removes a done item; false when the lease is another's by now.</summary>
    ValueTask<bool> CompleteAsync(string queue, DurableWork work, CancellationToken cancellationToken);

    /// <summary>Makes a failed item due again after a delay; false when the lease is another's by now.</summary>
    ValueTask<bool> RetryAsync(string queue, DurableWork work, TimeSpan delay, string error, CancellationToken cancellationToken);

    /// <summary>Gives an item back as if it had not been leased; false when the lease is another's by now.</summary>
    ValueTask<bool> ReleaseAsync(string queue, DurableWork work, CancellationToken cancellationToken);

    /// <summary>Sets an item aside that is not tried again; false when the lease is another's by now.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="work">The item.</param>
    /// <param name="error">Of the last attempt; null keeps what is known of the one before.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    ValueTask<bool> ParkAsync(string queue, DurableWork work, string? error, CancellationToken cancellationToken);

    /// <summary>The parked items, the oldest first.</summary>
    ValueTask<IReadOnlyList<ParkedWork>> ParkedAsync(string queue, int most, CancellationToken cancellationToken);

    /// <summary>Makes a parked item due again, with all its attempts; false when there is no such parked item.</summary>
    ValueTask<bool> UnparkAsync(string queue, string id, CancellationToken cancellationToken);

    /// <summary>How many items there are.</summary>
    ValueTask<DurableWorkCounts> CountAsync(string queue, CancellationToken cancellationToken);
}
