namespace Headroom.Caching.Local;

/// <summary>
/// Finds entries whose life is over without looking at the others (Varghese and Lauck, SOSP 1987): four wheels of 64 slots each, a slot of the first
/// lasts 1.024 s, one of each further wheel as long as the whole wheel before it (66 s, 70 min, 75 h).
/// <list type="number">
/// <item>An entry goes into the slot of the finest wheel that reaches its end; what ends beyond the last wheel waits in its last slot.</item>
/// <item>When time passes a slot, its entries are taken out; those that are not over yet (from a coarser wheel, or because they slid) go in again.</item>
/// </list>
/// </summary>
internal sealed class TimingWheel
{
    const int Wheels = 4;
    const int Slots = 64;
    const int SlotBits = 6;
    const int FirstShift = 10;

    /// <summary>How long after its end an entry is taken out at the latest, in milliseconds, if time is moved on often enough.</summary>
    public const long Resolution = 1 << FirstShift;

    // The first node of a slot's list is a mark of the slot itself, made when the slot is first used, so that an entry can be taken out without knowing its slot.
    readonly LocalEntry?[] slots = new LocalEntry?[Wheels * Slots];
    long passed;

    public TimingWheel(long now) => passed = now;

    public bool IsDue(long now) => now >> FirstShift > passed >> FirstShift;

    public void Schedule(LocalEntry entry)
    {
        var end = entry.EndsAt;
        if (end == LocalEntry.Never)
            return;

        var mark = slots[SlotOf(Math.Max(end, passed))] ??= new LocalEntry("", 0, null);
        entry.TimerPrevious = mark;
        entry.TimerNext = mark.TimerNext;
        if (mark.TimerNext is not null)
            mark.TimerNext.TimerPrevious = entry;
        mark.TimerNext = entry;
    }

    public static void Cancel(LocalEntry entry)
    {
        if (entry.TimerPrevious is null)
            return;

        entry.TimerPrevious.TimerNext = entry.TimerNext;
        if (entry.TimerNext is not null)
            entry.TimerNext.TimerPrevious = entry.TimerPrevious;
        entry.TimerPrevious = null;
        entry.TimerNext = null;
    }

    /// <summary>Moves time on to <paramref name="now"/>.</summary>
    /// <returns>The entries whose life is over, taken out and chained by <see cref="LocalEntry.TimerNext"/>; null: none.</returns>
    public LocalEntry? Advance(long now)
    {
        LocalEntry? over = null;
        var before = passed;
        passed = now;
        for (var wheel = 0; wheel < Wheels; wheel++)
        {
            var shift = FirstShift + wheel * SlotBits;
            var from = before >> shift;
            var to = now >> shift;
            if (from == to)
                break;

            // A slot of the first wheel is over when it lies behind; one of a coarser wheel is dealt out to the finer ones as it begins.
            var first = wheel == 0 ? from : from + 1;
            var last = wheel == 0 ? to - 1 : to;
            for (var tick = Math.Max(first, last - Slots + 1); tick <= last; tick++)
                Empty(wheel * Slots + (int)(tick & (Slots - 1)), now, ref over);
        }

        return over;
    }

    public void Clear(long now)
    {
        Array.Clear(slots);
        passed = now;
    }

    void Empty(int slot, long now, ref LocalEntry? over)
    {
        if (slots[slot] is not { TimerNext: { } entry } mark)
            return;

        mark.TimerNext = null;
        for (LocalEntry? next; entry is not null; entry = next!)
        {
            next = entry.TimerNext;
            entry.TimerPrevious = null;
            entry.TimerNext = null;
            if (entry.EndsAt > now)
                Schedule(entry);
            else
            {
                entry.TimerNext = over;
                over = entry;
            }
        }
    }

    int SlotOf(long end)
    {
        var remaining = end - passed;
        for (var wheel = 0; wheel < Wheels; wheel++)
        {
            var shift = FirstShift + wheel * SlotBits;
            if (remaining < (long)Slots << shift)
                return wheel * Slots + (int)((end >> shift) & (Slots - 1));
        }

        var lastShift = FirstShift + (Wheels - 1) * SlotBits;
        return (Wheels - 1) * Slots + (int)(((passed >> lastShift) + Slots - 1) & (Slots - 1));
    }
}
