using System.Diagnostics;
using Headroom.Measurements;
using Headroom.Reports.Tests.Samples;

namespace Headroom.Reports.Tests;

public sealed class PrometheusTextTests
{
    public static TheoryData<string> Runs => new("eventful", "hostile", "empty", "one second", "tuned", "flows", "hostile plan");

    [Fact]
    public void Render_OneRun_ReadsAsJudged() => GoldenFile.AssertEqual("run.prom", PrometheusText.Render(SampleRuns.Eventful));

    [Fact]
    public void Render_FlowsAndChecks_ReadsAsJudged() => GoldenFile.AssertEqual("flows.prom", PrometheusText.Render(FlowRuns.Complete));

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task Render_AnyRun_PromtoolAccepts(string name)
    {
        var promtool = Require.Tool("promtool");
        var (exitCode, said) = await ExternalProgram.RunAsync(new ProcessStartInfo(promtool, ["check", "metrics"]), PrometheusText.Render(Named(name)));

        Assert.Equal("", said);
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public void Render_LabelValues_AreEscaped()
    {
        var run = SampleRuns.OneSecond with { RequestsByName = new Dictionary<string, RequestSummary> { ["a\"b\\c\nd"] = SampleRuns.OneSecond.Summary } };

        Assert.Contains("""headroom_run_endpoint_requests{endpoint="a\"b\\c\nd"} """, PrometheusText.Render(run), StringComparison.Ordinal);
    }

    [Fact]
    public void Render_SameTargetTwice_IsOneSeriesThatIsMetOnlyIfBothAre()
    {
        ThresholdResult Target(bool passed) => new() { Expression = "p95<1ms", Passed = passed };

        var text = PrometheusText.Render(SampleRuns.OneSecond with { Thresholds = [Target(true), Target(false)] });

        Assert.Equal(["headroom_run_target_met{expression=\"p95<1ms\"} 0"], text.Split('\n').Where(line => line.StartsWith("headroom_run_target_met{", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("de-DE")]
    [InlineData("tr-TR")]
    public void Render_AnyCulture_IsTheSame(string culture) =>
        Assert.Equal(PrometheusText.Render(SampleRuns.Eventful), InCulture.Run(culture, () => PrometheusText.Render(SampleRuns.Eventful)));

    [Fact]
    public void Render_EveryMetric_StandsInTheDocumentation()
    {
        var page = File.ReadAllText(RepositoryRoot.Combine("docs", "reports.md"));

        var metrics = (PrometheusText.Render(SampleRuns.Eventful) + PrometheusText.Render(FlowRuns.Complete)).Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2]).ToList();

        Assert.NotEmpty(metrics);
        // An endpoint's metrics are those of the run with one word more.
        Assert.All(metrics, metric => Assert.Contains($"`{metric.Replace("_run_endpoint_", "_run_", StringComparison.Ordinal)}`", page, StringComparison.Ordinal));
    }

    private static RunFile Named(string name) => name switch
    {
        "eventful" => SampleRuns.Eventful,
        "hostile" => SampleRuns.Hostile,
        "empty" => SampleRuns.Empty,
        "one second" => SampleRuns.OneSecond,
        "flows" => FlowRuns.Complete,
        "hostile plan" => LoadRuns.Hostile,
        _ => SampleRuns.Tuned,
    };
}
