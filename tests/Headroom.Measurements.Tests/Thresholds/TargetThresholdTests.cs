namespace Headroom.Measurements.Tests.Thresholds;

/// <summary>Thresholds on what the target's process uses and on what it counts itself.</summary>
public sealed class TargetThresholdTests
{
    [Theory]
    [InlineData("cpu-utilization<5%", true, "3 %")]
    [InlineData("cpu-utilization<0.03", false, "3 %")]
    [InlineData("metric{hit-rate}>90%", true, "93 %")]
    [InlineData("metric{hit-rate}>0.95", false, "0.93")]
    [InlineData("metric{waiting}<=2", false, "3")]
    public void Evaluate_TargetFigure_IsComparedInItsUnit(string text, bool passed, string observed)
    {
        var result = Evaluate(text);
        Assert.Equal((passed, observed), (result.Passed, result.ObservedText));
    }

    [Theory]
    [InlineData("metric{gone}>1", "no series gone_total")]
    [InlineData("metric{hit-rat}>1", "the run has no metric named 'hit-rat'; it has: 'hit-rate', 'waiting', 'gone'; did you mean 'hit-rate'?")]
    public void Evaluate_MetricWithoutValue_IsNotPassedWithTheReason(string text, string reason)
    {
        var result = Evaluate(text);
        Assert.Equal((false, null, reason), (result.Passed, result.Observed, result.Reason));
    }

    [Theory]
    [InlineData("metric>1", "'metric' needs the name of one of the plan's metrics; write 'metric{NAME}<90%'.")]
    [InlineData("metric{}>1", "the request name is empty")]
    [InlineData("cpu-utilization{a}<1%", "'cpu-utilization' is of the target's process")]
    [InlineData("cpu-utilization<5", "a rate is a fraction from 0 to 1 or a percentage: write '5%'.")]
    public void TryParse_WithoutWhatItNeeds_SaysWhatToWrite(string text, string expected)
    {
        Assert.False(ThresholdExpression.TryParse(text, out _, out var error));
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_Metric_TellsWhichOneItJudges()
    {
        Assert.True(ThresholdExpression.TryParse("metric{hit-rate}>90%", out var expression, out _));
        Assert.Equal(("hit-rate", null), (expression.TargetMetricName, expression.RequestName));
        Assert.True(ThresholdExpression.TryParse("p95{a}<1ms", out expression, out _));
        Assert.Null(expression.TargetMetricName);
    }

    [Theory]
    [InlineData(5, 4, true, false)]
    [InlineData(5, 6, false, true)]
    [InlineData(15, 6, false, true)]
    [InlineData(17, 6, false, false)]
    [InlineData(5, null, true, false)]
    [InlineData(15, null, false, false)]
    public void Evaluate_Growth_IsUndecidedWhileItsIntervalHoldsTheLimit(double slope, int? margin, bool passed, bool undecided)
    {
        var result = Evaluate("rss-growth<10MB/h", slope, margin);

        Assert.Equal((passed, undecided), (result.Passed, result.Undecided));
        Assert.Equal(undecided, result.Reason is not null);
        Assert.Equal(slope, result.Observed);
    }

    [Fact]
    public void Evaluate_GrowthOfAShortRun_SaysHowLongItMustBe()
    {
        var result = Evaluate("rss-growth<10MB/h", 12, 270, seconds: 60);

        Assert.Equal(
            "the slope is 12 MB/h give or take 270 MB/h (95 %), which leaves open on which side of 10 MB/h it is; a run of about 9 min tells 10 MB/h from none", result.Reason);
    }

    private static ThresholdResult Evaluate(string text, double slope = 0, int? margin = null, double seconds = 10)
    {
        Assert.True(ThresholdExpression.TryParse(text, out var expression, out var error), error);
        var run = SampleRun.Complete();
        return expression.Evaluate(run with
        {
            DurationSeconds = seconds,
            Environment = run.Environment with { ProcessorCount = 4 },
            Target = run.Target! with { CpuSeconds = 1.2, RssGrowthBytesPerHour = slope * 1e6, RssGrowthMarginBytesPerHour = margin * 1e6 },
            TargetMetrics =
            [
                new TargetMetric { Name = "hit-rate", Value = 0.93, Increase = 93, Over = 100 },
                new TargetMetric { Name = "waiting", Value = 3 },
                new TargetMetric { Name = "gone", Reason = "no series gone_total" },
            ],
        });
    }
}
