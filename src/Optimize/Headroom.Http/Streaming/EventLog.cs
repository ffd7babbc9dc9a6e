namespace Headroom.Http.Streaming;

/// <summary>
/// The last events of a stream, encoded, by their number from 0 on: what a client that comes back has missed, and what one that reads slowly has yet to get. A ring that grows to its bound.
/// Not for several threads at once.
/// </summary>
internal sealed class EventLog(int maxEvents, long maxBytes)
{
    Entry[] ring = new Entry[Math.Min(maxEvents, 16)];
    long bytes;

    /// <summary>The number of the oldest that is kept; equal to <see cref="Next"/> when there is none.</summary>
    public long First { get; private set; }

    /// <summary>The number that the next will have: how many there were.</summary>
    public long Next { get; private set; }

    public ReadOnlyMemory<byte> this[long number] => ring[number % ring.Length].Encoded;

    /// <summary>One event is kept, however long it is.</summary>
    public bool HasRoomFor(int length) => First == Next || (Next - First < maxEvents && bytes + length <= maxBytes);

    /// <summary>Adds an event, even above the bound: the last of a stream is never left out.</summary>
    public void Add(byte[] encoded, string? ownId)
    {
        if (Next - First == ring.Length)
            Grow();
        ring[Next % ring.Length] = new Entry(encoded, ownId);
        Next++;
        bytes += encoded.Length;
    }

    public void EvictOldest()
    {
        ref var oldest = ref ring[First % ring.Length];
        bytes -= oldest.Encoded.Length;
        oldest = default;
        First++;
    }

    /// <summary>The number after the event that the application gave this id; null when it is not kept.</summary>
    public long? After(string ownId)
    {
        for (var number = Next - 1; number >= First; number--)
        {
            if (string.Equals(ring[number % ring.Length].OwnId, ownId, StringComparison.Ordinal))
                return number + 1;
        }

        return null;
    }

    void Grow()
    {
        var larger = new Entry[ring.Length * 2];
        for (var number = First; number < Next; number++)
            larger[number % larger.Length] = ring[number % ring.Length];
        ring = larger;
    }

    readonly record struct Entry(byte[] Encoded, string? OwnId);
}
