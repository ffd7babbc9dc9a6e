namespace Headroom.Measurements.Tests;

public sealed class RunGradeTests
{
    [Theory]
    [InlineData(50, Grade.Acceptable)]
    [InlineData(50.1, Grade.Warning)]
    [InlineData(100, Grade.Warning)]
    [InlineData(200, Grade.Critical)]
    [InlineData(200.1, Grade.Failed)]
    public void Of_P50_HasTheGradeOfTheFirstLimitItIsWithin(double p50, Grade expected) =>
        Assert.Equal(expected, Figure(With(new LatencySummary { P50 = p50, Max = p50 }), "p50").Grade);

    [Theory]
    [InlineData("p95", 200, 500, 1000)]
    [InlineData("p99", 500, 1000, 2000)]
    [InlineData("p50", 50, 100, 200)]
    [InlineData("errors", 0.1, 1, 5)]
    [InlineData("memory growth", 10, 50, 100)]
    public void Of_EveryFigure_HasItsThreeLimits(string name, double acceptable, double warning, double critical) =>
        Assert.Equal((acceptable, warning, critical), Figure(SampleRun.Complete(), name).Limits);

    [Theory]
    [InlineData(0.001, Grade.Acceptable)]
    [InlineData(0.01, Grade.Warning)]
    [InlineData(0.05, Grade.Critical)]
    [InlineData(0.0501, Grade.Failed)]
    public void Of_Errors_AreGradedAsPercentages(double rate, Grade expected)
    {
        var run = With(new LatencySummary { Max = 1 });
        Assert.Equal(expected, Figure(run with { Summary = run.Summary with { ErrorRate = rate } }, "errors").Grade);
    }

    [Theory]
    [InlineData(5, 4, Grade.Acceptable)]
    [InlineData(-40, 45, Grade.Acceptable)]
    [InlineData(30, 10, Grade.Warning)]
    [InlineData(75, 20, Grade.Critical)]
    [InlineData(500, 300, Grade.Failed)]
    [InlineData(5, 6, null)]
    [InlineData(0, 1000, null)]
    [InlineData(5, null, null)]
    public void Of_Growth_IsGradedWhenItsWholeIntervalIsOfOneGrade(double slope, int? margin, Grade? expected)
    {
        var run = SampleRun.Complete();
        run = run with { DurationSeconds = 300, Target = run.Target! with { RssGrowthBytesPerHour = slope * 1e6, RssGrowthMarginBytesPerHour = margin * 1e6 } };

        var figure = Figure(run, "memory growth");

        Assert.Equal(expected, figure.Grade);
        Assert.Equal(slope, figure.Value!.Value, 1e-9);
        Assert.Equal(expected is null, figure.Reason is not null);
    }

    /// <summary>Ten seconds after its start every process grows; that is no trend.</summary>
    [Fact]
    public void Of_GrowthOfAShortRun_IsNotGraded()
    {
        var run = SampleRun.Complete();
        var figure = Figure(run with { DurationSeconds = 299, Target = run.Target! with { RssGrowthBytesPerHour = 9e9, RssGrowthMarginBytesPerHour = 1e6 } }, "memory growth");
        Assert.Equal((null, "the run was shorter than 5 min, and its slope is that of the start"), (figure.Grade, figure.Reason));
    }

    /// <summary>A time is told only where a longer run is what is wanting, and it is longer than the run was.</summary>
    [Theory]
    [InlineData(0, 1000, "give or take 1000 MB/h (95 %): anything from acceptable to failed; about 108 min of this load tell 10 MB/h from none")]
    [InlineData(15, 20, "give or take 20 MB/h (95 %): acceptable or warning; about 8 min of this load tell 10 MB/h from none")]
    [InlineData(49, 3, "give or take 3 MB/h (95 %): warning or critical, as the growth is about the limit between them; run for longer to tell")]
    [InlineData(100, 9, "give or take 9 MB/h (95 %): critical or failed, as the growth is about the limit between them; run for longer to tell")]
    [InlineData(5, null, "the target's memory was read too seldom to say how sure its slope is; 50 readings and more do")]
    public void Of_GrowthThatIsUncertain_SaysWhatWouldTell(double slope, int? margin, string reason)
    {
        var run = SampleRun.Complete();
        var figure = Figure(run with { DurationSeconds = 300, Target = run.Target! with { RssGrowthBytesPerHour = slope * 1e6, RssGrowthMarginBytesPerHour = margin * 1e6 } }, "memory growth");
        Assert.Equal((null, reason), (figure.Grade, figure.Reason));
    }

    [Fact]
    public void Overall_IsTheWorstAndWhatCannotBeKnownHasNone()
    {
        var run = With(new LatencySummary { P50 = 10, P95 = 600, P99 = 700, Max = 700 });
        var grade = RunGrade.Of(run with { Target = null, Summary = run.Summary with { ErrorRate = 0 } });
        Assert.Equal(Grade.Critical, grade.Overall);
        Assert.Equal("the target's process could not be seen", grade.Figures.Single(figure => figure.Name == "memory growth").Reason);

        var nothing = RunGrade.Of(run with { Target = null, Summary = new RequestTally().Summarize(0) });
        Assert.Null(nothing.Overall);
        Assert.All(nothing.Figures, figure => Assert.NotNull(figure.Reason));
    }

    private static RunFile With(LatencySummary latency) => SampleRun.Complete() with { Summary = SampleRun.Complete().Summary with { LatencyMs = latency } };

    private static GradedFigure Figure(RunFile run, string name) => RunGrade.Of(run).Figures.Single(figure => figure.Name == name);
}
