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
}
