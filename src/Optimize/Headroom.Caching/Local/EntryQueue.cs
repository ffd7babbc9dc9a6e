namespace Headroom.Caching.Local;

/// <summary>Entries in order, oldest first, linked through the entries themselves. Knows what they weigh together.</summary>
internal sealed class EntryQueue(EntryPlace place)
{
    public LocalEntry? Oldest { get; private set; }

    public LocalEntry? Newest { get; private set; }

    public long Weight { get; private set; }

    public void Append(LocalEntry entry)
    {
        entry.Place = place;
        entry.QueuePrevious = Newest;
        entry.QueueNext = null;
        if (Newest is null)
            Oldest = entry;
        else
            Newest.QueueNext = entry;
        Newest = entry;
        Weight += EntryWeight.Unpack(entry.Weight);
    }

    public void Remove(LocalEntry entry)
    {
        if (entry.QueuePrevious is null)
            Oldest = entry.QueueNext;
        else
            entry.QueuePrevious.QueueNext = entry.QueueNext;
        if (entry.QueueNext is null)
            Newest = entry.QueuePrevious;
        else
            entry.QueueNext.QueuePrevious = entry.QueuePrevious;
        entry.QueuePrevious = null;
        entry.QueueNext = null;
        entry.Place = EntryPlace.Nowhere;
        Weight -= EntryWeight.Unpack(entry.Weight);
    }

    public void MoveToEnd(LocalEntry entry)
    {
        if (entry == Newest)
            return;
        Remove(entry);
        Append(entry);
    }
}
