using Headroom.Measurements.Comparison;
using Headroom.Testing;

namespace Headroom.Measurements.Tests.Comparison;

public sealed class RunTrendsTests(ITestOutputHelper output)
{
    [Fact]
    public void Of_RunsThatBecameSlower_TellsWhichRunBeganIt()
    {
        var random = new Random(Seed.Printed(output));
        var runs = Enumerable.Range(0, 24).Select(i => Named(i, Sides.Run(random, factor: i < 14 ? 1 : 1.2, noise: 0.01))).Reverse().ToList();

        var trend = Assert.Single(RunTrends.Of(runs, seed: 1));

        Assert.Equal(Enumerable.Range(0, 24).Select(i => $"run-{i}"), trend.Points.Select(point => point.Name));
        var cpu = trend.Series.Single(series => series.Metric == ComparedMetric.CpuPerRequest);
        var change = Assert.Single(cpu.Changes);
        Assert.Equal(("run-14", true), (trend.Points[change.Index].Name, change.Worse));
        Assert.Equal(0.2, change.Change, 0.03);
        Assert.True(trend.Series.Single(series => series.Metric == ComparedMetric.Throughput).Changes is [{ Worse: true, Change: < 0 }]);
        Assert.Empty(trend.Series.Single(series => series.Metric == ComparedMetric.AllocatedPerRequest).Changes);
    }

    [Fact]
    public void Of_OtherPlansAndMachines_AreHistoriesOfTheirOwn()
    {
        var random = new Random(Seed.Printed(output));
        var run = Sides.Run(random, 1, 0.01);
        var trends = RunTrends.Of(
        [
            Named(0, run), Named(1, run with { Plan = run.Plan with { Name = "other", Digest = "b" } }), Named(2, run),
            Named(3, run with { Environment = run.Environment with { ProcessorCount = 64 } }),
        ], seed: 1);
        Assert.Equal([2, 1, 1], trends.Select(trend => trend.Points.Count));
    }

    [Fact]
    public void Of_ChangeBelowTheThreshold_IsNotTold()
    {
        var random = new Random(Seed.Printed(output));
        var runs = Enumerable.Range(0, 30).Select(i => Named(i, Sides.Run(random, factor: i < 15 ? 1 : 1.03, noise: 0.002))).ToList();
        Assert.All(RunTrends.Of(runs, seed: 1)[0].Series, series => Assert.Empty(series.Changes));
        Assert.Single(RunTrends.Of(runs, seed: 1, threshold: 0.01)[0].Series[0].Changes);
        Assert.Empty(RunTrends.Of([], seed: 1));
    }

    [Theory]
    [InlineData(RunTrends.RunsMin - 1, 0)]
    [InlineData(RunTrends.RunsMin, 1)]
    public void Of_TheClearestChange_IsToldFromTheLeastNumberOfRunsOn(int count, int changes)
    {
        var run = Sides.Run(new Random(1), 1, 0);
        var runs = Enumerable.Range(0, count)
            .Select(i => Named(i, run with { Summary = run.Summary with { TargetCpuMicrosecondsPerRequest = (i < count / 2 ? 100 : 200) + (0.1 * i) } }))
            .ToList();
        Assert.Equal(changes, RunTrends.Of(runs, seed: 1)[0].Series.Single(series => series.Metric == ComparedMetric.CpuPerRequest).Changes.Count);
    }

    private static (string Name, RunFile Run) Named(int day, RunFile run) => ($"run-{day}", run with { StartedAt = SampleRun.StartedAt.AddDays(day) });
}
