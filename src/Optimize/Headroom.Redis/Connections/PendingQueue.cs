namespace Headroom.Redis.Connections;

/// <summary>
/// Commands whose replies are still to come, in the order sent. Many add, one at a time under the connection's lock; one takes, the reader, without a lock except where a segment
/// ends. Segments are used again, so a steady load allocates nothing.
/// </summary>
internal sealed class PendingQueue
{
    const int SegmentLength = 512;

    readonly Lock gate;
    Segment head = new();
    Segment tail;
    Segment? spare;
    int taken;
    long added;
    long removed;

    public PendingQueue(Lock gate)
    {
        this.gate = gate;
        tail = head;
    }

    /// <summary>How many there are; exact only for whoever adds or takes.</summary>
    public long Count => Volatile.Read(ref added) - Volatile.Read(ref removed);

    /// <summary>Under the lock.</summary>
    public void Add(Operation operation)
    {
        if (tail.Written == SegmentLength)
        {
            var next = spare ?? new Segment();
            spare = null;
            tail.Next = next;
            tail = next;
        }

        tail.Slots[tail.Written] = operation;
        Volatile.Write(ref tail.Written, tail.Written + 1);
        Volatile.Write(ref added, added + 1);
    }

    /// <summary>The oldest, left in the queue. By the reader, without the lock.</summary>
    public Operation? Peek()
    {
        if (taken == SegmentLength)
        {
            lock (gate)
            {
                if (head.Next is not { } next)
                    return null;
                var empty = head;
                head = next;
                taken = 0;
                empty.Reset();
                spare = empty;
            }
        }

        return taken < Volatile.Read(ref head.Written) ? head.Slots[taken] : null;
    }

    /// <summary>Takes the oldest. By the reader, without the lock.</summary>
    public Operation? Take()
    {
        var operation = Peek();
        if (operation is not null)
        {
            head.Slots[taken++] = null;
            Volatile.Write(ref removed, removed + 1);
        }

        return operation;
    }

    /// <summary>
    /// Fails those whose time is over, and returns the earliest deadline of the rest, or <see cref="long.MaxValue"/>. Under the lock: segments stay where they are; what the reader
    /// takes meanwhile is decided by the operation itself.
    /// </summary>
    public long TimeOut(long now, Func<Operation, Exception> exception)
    {
        var earliest = long.MaxValue;
        for (var segment = head; segment is not null; segment = segment.Next)
        {
            var written = segment.Written;
            for (var index = 0; index < written; index++)
            {
                if (Volatile.Read(ref segment.Slots[index]) is { IsDecided: false } operation && !operation.TimeOutAt(now, exception))
                    earliest = Math.Min(earliest, operation.Deadline);
            }
        }

        return earliest;
    }

    sealed class Segment
    {
        public readonly Operation?[] Slots = new Operation?[SegmentLength];
        public int Written;
        public Segment? Next;

        public void Reset()
        {
            Written = 0;
            Next = null;
        }
    }
}
