namespace Headroom.Http;

/// <summary>
/// A bounded queue in memory for work that must not hold a response: an audit line, a status update. Taken by its name: <c>[FromKeyedServices("audit")] IBackgroundQueue</c>. What must survive the
/// process goes into an <see cref="IDurableQueue{T}"/>.
/// </summary>
public interface IBackgroundQueue
{
    /// <summary>The name that it was added by.</summary>
    string Name { get; }

    /// <summary>Items that wait, for a worker or for their next attempt.</summary>
    int Pending { get; }

    /// <summary>Hands work over. What it does when the queue is full is <see cref="BackgroundQueueOptions.WhenFull"/>.</summary>
    /// <param name="work">
    /// Run by a worker with services of a scope of its own and a token that is cancelled at <see cref="BackgroundQueueOptions.ItemTimeout"/> and when the time for draining is over. It may run several times when it throws.
    /// Take nothing of the request into it: by then it is over.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting for room; the work is then not taken.</param>
    /// <returns>What became of it. Check it where a full queue may refuse.</returns>
    /// <exception cref="OperationCanceledException">Cancelled before there was room.</exception>
    ValueTask<EnqueueOutcome> EnqueueAsync(Func<IServiceProvider, CancellationToken, Task> work, CancellationToken cancellationToken = default);
}

/// <summary>What became of work that was handed over.</summary>
public enum EnqueueOutcome
{
    /// <summary>It will be run.</summary>
    Accepted,

    /// <summary>It will be run; the oldest that waited will not.</summary>
    AcceptedForOldest,

    /// <summary>It was not taken: the queue is full and refuses.</summary>
    Rejected,

    /// <summary>It was not taken: the application stops.</summary>
    Stopping,
}

/// <summary>What a full queue does with one more item.</summary>
public enum WhenFull
{
    /// <summary>The caller waits for room, so that whoever makes work is slowed down to what can be done.</summary>
    Wait,

    /// <summary>The item is refused; the caller is told.</summary>
    Reject,

    /// <summary>The oldest item that waits is dropped and counted.</summary>
    DropOldest,
}
