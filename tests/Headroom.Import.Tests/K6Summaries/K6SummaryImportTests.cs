using System.Globalization;
using System.Text.Json.Nodes;
using Headroom.Measurements;
using Headroom.Measurements.Comparison;

namespace Headroom.Import.Tests.K6Summaries;

/// <summary>What k6's summary becomes, in each of its forms; its shapes are those of k6's documentation ("Custom summary", "End of test").</summary>
public sealed class K6SummaryImportTests
{
    private static readonly DateTimeOffset Ended = new(2026, 1, 31, 12, 0, 20, TimeSpan.Zero);

    // As handleSummary of an exported script writes it: the part that is load, a request, a scenario, a tag, a check; http_reqs of the whole has setup in it.
    private const string Data = """
        {
          "root_group": { "name": "", "path": "", "groups": [], "checks": [ { "name": "status is 200", "path": "::status is 200", "id": "x", "passes": 95, "fails": 6 } ] },
          "options": { "summaryTrendStats": [], "summaryTimeUnit": "", "noColor": false },
          "state": { "isStdOutTTY": false, "isStdErrTTY": false, "testRunDurationMs": 20000 },
          "metrics": {
            "http_reqs": { "type": "counter", "contains": "default", "values": { "count": 101, "rate": 5.05 } },
            "http_reqs{part:load}": { "type": "counter", "contains": "default", "values": { "count": 100, "rate": 5 }, "thresholds": { "count>=0": { "ok": true } } },
            "http_req_failed{part:load}": { "type": "rate", "contains": "default", "values": { "rate": 0.05, "passes": 5, "fails": 95 }, "thresholds": { "rate<0.01": { "ok": false }, "rate>=0": { "ok": true } } },
            "http_req_duration": { "type": "trend", "contains": "time", "values": TREND },
            "http_req_duration{expected_response:true}": { "type": "trend", "contains": "time", "values": TREND },
            "http_req_duration{part:load}": { "type": "trend", "contains": "time", "values": TREND, "thresholds": { "p(95)<500": { "ok": true }, "max>=0": { "ok": true } } },
            "http_reqs{part:load,name:list: all}": { "type": "counter", "contains": "default", "values": { "count": 100, "rate": 5 } },
            "http_req_failed{part:load,name:list: all}": { "type": "rate", "contains": "default", "values": { "rate": 0.05, "passes": 5, "fails": 95 } },
            "http_req_duration{part:load,name:list: all}": { "type": "trend", "contains": "time", "values": TREND, "thresholds": { "p(99)<15": { "ok": false } } },
            "http_reqs{part:load,name:never}": { "type": "counter", "contains": "default", "values": { "count": 0, "rate": 0 } },
            "http_req_failed{part:load,name:never}": { "type": "rate", "contains": "default", "values": { "rate": 0, "passes": 0, "fails": 0 } },
            "http_req_duration{part:load,name:never}": { "type": "trend", "contains": "time", "values": { "avg": 0 } },
            "http_reqs{part:load,area:read}": { "type": "counter", "contains": "default", "values": { "count": 40, "rate": 2 } },
            "http_req_failed{part:load,area:read}": { "type": "rate", "contains": "default", "values": { "rate": 0, "passes": 0, "fails": 40 } },
            "http_req_duration{part:load,area:read}": { "type": "trend", "contains": "time", "values": TREND },
            "http_reqs{part:load,scenario:steady}": { "type": "counter", "contains": "default", "values": { "count": 100, "rate": 5 } },
            "http_req_failed{part:load,scenario:steady}": { "type": "rate", "contains": "default", "values": { "rate": 0.05, "passes": 5, "fails": 95 } },
            "http_req_duration{part:load,scenario:steady}": { "type": "trend", "contains": "time", "values": TREND },
            "checks{part:load,name:list: all,check:status is 200}": { "type": "rate", "contains": "default", "values": { "rate": 0.95, "passes": 95, "fails": 5 } },
            "iterations{part:load}": { "type": "counter", "contains": "default", "values": { "count": 50, "rate": 2.5 } },
            "iteration_duration{part:load}": { "type": "trend", "contains": "time", "values": TREND },
            "dropped_iterations": { "type": "counter", "contains": "default", "values": { "count": 8, "rate": 0.4 } },
            "dropped_iterations{scenario:steady}": { "type": "counter", "contains": "default", "values": { "count": 3, "rate": 0.15 } },
            "setup_and_teardown_time": { "type": "counter", "contains": "time", "values": { "count": 1000, "rate": 50 } },
            "data_received{part:load}": { "type": "counter", "contains": "data", "values": { "count": 20000, "rate": 1000 } },
            "data_sent{part:load}": { "type": "counter", "contains": "data", "values": { "count": 7000, "rate": 350 } }
          },
          "headroom": {
            "version": 1, "plan": "shop", "target": "http://127.0.0.1:5080", "endedAt": "2026-01-31T12:00:20Z", "selector": "part:load,", "requests": [ "list: all", "never" ], "tags": [ "area:read" ],
            "phases": [ { "name": "steady", "executor": "constant-vus", "connections": 3, "startSeconds": 9, "durationSeconds": 10 } ],
            "checks": [ { "request": "list: all", "name": "status is 200" } ]
          }
        }
        """;

    private const string Trend = """{ "min": 1, "avg": 4.5, "med": 4, "max": 30, "p(75)": 5, "p(90)": 9, "p(95)": 12, "p(99)": 20, "p(99.9)": 28, "count": 100 }""";

    // As k6 run --summary-export writes it: numbers beside thresholds, and true for a threshold that was missed.
    private const string Exported = """
        {
          "root_group": {
            "name": "", "path": "", "id": "x", "groups": { "inner": { "name": "inner", "groups": {}, "checks": { "b": { "name": "b", "passes": 1, "fails": 2 } } } },
            "checks": { "a": { "name": "a", "path": "::a", "id": "y", "passes": 7, "fails": 0 } }
          },
          "metrics": {
            "http_reqs": { "count": 100, "rate": 5 },
            "http_req_failed": { "passes": 5, "fails": 95, "value": 0.05, "thresholds": { "rate<0.01": true } },
            "http_req_duration": { "min": 1, "avg": 4.5, "med": 4, "max": 30, "p(75)": 5, "p(90)": 9, "p(95)": 12, "p(99)": 20, "p(99.9)": 28, "thresholds": { "p(95)<500": false } },
            "http_req_duration{name:list}": { "min": 1, "avg": 4.5, "med": 4, "max": 30, "p(75)": 5, "p(90)": 9, "p(95)": 12, "p(99)": 20, "p(99.9)": 28 },
            "data_received": { "count": 20000, "rate": 1000 },
            "vus": { "value": 1, "min": 1, "max": 3 }
          }
        }
        """;

    [Fact]
    public void K6Summary_OfAnExportedScript_HasEveryPartThatItNames()
    {
        var (run, notes) = Read(Data.Replace("TREND", Trend, StringComparison.Ordinal));
        Assert.Empty(notes);
        Assert.Equal(("shop", "http://127.0.0.1:5080", Ended - TimeSpan.FromSeconds(11), 10.0), (run.Plan.Name, run.Plan.Target, run.StartedAt, run.DurationSeconds));
        Assert.Equal((100, 10.0, 5, 0.05, 20000, 7000, 3), (run.Summary.Requests, run.Summary.RequestsPerSecond, run.Summary.Errors, run.Summary.ErrorRate, run.Summary.BytesReceived, run.Summary.BytesSent, run.Summary.Dropped));
        var expected = new LatencySummary { Min = 1, P50 = 4, P75 = 5, P90 = 9, P95 = 12, P99 = 20, P999 = 28, Max = 30, Mean = 4.5 };
        Assert.Equal((expected, expected), (run.Summary.LatencyMs, run.Summary.ServiceTimeMs));
        Assert.Equal(["list: all"], run.RequestsByName.Keys);
        Assert.Equal((10.0, 4.0, 5.0), (run.RequestsByName["list: all"].RequestsPerSecond, run.RequestsByTag["area:read"].RequestsPerSecond, run.Iterations!.PerSecond));
        Assert.Equal(40, run.RequestsByTag["area:read"].Requests);
        var phase = Assert.Single(run.Phases);
        Assert.Equal(("steady", 0.0, 10.0, 10.0), (phase.Name, phase.StartSeconds, phase.DurationSeconds, phase.Summary.RequestsPerSecond));
        Assert.Equal(new CheckSummary { Name = "status is 200", Request = "list: all", Passes = 95, Fails = 5 }, Assert.Single(run.Checks));
        Assert.Equal((50, 3), (run.Iterations!.Count, run.Iterations.Dropped));
        Assert.Equal(
            ["http_req_failed: rate<0.01 False 0.05", "http_req_duration: p(95)<500 True 12", "http_req_duration{name:list: all}: p(99)<15 False 20"],
            run.Thresholds.Select(threshold => string.Create(CultureInfo.InvariantCulture, $"{threshold.Expression} {threshold.Passed} {threshold.Observed}")));
        Assert.Equal(("k6", "sent"), (run.Origin!.Tool, run.Origin.LatencyFrom));
        Assert.Contains("generator", run.Origin.NotKnown);
        Assert.Equal("k6-summary", Assert.Single(run.Warnings).Code);
    }

    [Fact]
    public void K6Summary_OfSummaryExport_IsReadAndWhatItDoesNotSayIsTold()
    {
        var (run, notes) = Read(Exported);
        Assert.Equal(("load", "not known", 20.0, 100, 5), (run.Plan.Name, run.Plan.Target, run.DurationSeconds, run.Summary.Requests, run.Summary.Errors));
        Assert.Equal(["a 7 0", "b 1 2"], run.Checks.Select(check => $"{check.Name} {check.Passes} {check.Fails}"));
        Assert.Equal(["http_req_failed: rate<0.01 False", "http_req_duration: p(95)<500 True"], run.Thresholds.Select(threshold => $"{threshold.Expression} {threshold.Passed}"));
        Assert.Empty(run.RequestsByName);
        Assert.Equal(
            [
                "load.json: requests, tags and scenarios are those that the script's thresholds name; a script of 'headroom export k6' has all of them",
                "load.json: requests/s are those of the whole test, 20 s, with its setup, its teardown and what it sent to warm up; a script of 'headroom export k6' tells them from the load",
                "load.json: the summary does not say when the test ended; the file's own time is taken",
                "load.json: {name:list}: the summary has not its http_reqs, http_req_failed and http_req_duration; thresholds in the script name them",
            ],
            notes.Select(note => note.ToString()).Order(StringComparer.Ordinal));
    }

    /// <summary>A test that was broken off in its warm-up has no load; one that was broken off later has the time until then.</summary>
    [Theory]
    [InlineData(5000, 0, 0)]
    [InlineData(14_000, 4, 25)]
    public void K6Summary_OfATestThatWasBrokenOff_HasTheTimeUntilThen(int milliseconds, double seconds, double perSecond)
    {
        var (run, _) = Read(Data.Replace("TREND", Trend, StringComparison.Ordinal)
            .Replace("\"testRunDurationMs\": 20000", $"\"testRunDurationMs\": {milliseconds}", StringComparison.Ordinal));
        Assert.Equal((seconds, perSecond), (run.DurationSeconds, run.Summary.RequestsPerSecond));
        Assert.Equal((seconds, perSecond), (run.Phases[0].DurationSeconds, run.Phases[0].Summary.RequestsPerSecond));
    }

    [Fact]
    public void K6Summary_SelectorsOfTwoTags_AreTold()
    {
        var json = JsonNode.Parse(Exported)!;
        json["metrics"]!["http_req_duration{name:list,method:GET}"] = JsonNode.Parse(Trend);
        var (run, notes) = Read(json.ToJsonString());
        Assert.Contains("load.json: 'http_req_duration{name:list,method:GET}': a run file has parts by one tag; its thresholds are kept", notes.Select(note => note.ToString()));
        Assert.Empty(run.RequestsByName);
    }

    [Fact]
    public void K6Summary_Written_IsReadAgainAsTheSameRun()
    {
        var (run, _) = Read(Data.Replace("TREND", Trend, StringComparison.Ordinal));
        var again = RunFileJson.Parse(RunFileJson.ToUtf8Bytes(run), "again");
        Assert.Equal(RunFileJson.ToUtf8Bytes(run), RunFileJson.ToUtf8Bytes(again));
        Assert.Equal(run.Origin!.NotKnown, again.Origin!.NotKnown);
    }

    [Fact]
    public void K6Summary_OfTheSameScript_CanBeComparedAndNotWithHeadroomsRuns()
    {
        var (run, _) = Read(Data.Replace("TREND", Trend, StringComparison.Ordinal));
        var (later, _) = Read(Data.Replace("TREND", Trend.Replace("30", "40", StringComparison.Ordinal), StringComparison.Ordinal).Replace("12:00:20Z", "13:00:20Z", StringComparison.Ordinal));
        Assert.Empty(RunComparability.Differences([run, later]));
        Assert.Contains("measured by: 'k6' and 'headroom'", RunComparability.Differences([run, run with { Origin = null }]));
        var (other, _) = Read(Data.Replace("TREND", Trend, StringComparison.Ordinal).Replace("\"connections\": 3", "\"connections\": 4", StringComparison.Ordinal));
        Assert.StartsWith("plan: ", Assert.Single(RunComparability.Differences([run, other])), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "load.json:1: is not JSON; write the summary with 'k6 run --summary-export FILE'")]
    [InlineData("[]", "load.json: is JSON without 'metrics'")]
    [InlineData("""{ "metrics": {} }""", "load.json: has no 'http_reqs'")]
    [InlineData("""{ "metrics": { "http_reqs": { "count": 1, "rate": 1 } } }""", "load.json: has not all of http_reqs, http_req_failed and http_req_duration")]
    [InlineData("""{ "metrics": { "http_reqs": { "rate": 1 } } }""", "load.json: 'http_reqs' has no 'count'")]
    [InlineData("""{ "metrics": {}, "headroom": { "version": 9 } }""", "load.json: 'headroom' is version 9; this headroom reads 1")]
    [InlineData("""{ "metrics": {}, "headroom": { "version": "1", "requests": 3 } }""", "load.json: 'headroom' is not what headroom export k6 writes ($.requests)")]
    [InlineData("""{ "metrics": { "http_reqs": { "count": -1, "rate": 1 } } }""", "load.json: 'http_reqs' has a 'count' of -1, which no test counts")]
    [InlineData("""{ "metrics": { "http_reqs": { "count": 1e999, "rate": 1 } } }""", "load.json: 'http_reqs' has no 'count'")]
    [InlineData("""{ "metrics": { "http_reqs": { "count": 5, "rate": 0 } } }""", "load.json: says that the test took ")]
    [InlineData("""{ "metrics": { "http_reqs": { "count": 5, "rate": 1 } }, "state": { "testRunDurationMs": 1e300 } }""", "load.json: says that the test took ")]
    [InlineData("""{ "metrics": {}, "headroom": { "version": 1, "checks": [ null ] } }""", "load.json: 'headroom' is not what headroom export k6 writes (a phase or check is null")]
    [InlineData("""{ "metrics": {}, "headroom": { "version": 1, "endedAt": "0001-01-01T00:00:00Z" } }""", "load.json: 'headroom' is not what headroom export k6 writes (a phase or check is null")]
    public void K6Summary_WhatIsNone_IsRefusedAndSaysWhatToWrite(string json, string message)
    {
        var error = Assert.Throws<ImportException>(() => Read(json));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void K6Summary_WithoutPercentilesThatARunNeeds_IsRefusedInsteadOfShowingZero()
    {
        var json = JsonNode.Parse(Exported)!;
        json["metrics"]!["http_req_duration"]!.AsObject().Remove("p(99)");
        json["metrics"]!["http_req_duration"]!.AsObject().Remove("p(99.9)");
        var error = Assert.Throws<ImportException>(() => Read(json.ToJsonString()));
        Assert.Equal(
            "load.json: 'http_req_duration' has no p(99), p(99.9), which a run file needs and nothing can make from the rest; run k6 with "
            + "--summary-trend-stats 'min,avg,med,max,p(75),p(90),p(95),p(99),p(99.9)' (a script of 'headroom export k6' does)",
            error.Message);
    }

    private static (RunFile Run, IReadOnlyList<ImportNote> Notes) Read(string text)
    {
        var imported = RunImport.K6Summary(text, new RunImportOptions { Source = "load.json", Name = "load", EndedAt = Ended });
        return (imported.Run, imported.Notes);
    }
}
