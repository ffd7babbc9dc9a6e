using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Headroom.Measurements.RunFiles;

namespace Headroom.Measurements.Tests;

public sealed class RunFileJsonTests(ITestOutputHelper output)
{
    private const string FrozenName = "headroom-run-1.frozen.json";

    private static readonly string Sample = Encoding.UTF8.GetString(RunFileJson.ToUtf8Bytes(SampleRun.Complete()));

    private const string MinimalRun = """
        {
          "schema": "headroom-run/1",
          "plan": { "name": "p", "target": "http://127.0.0.1" },
          "environment": { "headroomVersion": "1", "runtime": "r", "operatingSystem": "o", "architecture": "x64", "processorCount": 1 },
          "startedAt": "2026-01-31T12:00:00Z",
          "durationSeconds": 1,
          "summary": {
            "requests": 0, "requestsPerSecond": 0, "errors": 0, "errorRate": 0, "bytesReceived": 0,
            "latencyMs": {}, "serviceTimeMs": {}, "cacheHitRate": null
          },
          "generator": { "cpuSeconds": 0, "cpuMicrosecondsPerRequest": 0, "peakRssBytes": 0, "lagMs": {} },
          "target": { "cpuSeconds": 0, "rssBytes": { "start": 1, "peak": 1, "end": 1 } },
          "warnings": [ { "code": "c", "summary": "s", "remedy": "r" } ]
        }
        """;

    private static string FrozenPath => Path.Combine(AppContext.BaseDirectory, "RunFiles", FrozenName);

    [Fact]
    public void Parse_WhatWasWritten_IsTheSameAgain()
    {
        var again = RunFileJson.Parse(Sample, "sample.json");

        Assert.Equal(Sample, Encoding.UTF8.GetString(RunFileJson.ToUtf8Bytes(again)));
        Assert.Equal(SampleRun.Complete().Summary.LatencyMs, again.Summary.LatencyMs);
        Assert.Equal(SampleRun.StartedAt, again.StartedAt);
    }

    [Fact]
    public void Parse_HistogramInIt_HasEveryCount()
    {
        var again = RunFileJson.Parse(Sample, "sample.json");

        var histogram = LatencyHistogram.Decode(again.Summary.LatencyHistogram!);
        Assert.True(histogram.HasSameCounts(LatencyHistogram.Decode(SampleRun.Complete().Summary.LatencyHistogram!)));
        Assert.Equal(6, histogram.Count);
    }

    /// <summary>The names that other programs read.</summary>
    [Fact]
    public void ToUtf8Bytes_CompleteRun_HasTheNamesOfTheContract()
    {
        var run = JsonNode.Parse(Sample)!;
        string[] summaryNames = ["requests", "requestsPerSecond", "errors", "errorRate", "bytesReceived", "latencyMs", "serviceTimeMs", "cacheHitRate"];
        string[] latencyNames = ["p50", "p75", "p90", "p95", "p99", "p999", "max", "mean"];

        AssertHas(run, "schema", "plan", "environment", "startedAt", "durationSeconds", "summary", "requestsByName", "statuses", "errorsByKind", "generator", "target", "thresholds", "warnings", "series");
        Assert.Equal("headroom-run/1", (string?)run["schema"]);
        AssertHas(run["summary"]!, summaryNames);
        AssertHas(run["requestsByName"]!["GET /users/{id}"]!, summaryNames);
        AssertHas(run["summary"]!["latencyMs"]!, latencyNames);
        AssertHas(run["summary"]!["serviceTimeMs"]!, latencyNames);
        AssertHas(run["generator"]!, "cpuSeconds", "cpuMicrosecondsPerRequest", "peakRssBytes", "lagMs");
        AssertHas(run["generator"]!["lagMs"]!, "p99");
        AssertHas(run["target"]!, "cpuSeconds", "rssBytes");
        AssertHas(run["target"]!["rssBytes"]!, "start", "peak", "end");
        AssertHas(run["thresholds"]![0]!, "expression", "observed", "passed");
        AssertHas(run["warnings"]![0]!, "code", "message", "remedy");
        Assert.Equal(2, run["series"]!.AsArray().Count);
    }

    [Fact]
    public void ToUtf8Bytes_NoCacheOutcome_WritesTheHitRateAsNullAndLeavesOtherNullsOut()
    {
        var run = SampleRun.Complete() with { Target = null, Summary = new RequestTally().Summarize(1) };

        var json = JsonNode.Parse(RunFileJson.ToUtf8Bytes(run))!.AsObject();

        Assert.True(json["summary"]!.AsObject().TryGetPropertyValue("cacheHitRate", out var hitRate));
        Assert.Null(hitRate);
        Assert.False(json.ContainsKey("target"));
        Assert.False(json["summary"]!.AsObject().ContainsKey("targetCpuMicrosecondsPerRequest"));
        Assert.Null(RunFileJson.Parse(json.ToJsonString(), "x").Summary.CacheHitRate);
    }

    [Fact]
    public void ToUtf8Bytes_ThresholdsAndBase64_StayReadable()
    {
        Assert.Contains("\"p95<150ms\"", Sample, StringComparison.Ordinal);
        Assert.DoesNotContain("\\u002B", Sample, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.1 + 0.2, "0.3")]
    [InlineData(12.345678000000001, "12.345678")]
    [InlineData(1234.56789012345, "1234.56789")]
    [InlineData(1 / 3.0, "0.333333333")]
    [InlineData(1e-7 / 3, "3.33333333E-08")]
    [InlineData(150, "150")]
    [InlineData(0, "0")]
    [InlineData(-2_000_000.123456789, "-2000000.123457")]
    public void ToUtf8Bytes_Doubles_HaveNoNoise(double value, string expected)
    {
        var json = Encoding.UTF8.GetString(RunFileJson.ToUtf8Bytes(SampleRun.Complete() with { DurationSeconds = value }));

        Assert.Contains($"\"durationSeconds\": {expected},", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Round_AnyDouble_IsStableAndNear() =>
        Property.Check(output, Gen.Choose(int.MinValue, int.MaxValue).Zip(Gen.Choose(-12, 6)), pair =>
        {
            var value = pair.Item1 * Math.Pow(10, pair.Item2);
            var rounded = RoundedDoubleConverter.Round(value);
            return Math.Abs(rounded - value) <= Math.Max(Math.Abs(value) * 1e-8, Math.Abs(value) >= 1 ? 5.001e-7 : 0)
                && RoundedDoubleConverter.Round(rounded).Equals(rounded);
        });

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void ToUtf8Bytes_NotAFiniteNumber_IsRefused(double value) =>
        Assert.Contains("finite", Assert.Throws<JsonException>(() => RunFileJson.ToUtf8Bytes(SampleRun.Complete() with { DurationSeconds = value })).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_NewerMinorVersion_KeepsItsUnknownFieldsWhenWrittenAgain()
    {
        var json = JsonNode.Parse(Sample)!;
        json["schema"] = "headroom-run/1.7";
        json["energy"] = JsonNode.Parse("""{ "joules": 12.5, "by": ["cpu"] }""");
        json["summary"]!["inNested"] = 1;
        json["series"]![0]!["inList"] = "x";

        var written = JsonNode.Parse(RunFileJson.ToUtf8Bytes(RunFileJson.Parse(json.ToJsonString(), "newer.json")))!;

        Assert.Equal("headroom-run/1.7", (string?)written["schema"]);
        Assert.True(JsonNode.DeepEquals(json["energy"], written["energy"]));
        Assert.Equal(6, (long)written["summary"]!["requests"]!);
    }

    [Fact]
    public void Parse_ByteOrderMark_IsSkipped() =>
        Assert.Equal(6, RunFileJson.Parse([.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Sample)], "x").Summary.Requests);

    /// <summary>What other programs may leave out reads as if it had been written empty, never as null.</summary>
    [Fact]
    public void Parse_OnlyRequiredFields_HasTheDefaultsOfTheContract()
    {
        var run = RunFileJson.Parse(MinimalRun, "minimal.json");

        Assert.Empty(run.RequestsByName);
        Assert.Empty(run.RequestsByTag);
        Assert.Empty(run.Checks);
        Assert.Empty(run.FailedExtractions);
        Assert.Equal((null, null), (run.Iterations, run.AbortedBy));
        Assert.Empty(run.Phases);
        Assert.Empty(run.Statuses);
        Assert.Empty(run.ErrorsByKind);
        Assert.Empty(run.Thresholds);
        Assert.Empty(run.Series);
        Assert.Empty(run.Plan.Phases);
        Assert.Empty(run.Summary.Statuses);
        Assert.Empty(run.Summary.ErrorsByKind);
        Assert.Empty(run.Target!.ProcessIds);
        Assert.Equal(new WarmUpTotals(), run.WarmUp);
        Assert.Equal(1, run.Generator.Workers);
        var warning = Assert.Single(run.Warnings);
        Assert.Empty(warning.Evidence);
        Assert.Equal(FindingSeverity.Warning, warning.Severity);
    }

    /// <summary>A point without its time would stand at 0, and nobody would notice.</summary>
    [Fact]
    public void Parse_LevelWithoutItsSecond_SaysWhere()
    {
        var json = JsonNode.Parse(Sample)!;
        json["plan"]!["phases"]![1]!["levels"]![1]!.AsObject().Remove("second");

        var error = Assert.Throws<RunFileException>(() => RunFileJson.Parse(json.ToJsonString(), "run.json"));

        Assert.StartsWith("run.json: $.plan.phases[1].levels[1].second: is missing.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("headroom-run/2", "run.json: $.schema: is 'headroom-run/2'; this build reads headroom-run/1.x; read it with a newer headroom.")]
    [InlineData("headroom-run/10.3", "read it with a newer headroom.")]
    [InlineData("headroom-run/0", "run.json: $.schema: is 'headroom-run/0'; this build reads headroom-run/1.x.")]
    [InlineData("headroom-run/1.x", "this build reads headroom-run/1.x.")]
    [InlineData("headroom-run/", "this build reads headroom-run/1.x.")]
    [InlineData("k6", "run.json: $.schema: is 'k6'; this build reads headroom-run/1.x.")]
    public void Parse_OtherSchema_SaysWhichAreRead(string schema, string expected) =>
        AssertRefused(Sample.Replace("\"headroom-run/1\"", $"\"{schema}\"", StringComparison.Ordinal), expected);

    [Theory]
    [InlineData("", "run.json: is empty")]
    [InlineData(" \r\n\t", "run.json: is empty")]
    [InlineData("hello", "run.json:1:1: is not JSON")]
    [InlineData("{\n  \"schema\": headroom", "run.json:2:13: is not JSON")]
    [InlineData("{\"a\": 1} trailing", "run.json:1:10: is not JSON")]
    [InlineData("{\"a\": 1", "run.json:1:8: is truncated")]
    [InlineData("{\"a\": \"häl", "run.json:1:11: is truncated")]
    [InlineData("{\n\"a\": tru", "run.json:2:9: is truncated")]
    [InlineData("[1, 2]", "run.json: $: is not an object")]
    [InlineData("{\"requests\": 5}", "run.json: $.schema: is missing, so this is not a run file; a run file has \"schema\": \"headroom-run/1\".")]
    [InlineData("{\"schema\": 1}", "run.json: $.schema: is missing")]
    [InlineData("{\"schema\": \"headroom-run/1\"}", "$.plan: is missing; $.environment: is missing; $.startedAt: is missing")]
    public void Parse_NotARunFile_SaysWhereAndWhy(string text, string expected) => AssertRefused(text, expected);

    [Fact]
    public void Parse_CutAnywhere_IsTruncatedOrEmpty()
    {
        var bytes = Encoding.UTF8.GetBytes(Sample.TrimEnd());
        for (var length = 0; length < bytes.Length; length += 37)
        {
            var cut = bytes[..length];
            var message = Assert.Throws<RunFileException>(() => RunFileJson.Parse(cut, "run.json")).Message;
            Assert.Contains(length == 0 ? "is empty" : "is truncated", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Parse_NotUtf8_SaysSo()
    {
        var message = Assert.Throws<RunFileException>(() => RunFileJson.Parse([(byte)'{', 0xFF, 0xFE], "run.json")).Message;

        Assert.Equal("run.json: is not UTF-8 text; a run file is JSON in UTF-8.", message);
    }

    [Fact]
    public void Parse_WrongFields_NamesAllOfThemWithTheirPath()
    {
        var json = JsonNode.Parse(Sample)!;
        json["startedAt"] = "yesterday";
        json["summary"]!["requests"] = "many";
        json["summary"]!["errors"] = 1.5;
        json["summary"]!["latencyMs"] = null;
        json["requestsByName"]!["GET /items"]!["errorRate"] = "1%";
        json["statuses"]!["200"] = new JsonArray();
        json["warnings"]![0]!["severity"] = "fatal";
        json["series"] = new JsonObject();
        json["durationSeconds"] = -1.5;
        json["errorsByKind"]!["http5xx"] = -1;
        json["thresholds"]![1]!.AsObject().Remove("passed");

        AssertRefused(
            json.ToJsonString(),
            "run.json: $.startedAt: found \"yesterday\"; allowed is a date and time such as",
            "$.durationSeconds: found -1.5; allowed is 0 or more",
            "$.summary.requests: found \"many\"; allowed is a whole number",
            "$.summary.errors: found 1.5; allowed is a whole number",
            "$.summary.latencyMs: found null; allowed is an object",
            "$.requestsByName[\"GET /items\"].errorRate: found \"1%\"; allowed is a number",
            "$.statuses[\"200\"]: found a list; allowed is a whole number",
            "$.errorsByKind[\"http5xx\"]: found -1; allowed is 0 or more",
            "$.thresholds[1].passed: is missing",
            "$.warnings[0].severity: found \"fatal\"; allowed is \"info\", \"warning\", \"critical\"",
            "and 1 more",
            "docs/run-file.md lists the fields.");
    }

    [Theory]
    [InlineData("1e999")]
    [InlineData("1e400")]
    public void Parse_NumberOutOfRange_IsRefused(string number) =>
        AssertRefused(Sample.Replace("2.000123", number, StringComparison.Ordinal), $"$.durationSeconds: found {number}; allowed is a number");

    [Fact]
    public void Parse_ListInPlaceOfAnother_SaysSo() =>
        AssertRefused(MinimalRun.Replace("\"durationSeconds\": 1,", "\"durationSeconds\": 1, \"series\": {}, \"phases\": [null],", StringComparison.Ordinal), "$.series: found an object; allowed is a list", "$.phases[0]: found null; allowed is an object");

    [Fact]
    public void Parse_VeryDeepNesting_IsRefusedWithoutOverflow() =>
        AssertRefused(new string('[', 100_000), "is not JSON");

    [Fact]
    public void Read_MissingFile_SaysSo() =>
        Assert.Equal("no/such/run.json: there is no such file.", Assert.Throws<RunFileException>(() => RunFileJson.Read("no/such/run.json")).Message);

    [Fact]
    public void Read_Folder_SaysSo() =>
        Assert.EndsWith(": is a folder; name the run file in it.", Assert.Throws<RunFileException>(() => RunFileJson.Read(AppContext.BaseDirectory)).Message, StringComparison.Ordinal);

    /// <summary>A file as version 1 wrote it. It is never made again: data that people kept must stay readable.</summary>
    [Fact]
    public void Read_FrozenVersion1_IsUnderstood()
    {
        var run = RunFileJson.Read(FrozenPath);

        Assert.Equal("headroom-run/1", run.Schema);
        Assert.Equal(("checkout", "http://127.0.0.1:5000"), (run.Plan.Name, run.Plan.Target));
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero), run.StartedAt);
        Assert.Equal((6, 1, 6_000), (run.Summary.Requests, run.Summary.Errors, run.Summary.BytesReceived));
        Assert.Equal(150, run.Summary.LatencyMs.Max);
        Assert.Equal(12.345678, run.RequestsByName["GET /items"].LatencyMs.Min);
        Assert.Equal(4, run.RequestsByName["GET /items"].Requests);
        Assert.Equal(6, LatencyHistogram.Decode(run.Summary.LatencyHistogram!).Count);
        Assert.Equal(150_077_439, LatencyHistogram.Decode(run.Series[1].LatencyHistogram!).MaxNs);
        Assert.Equal(95e6, run.Target!.RssBytes.Peak);
        Assert.Equal(("hit-rate>85%", false), (run.Thresholds[1].Expression, run.Thresholds[1].Passed));
        Assert.Equal(FindingSeverity.Warning, run.Warnings[0].Severity);
        Assert.Equal(1, run.ErrorsByKind["http5xx"]);
        Assert.True(run.Interrupted);
    }

    private static void AssertRefused(string text, params string[] expected)
    {
        var message = Assert.Throws<RunFileException>(() => RunFileJson.Parse(text, "run.json")).Message;
        Assert.All(expected, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    private static void AssertHas(JsonNode node, params string[] names) =>
        Assert.All(names, name => Assert.True(node.AsObject().ContainsKey(name), $"'{name}' is missing"));
}
