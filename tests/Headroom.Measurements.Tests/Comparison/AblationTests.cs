using Headroom.Measurements.Comparison;
using Headroom.Testing;

namespace Headroom.Measurements.Tests.Comparison;

public sealed class AblationTests(ITestOutputHelper output)
{
    private static readonly string[] Switches = ["cache", "index", "nothing"];

    /// <summary>The cache halves CPU alone, and does nothing once there is the index; the index takes 60 % in both; the third switch does nothing.</summary>
    private static double FactorOf(string[] on) => (on.Contains("index"), on.Contains("cache")) switch { (true, _) => 0.4, (false, true) => 0.5, _ => 1 };

    [Fact]
    public void Judge_SwitchesThatOverlap_TellsWhatEachIsWorthAloneAndOnTopOfTheOthers()
    {
        var result = Ablation.Judge(Session(new Random(Seed.Printed(output)), blocks: 10, noise: 0.01), Switches);

        Assert.Equal(["index", "cache", "nothing"], result.Switches.Select(worth => worth.Name));
        Assert.Equal(ComparedMetric.CpuPerRequest, result.OrderedBy);
        AssertEffect(-0.6, Verdict.Better, Cpu(result.Switches[0].Alone));
        AssertEffect(-0.2, Verdict.Better, Cpu(result.Switches[0].Last), before: 0.5);
        AssertEffect(-0.5, Verdict.Better, Cpu(result.Switches[1].Alone));
        AssertEffect(0, Verdict.Same, Cpu(result.Switches[1].Last), before: 0.4);
        AssertEffect(0, Verdict.Same, Cpu(result.Switches[2].Alone));
        AssertEffect(0, Verdict.Same, Cpu(result.Switches[2].Last), before: 0.4);
        Assert.Equal(-0.6, Cpu(result.All).Change, 0.02);
        Assert.Empty(result.Findings);
    }

    [Fact]
    public void Judge_TooFewBlocksForSoManySwitches_GivesIntervalsAndSaysSo()
    {
        var result = Ablation.Judge(Session(new Random(Seed.Printed(output)), blocks: 6, noise: 0.01), Switches);
        Assert.Equal(Verdict.CannotTell, Cpu(result.Switches[0].Alone).Verdict);
        Assert.True(Cpu(result.Switches[0].Alone).Interval!.Upper < -0.5);
        Assert.Equal("too-few-pairs", Assert.Single(result.Findings).Code);
        Assert.Contains($"--blocks {Ablation.BlocksMin(Switches.Length)} ", Assert.Single(result.Findings).Remedy, StringComparison.Ordinal);
        Assert.Equal((7, 8, 10), (Ablation.BlocksMin(1), Ablation.BlocksMin(2), Ablation.BlocksMin(9)));
    }

    [Fact]
    public void Judge_SessionThatLacksAVariant_IsRefused()
    {
        var session = Session(new Random(1), blocks: 6, noise: 0.01);
        Assert.Throws<ArgumentException>(() => Ablation.Judge(session, ["cache", "unknown"]));
        Assert.Throws<ArgumentException>(() => Ablation.Judge(session with { Runs = [] }, Switches));
    }

    private static MetricComparison Cpu(IReadOnlyList<MetricComparison> metrics) => metrics.Single(metric => metric.Metric == ComparedMetric.CpuPerRequest);

    private static void AssertEffect(double change, Verdict verdict, MetricComparison metric, double before = 1)
    {
        Assert.Equal(change, metric.Change, 0.03);
        Assert.Equal(verdict, metric.Verdict);
        Assert.Equal(100 * before, metric.BeforeMedian, 3.0);
    }

    private static SessionFile Session(Random random, int blocks, double noise)
    {
        (string Name, string[] On)[] variants =
        [
            (AblationResult.PlainVariant, []), (AblationResult.AllVariant, Switches),
            .. Switches.Select(one => (AblationResult.Alone(one), new[] { one })),
            .. Switches.Select(one => (AblationResult.Without(one), Switches.Where(other => other != one).ToArray())),
        ];
        return new SessionFile
        {
            Title = "switches",
            StartedAt = SampleRun.StartedAt,
            Seed = 1,
            Variants = [.. variants.Select(variant => new SessionVariant { Name = variant.Name, Source = "command" })],
            Runs = [.. Enumerable.Range(1, blocks).SelectMany(block => variants.Select((variant, i) =>
                new SessionRun { Variant = variant.Name, Block = block, Position = i + 1, Run = Sides.Run(random, FactorOf(variant.On), noise) }))],
        };
    }
}
