using System.Globalization;

namespace Headroom.Caching.Benchmarks.HitRatios;

/// <summary>Every trace through every policy, as a table.</summary>
internal static class HitRatioTable
{
    public static void Write(TextWriter output)
    {
        output.WriteLine("| trace, capacity 10,000 | Headroom | W-TinyLFU | S3-FIFO | LRU | clairvoyant |");
        output.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        foreach (var (name, keys) in Traces.All())
        {
            using var headroom = new HeadroomL1(Traces.Capacity);
            IPolicy[] policies = [headroom, new WindowTinyLfu(Traces.Capacity), new S3Fifo(Traces.Capacity), new Lru(Traces.Capacity), new Clairvoyant(Traces.Capacity, keys)];
            output.WriteLine($"| {name} | {string.Join(" | ", policies.Select(policy => Percent(policy, keys)))} |");
        }
    }

    static string Percent(IPolicy policy, int[] keys)
    {
        var hits = 0;
        foreach (var key in keys)
        {
            if (policy.Access(key))
                hits++;
        }

        return (100.0 * hits / keys.Length).ToString("f2", CultureInfo.InvariantCulture);
    }
}
