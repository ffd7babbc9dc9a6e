namespace Headroom.Load.Flows;

/// <summary>SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014): eight bytes of state a VU, the same everywhere for the same seed.</summary>
internal struct SeededRandom
{
    private ulong _state;

    public SeededRandom(int seed, int scenario, int vu)
    {
        _state = (ulong)(uint)seed;
        _state = Next() ^ ((ulong)(uint)scenario << 32);
        _state = Next() ^ (uint)vu;
    }

    /// <summary>Any 64 bits.</summary>
    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>0 or more, below 1.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A whole number from <paramref name="min"/> to <paramref name="max"/>, both included.</summary>
    public long Next(long min, long max)
    {
        var range = (UInt128)((Int128)max - min) + 1;
        return (long)(min + (Int128)((Next() * range) >> 64));
    }

    public TimeSpan Next(ThinkTime time) => time.Kind switch
    {
        ThinkTimeKind.Uniform => time.Min + ((time.Max - time.Min) * NextDouble()),

        // Twenty times the mean is exceeded once in 485 million draws; without a bound one draw could outlast the run.
        ThinkTimeKind.Exponential => time.Min * Math.Min(20, -Math.Log(1 - NextDouble())),
        _ => time.Min,
    };
}
