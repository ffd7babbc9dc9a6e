using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Headroom.Caching.Local;

/// <summary>
/// Counts hits without making them wait for each other: each thread adds to a cell of its own, without an interlocked operation. Whose cell it is, the place of the thread's stack tells:
/// asking for the thread costs more than all the rest of the counting.
/// <list type="number">
/// <item>A cell belongs to the 64 KB of addresses that claimed it, a few of one thread's stack. A thread that goes deeper claims another cell, which is added up just the same.</item>
/// <item>Where another thread has the cell, the next ones are tried; when all of them are taken, hits are counted interlocked.</item>
/// </list>
/// Exact, except that two threads whose stacks share such 64 KB (they are that small, or one is about to overflow) may lose a few.
/// </summary>
internal readonly struct HitCells
{
    /// <summary>How many hits go by between two that say that something is to be looked after.</summary>
    public const int CheckEvery = 64;

    const int CellBits = 6;
    const int Cells = 1 << CellBits;
    const int RegionBits = 16;
    const int Tries = 8;

    // One more than can be claimed, for all who found none.
    readonly Cell[] cells = new Cell[Cells + 1];

    public HitCells()
    {
    }

    /// <summary>Counts a hit.</summary>
    /// <returns>True once in <see cref="CheckEvery"/> hits of the thread.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Add()
    {
        byte local = 0;
        var region = (uint)(Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref local) >> RegionBits);
        ref var cell = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(cells), HomeOf(region));
        return cell.Region == region ? (++cell.Count & (CheckEvery - 1)) == 0 : AddElsewhere(region);
    }

    public long Total
    {
        get
        {
            var total = 0L;
            foreach (ref var cell in cells.AsSpan())
                total += Volatile.Read(ref cell.Count);
            return total;
        }
    }

    static nuint HomeOf(uint region) => (region * 0x9E37_79B9) >> (32 - CellBits);

    [MethodImpl(MethodImplOptions.NoInlining)]
    bool AddElsewhere(uint region)
    {
        var home = (int)HomeOf(region);
        for (var i = 0; i < Tries; i++)
        {
            ref var cell = ref cells[(home + i) & (Cells - 1)];
            var owner = Volatile.Read(ref cell.Region);
            if (owner == region || (owner == 0 && Interlocked.CompareExchange(ref cell.Region, region, 0) is 0))
                return (++cell.Count & (CheckEvery - 1)) == 0;
        }

        return (Interlocked.Increment(ref cells[Cells].Count) & (CheckEvery - 1)) == 0;
    }

    [StructLayout(LayoutKind.Sequential, Size = 64)]
    struct Cell
    {
        public long Count;
        public uint Region;
    }
}
