using System.Numerics;

namespace Headroom.Caching.Local;

/// <summary>
/// The hashes of the keys that were turned away last, a tenth as many as the cache has entries, and how many misses are for one of them. In a steady workload few are;
/// after a shift some come back, the new favourites, while the old ones still hold their places. Where most do, it is a loop a little larger than the cache: there
/// to forget would only lose.
/// </summary>
internal sealed class TurnedAwayKeys
{
    const double ShareThatSaysShift = 0.04;
    const double ShareThatSaysLoop = 0.2;

    readonly (int Hash, int Number)[] slots;
    readonly int remembered;
    int number;
    int misses;
    int cameBack;

    public TurnedAwayKeys(int keys)
    {
        remembered = Math.Max(16, keys / 10);
        slots = new (int, int)[BitOperations.RoundUpToPowerOf2((uint)remembered * 2)];
    }

    public void Add(int hash) => Slot(hash) = (hash, ++number);

    /// <summary>To be asked for each new key.</summary>
    /// <returns>True when so many of the last misses were for keys turned away before that other keys are asked for now.</returns>
    public bool SaysShift(int hash)
    {
        ref var slot = ref Slot(hash);
        if (slot.Hash == hash && slot.Number != 0 && number - slot.Number < remembered)
        {
            cameBack++;
            slot = default;
        }

        if (++misses < remembered)
            return false;
        var shifted = cameBack > ShareThatSaysShift * misses && cameBack < ShareThatSaysLoop * misses;
        misses = 0;
        cameBack = 0;
        return shifted;
    }

    ref (int Hash, int Number) Slot(int hash) => ref slots[(int)((uint)hash * 0x9E37_79B9u >> 8) & (slots.Length - 1)];
}
