namespace Headroom.Caching.Benchmarks.HitRatios;

/// <summary>Sequences of key numbers, each from a fixed seed, so that every policy sees the same.</summary>
internal static class Traces
{
    public const int Capacity = 10_000;

    public static IEnumerable<(string Name, int[] Keys)> All()
    {
        yield return ("zipf 0.9, 100k keys", Zipf(100_000, 0.9, 3_000_000, seed: 1));
        yield return ("scan: zipf, every 10th a key never seen again", Scan(3_000_000));
        yield return ("loop over 10.5k", Loop(10_500, 1_000_000));
        yield return ("loop over 12k", Loop(12_000, 1_000_000));
        yield return ("loop over 20k", Loop(20_000, 1_000_000));
        yield return ("shifting: another hot set every 100k", Shifting(3_000_000, 100_000));
        yield return ("mixed: zipf, scan bursts, a small loop", Mixed(3_000_000));
    }

    /// <summary>Rank r with probability proportional to 1/r^s, drawn from the summed distribution; ranks are shuffled over the keys.</summary>
    public static int[] Zipf(int keys, double skew, int length, int seed)
    {
        var random = new Random(seed);
        var cumulative = new double[keys];
        var sum = 0.0;
        for (var rank = 0; rank < keys; rank++)
            cumulative[rank] = sum += 1 / Math.Pow(rank + 1, skew);
        var names = Enumerable.Range(0, keys).ToArray();
        random.Shuffle(names);
        var trace = new int[length];
        for (var i = 0; i < length; i++)
        {
            var at = Array.BinarySearch(cumulative, random.NextDouble() * sum);
            trace[i] = names[Math.Min(at < 0 ? ~at : at, keys - 1)];
        }

        return trace;
    }

    static int[] Scan(int length)
    {
        var trace = Zipf(100_000, 0.9, length, seed: 2);
        for (var i = 0; i < length; i += 10)
            trace[i] = 1_000_000 + i;
        return trace;
    }

    static int[] Loop(int keys, int length)
    {
        var trace = new int[length];
        for (var i = 0; i < length; i++)
            trace[i] = i % keys;
        return trace;
    }

    static int[] Shifting(int length, int every)
    {
        var trace = Zipf(100_000, 0.9, length, seed: 3);
        for (var i = 0; i < length; i++)
            trace[i] = (trace[i] + i / every * 37_003) % 100_000;
        return trace;
    }

    static int[] Mixed(int length)
    {
        var trace = Zipf(100_000, 0.9, length, seed: 4);
        for (var i = 0; i < length; i++)
        {
            var part = i % 200_000;
            if (part >= 180_000)
                trace[i] = 10_000_000 + i;
            else if (part is >= 90_000 and < 110_000)
                trace[i] = 1_000_000 + i % 5_000;
        }

        return trace;
    }
}
