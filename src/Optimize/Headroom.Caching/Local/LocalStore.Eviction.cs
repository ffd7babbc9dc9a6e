namespace Headroom.Caching.Local;

/// <summary>
/// Which entry goes when the cache is full: W-TinyLFU's admission over two second-chance queues, so that a hit only counts up a byte of its entry.
/// Measured beside LRU, S3-FIFO and W-TinyLFU in docs/decisions/cache-eviction.md.
/// <list type="number">
/// <item>A new entry goes to the end of the window (0.5 % of the room) and is counted in the sketch.</item>
/// <item>When there is no room, the window's oldest is the candidate. The hand passes over the main queue: an entry with uses loses one, is counted in the
/// sketch and goes to the end; the first without is the victim.</item>
/// <item>Of candidate and victim the one asked for more often stays (the sketch's count and, for the candidate, its uses), the victim if equal. A victim
/// asked for three times or more goes only for a candidate ahead by two: in a loop, where all are asked for equally often, the candidate is always one ahead,
/// because its round has been counted and the victim's has not.</item>
/// <item>Keys that were turned away and come back soon say that what is asked for has changed: where 4 to 20 % of the misses are such, the sketch
/// forgets three quarters, and the hand takes all uses of what it passes, without counting them, until it passed as many entries as there are.</item>
/// </list>
/// The newest entry is never the candidate: what was just set is in the cache.
/// </summary>
internal sealed partial class LocalStore
{
    // How many used entries the hand passes at most for one eviction; it bounds the time under the lock.
    const int HandMost = 128;

    // From this many asks on a victim is a favourite, which is not exchanged for an equal.
    const int FavouriteAsks = 3;

    // Beyond it the sketch gets less exact instead of larger: 256 MB.
    const int KeysMost = 1 << 25;

    readonly EntryQueue window = new(EntryPlace.Window);
    readonly EntryQueue main = new(EntryPlace.Main);
    readonly FrequencySketch sketch = new(keys: 128);
    readonly long maxWeight;
    readonly long windowMost;
    TurnedAwayKeys turnedAway = new(keys: 128);

    // How many used entries the hand has yet to pass that earned their uses before what is asked for changed.
    int outdated;

    void Admit(LocalEntry entry)
    {
        if (table.Count > sketch.Keys && sketch.Keys < KeysMost)
        {
            sketch.GrowTo((int)Math.Min(sketch.Keys * 2L, Math.Min(Math.Max(maxWeight, table.Count), KeysMost)));
            turnedAway = new TurnedAwayKeys(sketch.Keys);
        }

        if (turnedAway.SaysShift(entry.Hash))
        {
            sketch.Halve(times: 2);
            outdated = table.Count;
        }

        sketch.Add(entry.Hash);
        window.Append(entry);
    }

    void Trim(LocalEntry newest, ref LocalEntry? gone)
    {
        while (window.Weight + main.Weight > maxWeight)
        {
            var candidate = Candidate(newest);
            var victim = Victim(newest);
            if (victim is null)
                Retire(candidate ?? window.Oldest!, EvictionReason.Capacity, ref gone);
            else if (candidate is null)
                Retire(victim, EvictionReason.Capacity, ref gone);
            else if (Beats(candidate, victim))
            {
                Retire(victim, EvictionReason.Capacity, ref gone);
                Promote(candidate);
            }
            else
            {
                turnedAway.Add(candidate.Hash);
                Retire(candidate, EvictionReason.Capacity, ref gone);
            }
        }

        while (Candidate(newest) is { } left)
            Promote(left);
    }

    bool Beats(LocalEntry candidate, LocalEntry victim)
    {
        var asks = sketch.Estimate(victim.Hash);
        return sketch.Estimate(candidate.Hash) + candidate.Uses > (asks < FavouriteAsks ? asks : asks + 1);
    }

    LocalEntry? Candidate(LocalEntry newest) => window.Weight > windowMost && window.Oldest != newest ? window.Oldest : null;

    void Promote(LocalEntry entry)
    {
        window.Remove(entry);
        main.Append(entry);
    }

    LocalEntry? Victim(LocalEntry newest)
    {
        for (var passed = 0; main.Oldest is { } oldest; passed++)
        {
            if (oldest == newest)
            {
                if (main.Newest == newest)
                    return null;
            }
            else if (oldest.Uses == 0 || passed >= HandMost)
                return oldest;
            else if (outdated > 0)
            {
                outdated--;
                oldest.TakeAllUses();
            }
            else
            {
                oldest.TakeUse();
                sketch.Add(oldest.Hash);
            }

            main.MoveToEnd(oldest);
        }

        return null;
    }
}
