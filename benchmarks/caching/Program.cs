using Headroom.Caching.Benchmarks.HitRatios;

switch (args)
{
    case ["hit-ratios"]:
        HitRatioTable.Write(Console.Out);
        return 0;
    default:
        await Console.Error.WriteLineAsync("write one of: hit-ratios");
        return 2;
}
