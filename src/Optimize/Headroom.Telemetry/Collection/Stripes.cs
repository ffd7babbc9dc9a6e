using System.Numerics;

namespace Headroom.Telemetry.Collection;

/// <summary>
/// Which copy of a counter the current thread adds to. One copy per processor (up to a bound), so that threads that record the same
/// series at the same time do not fight for one cache line; a reader adds the copies up.
/// </summary>
internal static class Stripes
{
    const int Most = 16;

    /// <summary>A power of two, so that the index is a mask.</summary>
    public static readonly int Count = (int)Math.Min(Most, BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount));

    /// <param name="count">How many copies there are; a power of two.</param>
    public static int Current(int count) => Thread.GetCurrentProcessorId() & (count - 1);
}
