namespace Headroom.Http.Benchmarks;

/// <summary>
/// Measures things beside one another, in one process: each round asks all of them, beginning with another one each time, so that what disturbs the machine disturbs all alike. The time is the process's on the processor: none of them waits for
/// anything, and who else runs does not count. Before the rounds come short ones with pauses: the runtime compiles what is called often twice (with counters of what is called, then by what they counted), and each time only after 100 ms without
/// anything new. Without them, half of the rounds measure the code that counts.
/// </summary>
internal static class InterleavedRounds
{
    private const int Rounds = 21;
    private const int Warmups = 12;
    private const int WarmupRuns = 40;
    private const int WarmupTimes = 100;
    private static readonly TimeSpan CompilersPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Median nanoseconds and fewest bytes allocated of one time, for each.</summary>
    /// <param name="cases">What is measured: does it that many times.</param>
    /// <param name="times">How many times a round.</param>
    /// <param name="begin">Called before the first round that counts.</param>
    public static async Task<(double Nanoseconds, double Bytes)[]> MeasureAsync(IReadOnlyList<Func<int, Task>> cases, int times, Action? begin = null)
    {
        for (var i = 0; i < Warmups; i++)
        {
            foreach (var run in cases)
            {
                for (var j = 0; j < WarmupRuns; j++)
                    await run(WarmupTimes);
            }

            await Task.Delay(CompilersPause);
        }

        begin?.Invoke();
        var taken = cases.Select(_ => new List<(double Nanoseconds, double Bytes)>()).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < cases.Count; i++)
            {
                var which = (round + i) % cases.Count;
                var bytes = GC.GetTotalAllocatedBytes(precise: true);
                var from = Environment.CpuUsage.TotalTime;
                await cases[which](times);
                var nanoseconds = (Environment.CpuUsage.TotalTime - from).TotalNanoseconds / times;
                taken[which].Add((nanoseconds, (double)(GC.GetTotalAllocatedBytes(precise: true) - bytes) / times));
            }
        }

        return [.. taken.Select(rounds => (rounds.Select(one => one.Nanoseconds).Order().ElementAt(Rounds / 2), rounds.Min(one => one.Bytes)))];
    }

    /// <summary>How often each is run in the rounds that count.</summary>
    public static long TimesInAll(int times) => (long)Rounds * times;
}
