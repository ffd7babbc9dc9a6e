namespace Headroom.Http.Streaming;

/// <summary>One client's place in a stream. All but <see cref="WaitAsync"/> and <see cref="Wake"/> belong to the stream's lock.</summary>
internal sealed class EventStreamSubscription(long position, long missed)
{
    TaskCompletionSource woken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The number of the next event for this client.</summary>
    public long Position { get; set; } = position;

    /// <summary>Events between where the client was and the oldest that is kept: it will not get them.</summary>
    public long Missed { get; } = missed;

    /// <summary>The producer could not wait for this client any longer.</summary>
    public bool Dropped { get; private set; }

    /// <summary>Cuts the client's connection, also one that waits in a write.</summary>
    public Action? Cut { get; set; }

    /// <summary>
    /// Waits until there is something to look at. One caller at a time, who looks afterwards: what happens between the waking and the reset here is seen by that look, what happens after it wakes the next wait.
    /// </summary>
    public async Task WaitAsync()
    {
        await Volatile.Read(ref woken).Task;
        Volatile.Write(ref woken, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    public void Drop()
    {
        Dropped = true;

        // Not here: whoever drops holds the stream's lock, and cutting runs what others have registered for it.
        ThreadPool.UnsafeQueueUserWorkItem(static dropped => dropped.Cut?.Invoke(), this, preferLocal: false);
        Wake();
    }

    public void Wake() => Volatile.Read(ref woken).TrySetResult();
}
