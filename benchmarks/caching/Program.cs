using Headroom.Caching.Benchmarks.HitRatios;
using Headroom.Caching.Benchmarks.Speed;

switch (args)
{
    case ["hit-ratios"]:
        HitRatioTable.Write(Console.Out);
        return 0;
    case ["speed", var rounds] when int.TryParse(rounds, out var count) && count > 0:
        SpeedTable.Write(Console.Out, count);
        return 0;
    default:
        await Console.Error.WriteLineAsync("write one of: hit-ratios; speed ROUNDS");
        return 2;
}
