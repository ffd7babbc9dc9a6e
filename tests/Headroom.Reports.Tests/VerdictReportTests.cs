using System.Globalization;
using Headroom.Measurements.Comparison;
using Headroom.Reports.Tests.Browser;
using Headroom.Reports.Tests.Samples;
using Headroom.Reports.Verdicts;
using Microsoft.Playwright;

namespace Headroom.Reports.Tests;

public sealed class VerdictReportTests(ReportBrowser browser)
{
    [Theory]
    [InlineData(120, "console-verdict.txt")]
    [InlineData(64, "console-verdict-64.txt")]
    public void WriteVerdict_EveryVerdict_IsTheGoldenText(int width, string golden)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        ConsoleReport.WriteVerdict(output, Samples.Verdicts.Everything, width, colour: false);
        GoldenFile.AssertEqual(golden, output.ToString());
        Assert.All(output.ToString().Split('\n'), line => Assert.True(line.Length <= width || line.Contains("docs/", StringComparison.Ordinal), line));
    }

    /// <summary>A change that stands beside one process of the first build alone needs other processes, not more pairs of these.</summary>
    [Theory]
    [InlineData(0.06, 0.03, 0.05, "another session")]
    [InlineData(-0.06, -0.03, 0.05, "another session")]
    [InlineData(0.06, 0.055, 0.05, "longer runs")]
    [InlineData(0.04, 0.03, 0.05, "longer runs")]
    public void More_ControlThatForbidsTheChange_AsksForAnotherSession(double change, double besideControl, double threshold, string expected)
    {
        var metric = Samples.Verdicts.Everything.Metrics[0] with { Verdict = Verdict.CannotTell, Change = change, PairsToTell = null, Control = new ControlComparison(0.02, null, Noisy: false, besideControl) };
        Assert.Equal(expected, VerdictWords.More(metric, threshold));
    }

    [Fact]
    public void Markdown_EveryVerdict_IsTheGoldenText() =>
        GoldenFile.AssertEqual("verdict.md", MarkdownReport.Render(Inputs.Named("verdict")).Split("**tuned** compared")[0]);

    [Theory]
    [InlineData(140, "console-worth.txt")]
    [InlineData(70, "console-worth-70.txt")]
    public void WriteAblation_EveryVerdict_IsTheGoldenText(int width, string golden)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        ConsoleReport.WriteAblation(output, Samples.Verdicts.Worth, width, colour: false);
        GoldenFile.AssertEqual(golden, output.ToString());
    }

    [Fact]
    public void WriteTrend_LevelThatChanged_IsTheGoldenText()
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        ConsoleReport.WriteTrend(output, Samples.Verdicts.History, 100, colour: false);
        GoldenFile.AssertEqual("console-trend.txt", output.ToString());
    }

    /// <summary>Two plans of one name, too few runs, and more than a line has room for.</summary>
    [Fact]
    public void WriteTrend_HistoriesThatNeedAWord_HaveIt()
    {
        var whole = Samples.Verdicts.History[0] with { Digest = "0123456789abcdef" };
        var brief = whole with { Digest = "fedcba9876543210", Points = [.. whole.Points.Take(3)], Series = [.. whole.Series.Select(series => series with { Values = [.. series.Values.Take(3)], Changes = [] })] };
        using var output = new StringWriter();
        ConsoleReport.WriteTrend(output, [whole, brief], 30, colour: false);
        var text = output.ToString().ReplaceLineEndings(" ");

        Assert.Contains("(plan 0123456789ab)", text, StringComparison.Ordinal);
        Assert.Contains("(plan fedcba987654)", text, StringComparison.Ordinal);
        Assert.Contains("A change takes 10 runs to be told, half of them on each side: 1 of these 2 histories has fewer.", text, StringComparison.Ordinal);
        Assert.Single(text.Split("drawn: the latest ").Skip(1));
    }

    [Fact]
    public void Markdown_WorthAndTrend_AreTheGoldenTexts()
    {
        GoldenFile.AssertEqual("worth.md", MarkdownReport.Render(Inputs.Named("worth")).Split("**tuned** compared")[0]);
        GoldenFile.AssertEqual("trend.md", MarkdownReport.Render(Inputs.Named("trend")).Split("Orders API")[0]);
    }

    [Fact]
    public async Task Page_WorthAndTrend_SayTheAnswerFirst()
    {
        await using var worth = await browser.OpenAsync(Inputs.Named("worth"), 1280, ColorScheme.Light);
        await Assertions.Expect(worth.Page.Locator("main > section").First.Locator("h2")).ToContainTextAsync("All 3 switches together: CPU/request 7.52× less");
        await Assertions.Expect(worth.Page.Locator(".changes[data-metric=cpuPerRequest] tbody tr")).ToHaveCountAsync(3);
        worth.AssertQuiet();
        await using var trend = await browser.OpenAsync(Inputs.Named("trend"), 1280, ColorScheme.Light);
        await Assertions.Expect(trend.Page.Locator("main > section").First.Locator("h2")).ToHaveTextAsync("1 change of level, 1 for the worse");
        await Assertions.Expect(trend.Page.Locator(".trend-chart")).ToHaveCountAsync(2);
        await Assertions.Expect(trend.Page.Locator(".trend-change")).ToHaveCountAsync(1);
        trend.AssertQuiet();
    }

    [Theory]
    [InlineData(0, "±0.0 %")]
    [InlineData(0.0004, "±0.0 %")]
    [InlineData(0.098, "+9.8 %")]
    [InlineData(-0.5, "−50.0 %")]
    [InlineData(7.213, "+721 %")]
    [InlineData(12.5, "+1,250 %")]
    public void Change_Fractions_AreWrittenInPercent(double fraction, string text) => Assert.Equal(text, VerdictWords.Change(fraction));

    [Fact]
    public void Headline_OtherOutcomes_SayWhatIsKnown()
    {
        var all = Samples.Verdicts.Everything;
        Assert.Equal("worse: CPU/request +11.2 %", VerdictWords.Headline(all));
        Assert.Equal("better: requests/s +31.0 %", VerdictWords.Headline(all with { Worse = false, Metrics = [.. all.Metrics.Where(metric => metric.Verdict == Verdict.Better)] }));
        Assert.Equal("same: nothing changed by 5 % or more", VerdictWords.Headline(all with { Worse = false, Metrics = [.. all.Metrics.Where(metric => metric.Verdict == Verdict.Same)] }));
        Assert.Equal("described, not judged: 1 pair of runs", VerdictWords.Headline(all with { Worse = false, Gates = false, Pairs = 1, Metrics = [] }));
        Assert.Equal("no verdict: the control is noisier than the threshold", VerdictWords.Headline(all with { Worse = false, Gates = false }));
    }

    /// <summary>The page says the sentences of the other reports, shows a row a metric, and the interval where it stands.</summary>
    [Fact]
    public async Task Page_EveryVerdict_HasTheAnswerFirstAndARowForEachMetric()
    {
        await using var report = await browser.OpenAsync(Inputs.Named("verdict"), 1280, ColorScheme.Light);
        await Assertions.Expect(report.Page.Locator("main > section").First.Locator("h2")).ToHaveTextAsync("worse: CPU/request +11.2 %");
        var rows = report.Page.Locator(".changes-table tbody tr");
        await Assertions.Expect(rows).ToHaveCountAsync(Samples.Verdicts.Everything.Metrics.Count);
        await Assertions.Expect(rows.First).ToContainTextAsync("+11.2 %");
        var track = rows.First.Locator(".change-track");
        var (bar, dot, none) = (await track.Locator(".change-bar").BoundingBoxAsync(), await track.Locator(".change-dot").BoundingBoxAsync(), await track.Locator(".change-none").BoundingBoxAsync());
        Assert.True(none!.X < bar!.X && bar.X <= dot!.X + (dot.Width / 2) && dot.X + (dot.Width / 2) <= bar.X + bar.Width + 1);
        report.AssertQuiet();
    }
}
