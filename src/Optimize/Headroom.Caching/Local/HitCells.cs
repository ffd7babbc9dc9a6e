using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Headroom.Caching.Local;

/// <summary>
/// Counts hits without making them wait for each other: each thread adds to a cell of its own, without an interlocked operation. Exact while no two threads
/// that hit at the same time have numbers that differ by a multiple of 64; then a few are lost.
/// </summary>
internal readonly struct HitCells
{
    const int Cells = 64;

    readonly Cell[] cells = new Cell[Cells];

    public HitCells()
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add() => cells[Environment.CurrentManagedThreadId & (Cells - 1)].Count++;

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

    [StructLayout(LayoutKind.Sequential, Size = 64)]
    struct Cell
    {
        public long Count;
    }
}
