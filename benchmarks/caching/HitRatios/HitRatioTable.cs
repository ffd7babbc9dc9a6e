using System.Globalization;

namespace Headroom.Caching.Benchmarks.HitRatios;

/// <summary>Every trace through every policy, as a table. Headroom's figures depend on a hash, so they are a mean; those of the others do not.</summary>
internal static class HitRatioTable
{
    const int Namings = 5;

    public static void Write(TextWriter output)
    {
        output.WriteLine($"Headroom: mean of {Namings} namings of the keys, least and most in brackets; its hash differs from process to process.");
        output.WriteLine();
        output.WriteLine("| trace, capacity 10,000 | Headroom | W-TinyLFU | S3-FIFO | LRU | clairvoyant |");
        output.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        foreach (var (name, keys) in Traces.All())
        {
            IPolicy[] policies = [new WindowTinyLfu(Traces.Capacity), new S3Fifo(Traces.Capacity), new Lru(Traces.Capacity), new Clairvoyant(Traces.Capacity, keys)];
            output.WriteLine($"| {name} | {Headroom(keys)} | {string.Join(" | ", policies.Select(policy => Text(Percent(policy, keys))))} |");
        }
    }

    static string Headroom(int[] keys)
    {
        var percents = new List<double>();
        for (var naming = 0; naming < Namings; naming++)
        {
            using var store = new HeadroomL1(Traces.Capacity, string.Create(CultureInfo.InvariantCulture, $"{naming}:"));
            percents.Add(Percent(store, keys));
        }

        return $"{Text(percents.Average())} ({Text(percents.Min())} to {Text(percents.Max())})";
    }

    static double Percent(IPolicy policy, int[] keys)
    {
        var hits = 0;
        foreach (var key in keys)
        {
            if (policy.Access(key))
                hits++;
        }

        return 100.0 * hits / keys.Length;
    }

    static string Text(double percent) => percent.ToString("f2", CultureInfo.InvariantCulture);
}
