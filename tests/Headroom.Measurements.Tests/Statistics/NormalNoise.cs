namespace Headroom.Measurements.Tests.Statistics;

/// <summary>Noise to simulate with (Box and Muller).</summary>
internal static class NormalNoise
{
    public static double Next(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    public static double[] Many(Random random, int count, double mean, double deviation) =>
        [.. Enumerable.Range(0, count).Select(_ => mean + (deviation * Next(random)))];
}
