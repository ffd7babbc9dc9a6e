using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Headroom.Telemetry.Collection;

/// <summary>
/// Finds the bucket of a value by counting the bounds below it, four at a time. A scan or a binary search ends at another place for each latency, which a processor cannot foresee; this takes the same steps for all of them.
/// </summary>
/// <param name="ascending">Inclusive upper bounds (<c>le</c>), each greater than the one before.</param>
internal sealed class BucketBounds(double[] ascending)
{
    // Whole vectors; no value is above what fills the last one up.
    readonly double[] filledUp = FillUp(ascending);

    /// <summary>Of the bounds; there is one bucket more.</summary>
    public int Count => ascending.Length;

    /// <summary>The first bucket whose bound is not less than the value, which is finite.</summary>
    public int BucketOf(double value)
    {
        var given = Vector256.Create(value);
        var below = Vector256<long>.Zero;
        foreach (var bounds in MemoryMarshal.Cast<double, Vector256<double>>(filledUp))
            below -= Vector256.GreaterThan(given, bounds).AsInt64();
        return (int)Vector256.Sum(below);
    }

    static double[] FillUp(double[] ascending)
    {
        var vectors = (ascending.Length + Vector256<double>.Count - 1) / Vector256<double>.Count;
        var bounds = new double[vectors * Vector256<double>.Count];
        bounds.AsSpan().Fill(double.PositiveInfinity);
        ascending.CopyTo(bounds, 0);
        return bounds;
    }
}
