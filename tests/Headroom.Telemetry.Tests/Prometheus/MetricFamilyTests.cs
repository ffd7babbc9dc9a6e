using System.Diagnostics.Metrics;

namespace Headroom.Telemetry.Tests.Prometheus;

public sealed class MetricFamilyTests
{
    [Fact]
    public void Group_SameNameInTwoMeters_IsOneFamilyToldApartByScope()
    {
        using var harness = new CollectorHarness();
        harness.Factory.Create("Test.A").CreateCounter<int>("jobs").Add(1);
        harness.Factory.Create("Test.B").CreateCounter<long>("jobs").Add(2, new KeyValuePair<string, object?>("kind", "x"));

        Assert.Equal(
            ["jobs_total{otel_scope_name=\"Test.A\"} 1", "jobs_total{otel_scope_name=\"Test.B\",kind=\"x\"} 2"],
            harness.Samples("jobs_total"));
        AssertEveryLineOnce(harness.Text());
    }

    [Fact]
    public void Group_SameNameWithOtherType_IsNamedAfterItsMeter()
    {
        using var harness = new CollectorHarness();
        harness.Factory.Create("Test.A").CreateGauge<int>("depth").Record(1);
        harness.Factory.Create("Test.B").CreateHistogram<int>("depth").Record(2);

        Assert.Equal(["depth 1"], harness.Samples("depth"));
        Assert.Contains("Test_B_depth_count 1", harness.Samples("Test_B_depth_count"));
        AssertEveryLineOnce(harness.Text());
    }

    [Fact]
    public void Group_NameThatIsPartOfAHistogram_IsNamedAfterItsMeter()
    {
        using var harness = new CollectorHarness();
        // A gauge "depth.bucket" would get "_current"; a name that clashes with a histogram's parts only arises the other way round.
        harness.Meter.CreateHistogram<int>("depth").Record(2);
        harness.Meter.CreateHistogram<int>("depth.count").Record(3);

        Assert.Contains("depth_count 1", harness.Samples("depth_count "));
        Assert.Contains("Test_depth_count_count 1", harness.Samples("Test_depth_count_count"));
        AssertEveryLineOnce(harness.Text());
    }

    [Fact]
    public void Group_TwoSpellingsOfOneNameInOneMeter_AreToldApart()
    {
        using var harness = new CollectorHarness();
        harness.Meter.CreateCounter<int>("a.b").Add(1);
        harness.Meter.CreateCounter<int>("a_b").Add(2);

        var samples = harness.Samples("a_b_total");
        Assert.Equal(2, samples.Length);
        AssertEveryLineOnce(harness.Text());
    }

    [Fact]
    public void Group_ScopeLabelGivenAsTag_DoesNotAppearTwice()
    {
        using var harness = new CollectorHarness();
        harness.Factory.Create("Test.A").CreateCounter<int>("jobs").Add(1, new KeyValuePair<string, object?>("otel.scope.name", "x"));
        harness.Factory.Create("Test.B").CreateCounter<int>("jobs").Add(2);

        Assert.All(harness.Samples("jobs_total"), line => Assert.Single(line.Split("{otel_scope_name=\"").Skip(1)));
        Assert.DoesNotContain(harness.Samples("jobs_total"), line => line.Contains(",otel_scope_name=", StringComparison.Ordinal));
    }

    internal static void AssertEveryLineOnce(string text)
    {
        var series = text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.StartsWith('#') ? line : line[..line.LastIndexOf(' ')])
            .ToArray();
        Assert.Equal(series.Distinct(StringComparer.Ordinal), series);
    }
}
