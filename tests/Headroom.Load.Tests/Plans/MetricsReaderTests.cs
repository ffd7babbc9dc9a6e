namespace Headroom.Load.Tests.Plans;

public sealed class MetricsReaderTests
{
    private const string Requests = "requests: [/a]\n";

    [Fact]
    public void Read_Metrics_AreInThePlan()
    {
        var plan = PlanText.Read(Requests + "metrics: { url: /internal/metrics, values: { rate: { increase: 'hits{c=\"a\"}', over: [ hits, misses ] }, queue: { gauge: waiting } } }\ntargets: [ \"metric{rate}>90%\" ]");

        Assert.Equal("http://127.0.0.1:8080/internal/metrics", plan.Metrics!.Url.AbsoluteUri);
        Assert.Equal(["rate", "queue"], plan.Metrics.Metrics.Select(metric => metric.Name));
        Assert.Equal("hits{c=\"a\"}", plan.Metrics.Metrics[0].Increase!.ToString());
        Assert.Equal(["hits", "misses"], plan.Metrics.Metrics[0].Over.Select(series => series.ToString()));
        Assert.Equal("waiting", plan.Metrics.Metrics[1].Gauge!.ToString());
    }

    [Fact]
    public void Read_WithoutUrl_IsTheUsualPathUnderTheTarget() =>
        Assert.Equal("http://127.0.0.1:8080/metrics", PlanText.Read(Requests + "metrics: { values: { q: { gauge: waiting } } }").Metrics!.Url.AbsoluteUri);

    [Fact]
    public void Read_WholeAddress_IsTakenAsItIs() =>
        Assert.Equal("http://127.0.0.1:9090/m", PlanText.Read(Requests + "metrics: { url: \"http://127.0.0.1:9090/m\", values: { q: { gauge: waiting } } }").Metrics!.Url.AbsoluteUri);

    [Theory]
    [InlineData("metrics: { url: /m }", 2, "'metrics' has no 'values'")]
    [InlineData("metrics: { url: m, values: { q: { gauge: a } } }", 2, "write a path such as /metrics or a whole address")]
    [InlineData("metrics: { values: { q: { gauge: 'a{b=c}' } } }", 2, "'a{b=c}' does not name series; write a name and labels, such as hits_total{cache=\"auth\"}")]
    [InlineData("metrics: { values: { q: { gauge: a, increase: b } } }", 2, "metric 'q' has 'gauge' and 'increase'; keep one")]
    [InlineData("metrics: { values: { q: { over: b } } }", 2, "metric 'q' has neither 'gauge' nor 'increase'")]
    [InlineData("metrics: { values: { q: { gauge: a, over: b } } }", 2, "'over' goes with 'increase'")]
    [InlineData("metrics: { values: { q: { gauge: a, rate: b } } }", 2, "unknown key 'rate' in metric 'q'; allowed: gauge, increase, over")]
    [InlineData("metrics: { valeus: {} , values: { q: { gauge: a } } }", 2, "did you mean 'values'?")]
    public void Read_Mistake_SaysWhatToWrite(string yaml, int line, string expected) => PlanText.HasOneMistake(Requests + yaml, line, expected);

    [Fact]
    public void Validate_TargetOnAMetricThatIsNotRead_IsRefused()
    {
        var problems = PlanText.Problems(Requests + "metrics: { values: { hit-rate: { gauge: a } } }\ntargets: [ \"metric{hit-rat}>90%\" ]");
        Assert.Contains("'metric{hit-rat}>90%' judges metric 'hit-rat', which the plan does not read; write it under 'metrics'; did you mean 'hit-rate'?", problems.Select(problem => problem.Message));
    }
}
