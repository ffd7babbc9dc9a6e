using System.Data.Common;

namespace Headroom.Http;

/// <summary>
/// A queue for work that must not be lost: items are rows of a database until they are done, so they outlive the process, and any node may do them. Each is run at least once; a handler has to bear a repetition.
/// </summary>
/// <typeparam name="T">What an item says; kept as JSON, so that a newer version of the program has to read what an older one wrote.</typeparam>
public interface IDurableQueue<in T>
{
    /// <summary>The name that it was added by.</summary>
    string Name { get; }

    /// <summary>Keeps an item. When this returns it is in the database, or, with a transaction, will be when that commits.</summary>
    /// <param name="item">What to do.</param>
    /// <param name="id">An id of your own, up to 200 characters: an item with an id that the queue has is not added again. Null, the default: a new one.</param>
    /// <param name="transaction">A transaction of the same database: the item is then there if and only if what you wrote with it is.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False when the queue has an item with this id already.</returns>
    ValueTask<bool> EnqueueAsync(T item, string? id = null, DbTransaction? transaction = null, CancellationToken cancellationToken = default);
}

/// <summary>Does the items of a durable queue. Made in a scope of its own for each attempt.</summary>
/// <typeparam name="T">What an item says.</typeparam>
public interface IDurableWorkHandler<in T>
{
    /// <summary>Does one item; throw to have it tried again later.</summary>
    /// <param name="item">What to do.</param>
    /// <param name="attempt">The item's id, equal in each attempt, and which attempt this is.</param>
    /// <param name="cancellationToken">Cancelled at the timeout, when the application stops and when the lease is lost.</param>
    Task HandleAsync(T item, DurableAttempt attempt, CancellationToken cancellationToken);
}

/// <summary>An attempt at an item.</summary>
/// <param name="Id">The item's id: the key by which a handler makes itself bear repetition.</param>
/// <param name="Number">From 1 on.</param>
public sealed record DurableAttempt(string Id, int Number);
