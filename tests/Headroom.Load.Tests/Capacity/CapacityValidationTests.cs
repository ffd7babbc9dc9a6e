namespace Headroom.Load.Tests.Capacity;

/// <summary>What is refused before anything is sent.</summary>
public sealed class CapacityValidationTests
{
    [Theory]
    [InlineData("metrics")]
    [InlineData("//elsewhere/metrics")]
    public void Validate_MetricsPathThatIsNone_IsToldWithWhatToWrite(string path) =>
        Assert.Contains(
            $"the path of the metrics is '{path}'; write one that begins with one /, such as /metrics",
            new CapacityOptions { Objectives = ["p99<200ms"], MetricsPath = path }.Validate());

    [Fact]
    public void Validate_MetricsPathAtTheTarget_IsFine() => Assert.Empty(new CapacityOptions { Objectives = ["p99<200ms"], MetricsPath = "/internal/metrics" }.Validate());

    [Theory]
    [InlineData("p99<0ms", "allows no time at all; write a latency above 0")]
    [InlineData("rss-growth<1MB/h", "needs minutes to be told and a step takes seconds")]
    [InlineData("http_req_duration{scenario:evening}: p(99)<200", "a search sends none of the plan's; write it without the braces")]
    public void Validate_ObjectiveThatNoStepCanTell_IsToldWithWhatToWrite(string objective, string expected) =>
        Assert.Contains(expected, Assert.Single(new CapacityOptions { Objectives = [objective] }.Validate()), StringComparison.Ordinal);
}
