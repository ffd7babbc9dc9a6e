using System.Text;
using Headroom.Measurements;
using Headroom.Reports.Tables;
using Headroom.Reports.Tests.Samples;

namespace Headroom.Reports.Tests;

public sealed class ConsoleReportTests
{
    [Fact]
    public void WriteRun_EverythingThereIs_ReadsAsJudged() => GoldenFile.AssertEqual("console-run.txt", Run(SampleRuns.Eventful, 120));

    [Fact]
    public void WriteRun_FlowsAndChecks_ReadsAsJudged() => GoldenFile.AssertEqual("console-flows.txt", Run(FlowRuns.Complete, 120));

    [Fact]
    public void WriteRun_FlowsInANarrowTerminal_ReadsAsJudged() => GoldenFile.AssertEqual("console-flows-60.txt", Run(FlowRuns.Complete, 60, colour: true));

    [Theory]
    [InlineData("console-grade.txt", 100, false)]
    [InlineData("console-grade-60.txt", 60, true)]
    public void WriteGrade_FiguresOfEveryGrade_ReadsAsJudged(string golden, int width, bool colour)
    {
        var run = SampleRuns.Plain with
        {
            DurationSeconds = 600,
            Summary = SampleRuns.Plain.Summary with { ErrorRate = 0.02, LatencyMs = new LatencySummary { P50 = 12.3, P95 = 321, P99 = 2345, Max = 3000 } },
            Target = SampleRuns.Plain.Target! with { RssGrowthBytesPerHour = 12e6, RssGrowthMarginBytesPerHour = 150e6 },
        };
        var text = new StringWriter { NewLine = "\n" };
        ConsoleReport.WriteGrade(text, RunGrade.Of(run), width, colour);
        GoldenFile.AssertEqual(golden, text.ToString());
    }

    [Fact]
    public void WriteRun_MetricsOfTheTarget_AreToldWithTheirCountsOrWhyThereAreNone() => GoldenFile.AssertEqual("console-run-metrics.txt", Run(
        SampleRuns.Plain with
        {
            TargetMetrics =
            [
                new TargetMetric { Name = "key-hit-rate", Value = 0.998, Increase = 1497, Over = 1500 },
                new TargetMetric { Name = "queries", Value = 42, Increase = 42 },
                new TargetMetric { Name = "waiting\u202E", Reason = "http://127.0.0.1:8080/metrics has no series waiting" },
            ],
        },
        100));

    [Fact]
    public void WriteRun_Colours_ReadsAsJudged() => GoldenFile.AssertEqual("console-run-colour.txt", Run(SampleRuns.Eventful, 120, colour: true));

    [Fact]
    public void WriteRun_NarrowTerminal_LeavesOutTheLeastImportantColumns() => GoldenFile.AssertEqual("console-run-60.txt", Run(SampleRuns.Eventful, 60));

    [Fact]
    public void WriteRun_NothingMeasured_ReadsAsJudged() => GoldenFile.AssertEqual("console-run-empty.txt", Run(SampleRuns.Empty, 100));

    [Fact]
    public void WriteRun_HostileNames_ShowsThemAsText()
    {
        var text = Run(SampleRuns.Hostile, 140);

        GoldenFile.AssertEqual("console-run-hostile.txt", text);
        Assert.DoesNotContain(text.EnumerateRunes(), rune => rune.Value != '\n' && Rune.IsControl(rune));
        Assert.DoesNotContain('\u202E', text);
    }

    [Fact]
    public void WriteComparison_PlainAndTuned_ReadsAsJudged() => GoldenFile.AssertEqual("console-comparison.txt", Comparison(110));

    [Fact]
    public void WriteComparison_NarrowTerminal_ReadsAsJudged() => GoldenFile.AssertEqual("console-comparison-72.txt", Comparison(72));

    [Theory]
    [InlineData(59, false)]
    [InlineData(60, true)]
    public void WriteRun_GrowthOfTheTargetsMemory_IsShownOfRunsOfAMinute(double seconds, bool shown) =>
        Assert.Equal(shown, Run(SampleRuns.Plain with { DurationSeconds = seconds }, 200).Split('\n').Any(line => line.Contains("target RSS", StringComparison.Ordinal) && line.Contains("growth", StringComparison.Ordinal)));

    [Fact]
    public void WriteRun_EveryRequestBrokeOff_ShowsNoLatencyRatherThanZeros()
    {
        var broken = SampleRuns.Plain.Summary with { LatencyMs = new LatencySummary(), ServiceTimeMs = new LatencySummary(), Errors = SampleRuns.Plain.Summary.Requests };
        var run = SampleRuns.Plain with { Summary = broken, RequestsByName = new Dictionary<string, RequestSummary> { ["GET /x"] = broken }, Phases = [] };

        Assert.Contains("latency         not known: every request broke off", Run(run, 100), StringComparison.Ordinal);
        Assert.DoesNotContain(" 0 ms", Run(run, 100).Split("Targets")[0], StringComparison.Ordinal);
        Assert.DoesNotContain(" 0 ms |", MarkdownReport.Render(new ReportInput("x", [new LabeledRun("x", run)])), StringComparison.Ordinal);
        Assert.DoesNotContain("latency_p95_ms", JUnitReport.Render(run), StringComparison.Ordinal);
        Assert.Contains(",,,,,,,,,,,,,,", CsvReport.RenderRequests(run), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(59, false)]
    [InlineData(60, true)]
    public void WriteRun_GeneratorsMemory_IsShownOfRunsOfAMinute(double seconds, bool shown) =>
        Assert.Equal(shown, Run(SampleRuns.Eventful with { DurationSeconds = seconds }, 100).Contains("its RSS         peak 61.4 MB, growth 1.20 MB/h", StringComparison.Ordinal));

    [Fact]
    public void WriteComparison_ThreeRuns_ComparesTheLastWithEach()
    {
        var text = Write(output => ConsoleReport.WriteComparison(
            output, [new("plain", SampleRuns.Plain), new("framework", SampleRuns.Tuned), new("tuned", SampleRuns.Tuned)], 120, colour: false));
        Assert.Contains("tuned compared with plain and framework", text, StringComparison.Ordinal);
        var overview = text.Split('\n').SkipWhile(line => !line.Contains("GET /api/iris/overview", StringComparison.Ordinal)).Take(5).ToArray();
        Assert.Equal(["plain", "framework", "tuned", "gain", "over framework"], overview.Select(line => line[26..].Trim().Split("  ")[0].TrimStart()).Select(word => word.Replace("GET /api/iris/overview", "", StringComparison.Ordinal).Trim()));
        Assert.Contains("86.4×", overview[3], StringComparison.Ordinal);
        Assert.Contains("1.00×", overview[4], StringComparison.Ordinal);
    }

    [Fact]
    public void WriteComparison_OneRun_SaysHowMany()
    {
        var error = Assert.Throws<ArgumentException>(() => ConsoleReport.WriteComparison(TextWriter.Null, [new("plain", SampleRuns.Plain)], 120, colour: false));
        Assert.Contains("A comparison needs two runs or more, not 1.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WriteComparison_UndecidedTarget_IsNotToldAsMissed()
    {
        var text = Write(output => ConsoleReport.WriteComparison(output, new LabeledRun("before", FlowRuns.Complete), new LabeledRun("after", FlowRuns.Mended), 110, colour: false));

        Assert.Contains("after: 1 of 7 targets is undecided\n  undecided  p99<60ms  72.5 ms\n", text, StringComparison.Ordinal);
        Assert.Contains("before: 3 of 7 targets are missed, 1 is undecided\n  FAIL  p99{POST /api/items}<50ms  184.5 ms\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void WriteComparison_Warnings_SayWhoseTheyAre()
    {
        var warned = SampleRuns.Tuned with { Warnings = [new Finding { Code = "few-samples", Summary = "Only few.", Remedy = "Measure longer." }] };
        var text = Write(output => ConsoleReport.WriteComparison(output, new LabeledRun("plain", SampleRuns.Plain), new LabeledRun("tuned", warned), 110, colour: false));
        Assert.Contains("warning: tuned: Only few.", text, StringComparison.Ordinal);
        Assert.Contains("tuned: Only few.", MarkdownReport.Render(new ReportInput("x", [new LabeledRun("plain", SampleRuns.Plain), new LabeledRun("tuned", warned)])), StringComparison.Ordinal);
    }

    [Fact]
    public void WriteComparison_EndpointInOneRunOnly_ShowsWhatIsKnown()
    {
        var after = SampleRuns.Tuned with { RequestsByName = new Dictionary<string, RequestSummary> { ["GET /new"] = SampleRuns.Tuned.Summary } };

        var text = Write(output => ConsoleReport.WriteComparison(output, new LabeledRun("plain", SampleRuns.Plain), new LabeledRun("tuned", after), 110, colour: false));

        Assert.Contains("GET /new", text, StringComparison.Ordinal);
        Assert.Contains("GET /api/users", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(200)]
    public void WriteRun_AnyWidth_NoLineOfFiguresIsLonger(int width)
    {
        var limit = Math.Max(width, ConsoleReport.NarrowestWidth);
        foreach (var run in new[] { SampleRuns.Eventful, SampleRuns.Hostile, SampleRuns.OneSecond, FlowRuns.Complete, LoadRuns.Hostile with { Thresholds = [] } })
        {
            // The plan's name and address, and paths, stand whole.
            var tooLong = Run(run, width).Split('\n').Where(line => line.StartsWith("  ", StringComparison.Ordinal) && !line.Contains("docs/", StringComparison.Ordinal) && VisibleText.Width(line) > limit);
            Assert.Empty(tooLong);
        }
    }

    [Theory]
    [InlineData("de-DE")]
    [InlineData("tr-TR")]
    public void Write_AnyCulture_IsTheSame(string culture)
    {
        Assert.Equal(Run(SampleRuns.Eventful, 120), InCulture.Run(culture, () => Run(SampleRuns.Eventful, 120)));
        Assert.Equal(Comparison(110), InCulture.Run(culture, () => Comparison(110)));
    }

    [Fact]
    public void WriteRun_WithoutColour_HasNoEscapeSequence() => Assert.DoesNotContain('\e', Run(SampleRuns.Eventful, 100));

    [Fact]
    public void WriteRun_OutputWithAnotherLineEnd_WritesLineFeeds()
    {
        using var output = new StringWriter { NewLine = "\r\n" };

        ConsoleReport.WriteRun(output, SampleRuns.OneSecond, 80, colour: false);

        Assert.DoesNotContain('\r', output.ToString());
    }

    private static string Run(RunFile run, int width, bool colour = false) => Write(output => ConsoleReport.WriteRun(output, run, width, colour));

    private static string Comparison(int width) =>
        Write(output => ConsoleReport.WriteComparison(output, new LabeledRun("plain", SampleRuns.Plain), new LabeledRun("tuned", SampleRuns.Tuned), width, colour: false));

    private static string Write(Action<TextWriter> write)
    {
        using var output = new StringWriter();
        write(output);
        return output.ToString();
    }
}
