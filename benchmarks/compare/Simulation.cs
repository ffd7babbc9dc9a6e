using Headroom.Measurements;
using Headroom.Measurements.Comparison;

namespace Headroom.Compare.Benchmarks;

/// <summary>
/// Sessions drawn from recorded ones: a recorded session at random, as many of its blocks as there are pairs, each put back, its three processes in random roles (before, after, control), and the after
/// side's CPU multiplied by the true change. So what processes of one build differ in, what the machine did, and how runs depend on each other is as it was recorded;
/// what two recorded processes differed in by chance counts as lasting in every session drawn from them, so that false alarms are overstated rather than understated.
/// </summary>
internal static class Simulation
{
    private const double Threshold = 0.05;
    private static readonly int[] Pairs = [6, 10, 14, 40, 80];
    private static readonly double[] TrueChanges = [0.0, 0.05, 0.1, 0.2, -0.1];

    private sealed record Tally(int Failed, int CpuWorse, int CpuSame, int CpuBetter, int NoVerdict, int FailedWithoutControl);

    public static void Run(string folder, int sessions, int seed, TextWriter output)
    {
        var recorded = Directory.EnumerateFiles(folder, "*.csv").Order(StringComparer.Ordinal).Select(RecordedSession.Read).ToList();
        foreach (var kind in recorded.GroupBy(session => session.Name.Split('-')[0], StringComparer.Ordinal))
        {
            var blocks = kind.Min(session => session.Blocks.Count);
            output.WriteLine($"### {kind.Key}: {kind.Count()} recorded {(kind.Count() == 1 ? "session" : "sessions")}, {kind.Sum(session => session.Blocks.Count)} blocks of three runs, CPU noise {Noise([.. kind]):0.#} %");
            output.WriteLine();
            output.WriteLine("| pairs | true change of CPU | gate fails | CPU worse | CPU same | CPU better | control too noisy for CPU | without control: gate fails |");
            output.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
            foreach (var pairs in Pairs.Where(pairs => pairs <= blocks))
            {
                foreach (var change in TrueChanges)
                {
                    var tally = Of([.. kind], pairs, change, sessions, seed);
                    output.WriteLine($"| {pairs} | {100 * change:+0;-0;0} % | {Share(tally.Failed)} | {Share(tally.CpuWorse)} | {Share(tally.CpuSame)} | {Share(tally.CpuBetter)} | {Share(tally.NoVerdict)} | {Share(tally.FailedWithoutControl)} |");
                }
            }

            output.WriteLine();
        }

        string Share(int count) => $"{100.0 * count / sessions:0.0} %";
    }

    /// <summary>Half of the pairs of runs of one build differ in CPU by less than this, in percent, when what their processes differ in for good is left out.</summary>
    private static double Noise(IReadOnlyList<RecordedSession> recorded)
    {
        var ratios = recorded.SelectMany(session => new[] { (0, 1), (0, 2), (1, 2) }.SelectMany(pair =>
        {
            var logs = session.Blocks.Select(block => Math.Log(block[pair.Item2].CpuMicroseconds / block[pair.Item1].CpuMicroseconds)).Order().ToArray();
            return logs.Select(log => Math.Abs(log - logs[logs.Length / 2]));
        })).Order().ToArray();
        return 100 * (Math.Exp(ratios[ratios.Length / 2]) - 1);
    }

    private static Tally Of(IReadOnlyList<RecordedSession> recorded, int pairs, double change, int sessions, int seed)
    {
        // The same draws for every true change, so that rows differ by it alone.
        var random = new Random(seed);
        var tally = new Tally(0, 0, 0, 0, 0, 0);
        for (var i = 0; i < sessions; i++)
        {
            var drawn = Draw(recorded[random.Next(recorded.Count)], pairs, change, random);
            var options = new ComparisonOptions { Threshold = Threshold };
            var result = RunComparison.Compare(drawn, options);
            var alone = RunComparison.Compare([.. drawn.Select(pair => pair with { Control = null })], options);
            var cpu = result.Metrics.Single(metric => metric is { Metric: ComparedMetric.CpuPerRequest, Endpoint: null });
            tally = new Tally(
                tally.Failed + (result.Worse ? 1 : 0),
                tally.CpuWorse + (cpu.Verdict == Verdict.Worse ? 1 : 0),
                tally.CpuSame + (cpu.Verdict == Verdict.Same ? 1 : 0),
                tally.CpuBetter + (cpu.Verdict == Verdict.Better ? 1 : 0),
                tally.NoVerdict + (cpu.Control is { Noisy: true } ? 1 : 0),
                tally.FailedWithoutControl + (alone.Worse ? 1 : 0));
        }

        return tally;
    }

    private static RunPair[] Draw(RecordedSession session, int pairs, double change, Random random)
    {
        int[] roles = [0, 1, 2];
        random.Shuffle(roles);
        return [.. Enumerable.Range(0, pairs).Select(_ => session.Blocks[random.Next(session.Blocks.Count)]).Select(block => new RunPair(RunOf(block[roles[0]], 1), RunOf(block[roles[1]], 1 + change), RunOf(block[roles[2]], 1)))];
    }

    private static RunFile RunOf(RecordedRun run, double factor) => new()
    {
        Plan = new RunPlan { Name = "recorded", Target = "recorded", Digest = "recorded" },
        Environment = new RunEnvironment { HeadroomVersion = "recorded", Runtime = "recorded", OperatingSystem = "recorded", Architecture = "recorded", ProcessorCount = 1 },
        StartedAt = DateTimeOffset.UnixEpoch,
        DurationSeconds = 1,
        Generator = new GeneratorUsage { CpuSeconds = 0, CpuMicrosecondsPerRequest = 0, PeakRssBytes = 0, LagMs = new LatencySummary() },
        TargetAllocatedBytes = (long)(run.AllocatedBytes * run.Requests),
        Summary = new RequestSummary
        {
            Requests = run.Requests,
            RequestsPerSecond = run.RequestsPerSecond,
            Errors = 0,
            ErrorRate = 0,
            BytesReceived = 0,
            LatencyMs = new LatencySummary { P50 = run.P50Ms, P99 = run.P99Ms },
            ServiceTimeMs = new LatencySummary(),
            TargetCpuMicrosecondsPerRequest = run.CpuMicroseconds * factor,
        },
    };
}
