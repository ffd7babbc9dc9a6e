using System.Runtime.InteropServices;

namespace Headroom.Telemetry.Collection;

/// <summary>A sum that many threads add to without waiting for each other. Whole numbers stay exact up to 64 bits.</summary>
/// <param name="stripes">A power of two; null for one per processor.</param>
internal sealed class StripedSum(int? stripes = null)
{
    readonly Cell[] cells = new Cell[stripes ?? Stripes.Count];

    public void Add(long value) => Interlocked.Add(ref cells[Stripes.Current(cells.Length)].Whole, value);

    public void Add(double value)
    {
        ref var cell = ref cells[Stripes.Current(cells.Length)].Fraction;
        var seen = Volatile.Read(ref cell);
        while (true)
        {
            var before = Interlocked.CompareExchange(ref cell, seen + value, seen);
            if (before.Equals(seen))
                return;
            seen = before;
        }
    }

    public long Whole
    {
        get
        {
            var sum = 0L;
            foreach (ref var cell in cells.AsSpan())
                sum += Volatile.Read(ref cell.Whole);
            return sum;
        }
    }

    public double Fraction
    {
        get
        {
            var sum = 0.0;
            foreach (ref var cell in cells.AsSpan())
                sum += Volatile.Read(ref cell.Fraction);
            return sum;
        }
    }

    /// <summary>As wide as a cache line, so that neighbours do not share one.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    struct Cell
    {
        [FieldOffset(0)]
        public long Whole;

        [FieldOffset(8)]
        public double Fraction;
    }
}
