using System.Numerics;

namespace ReferenceApi.Data.DataSets;

/// <summary>
/// Random numbers that are the same on every machine and every version of .NET for the same seed and stream name: xoshiro256**
/// (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2018), its state filled by SplitMix64. Each table draws
/// from a stream of its own, so that a change to one table leaves the others as they were.
/// </summary>
internal sealed class SeededRandom
{
    private ulong s0, s1, s2, s3;

    public SeededRandom(ulong seed, string stream)
    {
        // FNV-1a of the stream's name keeps the streams apart.
        var state = 14_695_981_039_346_656_037UL;
        foreach (var letter in stream)
            state = (state ^ letter) * 1_099_511_628_211UL;

        state ^= seed;
        s0 = SplitMix(ref state);
        s1 = SplitMix(ref state);
        s2 = SplitMix(ref state);
        s3 = SplitMix(ref state);
    }

    public ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(s1 * 5, 7) * 9;
        var shifted = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= shifted;
        s3 = BitOperations.RotateLeft(s3, 45);
        return result;
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [0, <paramref name="below"/>); multiply-shift, whose bias of below/2^64 does not matter here.</summary>
    public int Next(int below) => (int)Math.BigMul(NextUInt64(), (ulong)below, out _);

    /// <summary>Uniform in [<paramref name="from"/>, <paramref name="to"/>], both included.</summary>
    public int Between(int from, int to) => from + Next(to - from + 1);

    public bool Chance(double probability) => NextDouble() < probability;

    public T Pick<T>(IReadOnlyList<T> values) => values[Next(values.Count)];

    /// <summary>
    /// Nearly normal with mean 0 and standard deviation 1, within ±6: twelve uniforms added up (Irwin–Hall). Logarithms and cosines, which a
    /// truly normal number needs, may differ in the last digit between machines.
    /// </summary>
    public double NextNormal()
    {
        var sum = -6.0;
        for (var i = 0; i < 12; i++)
            sum += NextDouble();

        return sum;
    }

    private static ulong SplitMix(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15UL;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
