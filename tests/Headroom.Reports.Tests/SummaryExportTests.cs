using System.Text.Json;
using Headroom.Measurements;
using Headroom.Reports.Tests.Samples;

namespace Headroom.Reports.Tests;

public sealed class SummaryExportTests
{
    [Fact]
    public void Render_JudgedRun_ReadsAsJudged() => GoldenFile.AssertEqual("summary.json", SummaryExport.Render(LoadRuns.Judged));

    /// <summary>Names and shapes that scripts written for k6 read, taken from a summary that k6 itself wrote.</summary>
    [Theory]
    [InlineData("http_reqs", "count", "rate")]
    [InlineData("http_req_duration", "avg", "min", "med", "max", "p(90)", "p(95)")]
    [InlineData("http_req_failed", "passes", "fails", "value")]
    [InlineData("checks", "passes", "fails", "value")]
    [InlineData("iterations", "count", "rate")]
    [InlineData("iteration_duration", "avg", "min", "med", "max", "p(90)", "p(95)")]
    [InlineData("data_received", "count", "rate")]
    [InlineData("data_sent", "count", "rate")]
    [InlineData("dropped_iterations", "count", "rate")]
    [InlineData("vus", "value", "min", "max")]
    [InlineData("vus_max", "value", "min", "max")]
    public void Render_Metric_HasTheNumbersOfK6(string metric, params string[] names)
    {
        var values = Metrics(LoadRuns.Judged).GetProperty(metric);
        Assert.All(names, name => Assert.Equal(JsonValueKind.Number, values.GetProperty(name).ValueKind));
    }

    [Fact]
    public void Render_FailedRequests_ArePassesOfTheFailureRate()
    {
        var run = LoadRuns.Judged;
        var failed = Metrics(run).GetProperty("http_req_failed");
        Assert.Equal(run.Summary.Errors, failed.GetProperty("passes").GetInt64());
        Assert.Equal(run.Summary.Requests - run.Summary.Errors, failed.GetProperty("fails").GetInt64());
        Assert.Equal((double)run.Summary.Errors / run.Summary.Requests, failed.GetProperty("value").GetDouble(), 1e-12);
    }

    /// <summary>k6 writes true for a threshold that was crossed.</summary>
    [Fact]
    public void Render_Thresholds_StandAtTheirMetricAndAreTrueWhenMissed()
    {
        var metrics = Metrics(LoadRuns.Judged);
        bool? Missed(string metric, string source) =>
            metrics.GetProperty(metric).TryGetProperty("thresholds", out var thresholds) && thresholds.TryGetProperty(source, out var missed) ? missed.GetBoolean() : null;

        Assert.False(Missed("http_req_duration", "p95<150ms"));
        Assert.True(Missed("http_req_duration{name:POST /api/items}", "p99{POST /api/items}<50ms"));
        Assert.True(Missed("http_req_failed", "rate<0.001"));
        Assert.False(Missed("http_req_duration{area:write}", "p(95)<500"));
        Assert.False(Missed("checks", "rate>0.9"));
        Assert.True(Missed("headroom_hit_rate", "hit-rate>85%"));
        Assert.Null(Missed("http_req_duration", "p99<60ms"));
        Assert.Equal(LoadRuns.Judged.RequestsByName["POST /api/items"].LatencyMs.P95, metrics.GetProperty("http_req_duration{name:POST /api/items}").GetProperty("p(95)").GetDouble());
    }

    [Theory]
    [InlineData("checks{POST /api/items}>99%", "checks{request:POST /api/items}", "checks{POST /api/items}>99%", "passes", 240)]
    [InlineData("checks{check:status is 200}: rate>0.99", "checks{check:status is 200}", "rate>0.99", "passes", 990)]
    [InlineData("checks>99%", "checks", "checks>99%", "fails", 8)]
    [InlineData("http_reqs{scenario:steady}: count>1", "http_reqs{scenario:steady}", "count>1", "count", 1002)]
    [InlineData("http_reqs{name:'GET /api/items'}: count>1", "http_reqs{name:GET /api/items}", "count>1", "count", 748)]
    [InlineData("http_reqs{area:write} : count>1", "http_reqs{area:write}", "count>1", "count", 254)]
    [InlineData("data_received: rate<1MB/s", "data_received", "rate<1MB/s", "count", 3_295_400)]
    [InlineData("p95{GET /api/items}<1s", "http_req_duration{name:GET /api/items}", "p95{GET /api/items}<1s", "max", 135.977514)]
    [InlineData("http_reqs{name:none}: count>1", "http_reqs{name:none}", "count>1", "value", 7)]
    [InlineData("rss<100MB", "headroom_rss", "rss<100MB", "value", 7)]
    public void Render_ThresholdInEitherNotation_StandsWithTheFiguresOfItsPart(string expression, string metric, string source, string number, double expected)
    {
        var run = LoadRuns.Judged with
        {
            Thresholds = [new ThresholdResult { Expression = expression, Observed = 7, Passed = true }],
            Phases = [new RunPhase { Name = "steady", StartSeconds = 0, DurationSeconds = 5, Summary = LoadRuns.Judged.Summary }],
        };
        var part = Metrics(run).GetProperty(metric);
        Assert.False(part.GetProperty("thresholds").GetProperty(source).GetBoolean());
        Assert.Equal(expected, part.GetProperty(number).GetDouble(), 1e-6);
    }

    [Fact]
    public void Render_SameThresholdTwice_IsMissedIfEitherIs()
    {
        var run = SampleRuns.OneSecond with
        {
            Thresholds = [new ThresholdResult { Expression = "p95<1ms", Passed = false }, new ThresholdResult { Expression = "p95<1ms", Passed = true }],
        };
        Assert.True(Metrics(run).GetProperty("http_req_duration").GetProperty("thresholds").GetProperty("p95<1ms").GetBoolean());
    }

    [Fact]
    public void Render_Checks_AreInTheRootGroupWithTheIdentifiersOfK6()
    {
        using var json = JsonDocument.Parse(SummaryExport.Render(SampleRuns.OneSecond with { Checks = [new CheckSummary { Name = "is status 200", Request = "a", Passes = 3, Fails = 1 }, new CheckSummary { Name = "is status 200", Request = "b", Passes = 2, Fails = 0 }] }));
        var root = json.RootElement.GetProperty("root_group");
        Assert.Equal("d41d8cd98f00b204e9800998ecf8427e", root.GetProperty("id").GetString());
        var check = root.GetProperty("checks").GetProperty("is status 200");
        Assert.Equal("548d37ca5f33793206f7832e7cea54fb", check.GetProperty("id").GetString());
        Assert.Equal("::is status 200", check.GetProperty("path").GetString());
        Assert.Equal((5, 1), (check.GetProperty("passes").GetInt64(), check.GetProperty("fails").GetInt64()));
    }

    [Fact]
    public void Render_VusMax_IsTheMostAtAnyTime()
    {
        PlannedPhase Phase(int vus, double start, double length) => new() { Name = "p", Executor = "constant-vus", Connections = vus, StartSeconds = start, DurationSeconds = length };
        var run = SampleRuns.OneSecond;
        double Most(params PlannedPhase[] phases) => Metrics(run with { Plan = run.Plan with { Phases = phases } }).GetProperty("vus_max").GetProperty("value").GetDouble();

        Assert.Equal(0, Most());
        Assert.Equal(50, Most(Phase(1, 0, 10), Phase(50, 10, 10)));
        Assert.Equal(51, Most(Phase(1, 0, 20), Phase(50, 10, 10)));
    }

    [Theory]
    [InlineData("hostile")]
    [InlineData("empty")]
    public void Render_AnyRun_IsJsonWithEachNameOnce(string name)
    {
        var text = SummaryExport.Render(name == "hostile" ? LoadRuns.Hostile : SampleRuns.Empty);
        using var json = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
        Assert.Equal(JsonValueKind.Object, json.RootElement.GetProperty("metrics").ValueKind);
    }

    [Theory]
    [InlineData("de-DE")]
    public void Render_AnyCulture_IsTheSame(string culture) =>
        Assert.Equal(SummaryExport.Render(LoadRuns.Judged), InCulture.Run(culture, () => SummaryExport.Render(LoadRuns.Judged)));

    [Fact]
    public void Render_EveryMetric_StandsInTheDocumentation()
    {
        var page = File.ReadAllText(RepositoryRoot.Combine("docs", "outputs.md"));
        Assert.All(Metrics(LoadRuns.Judged with { Thresholds = [] }).EnumerateObject(), metric => Assert.Contains($"`{metric.Name}`", page, StringComparison.Ordinal));
    }

    private static JsonElement Metrics(RunFile run)
    {
        using var json = JsonDocument.Parse(SummaryExport.Render(run));
        return json.RootElement.GetProperty("metrics").Clone();
    }
}
