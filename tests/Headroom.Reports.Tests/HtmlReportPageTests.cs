using System.Globalization;
using Headroom.Measurements;
using Headroom.Reports.Figures;
using Headroom.Reports.Tests.Browser;
using Headroom.Reports.Tests.Samples;
using Microsoft.Playwright;

namespace Headroom.Reports.Tests;

/// <summary>What a person sees who opens the report: in a real browser, from the file.</summary>
public sealed class HtmlReportPageTests(ReportBrowser browser)
{
    public static TheoryData<string, string> InputsAndViews
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var input in Inputs.Names)
            {
                foreach (var view in new[] { "light", "dark", "phone" })
                    data.Add(input, view);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(InputsAndViews))]
    public async Task Open_AnyInputInAnyView_IsQuietAndFitsAndIsReadable(string input, string view)
    {
        await using var report = await OpenAsync(Inputs.Named(input), view);

        // The whole page of the two that a reader sees most; of the others the top.
        await report.KeepScreenshotAsync($"{input.Replace(' ', '-')}-{view}", fullPage: input is "comparison" or "run" or "rounds" or "flows" or "capacity");

        report.AssertQuiet();
        Assert.Empty(await report.StickingOutAsync());
        Assert.Empty(await report.TextBelowContrastAsync());
    }

    [Fact]
    public async Task Tiles_OneRun_SayWhatTheRunFileSays()
    {
        await using var report = await OpenAsync(Inputs.Named("run"));

        var run = SampleRuns.Eventful;
        await AssertTileAsync(report, "throughput", run.Summary.RequestsPerSecond, Figure.PerSecond);
        await AssertTileAsync(report, "p50", run.Summary.LatencyMs.P50, Figure.Milliseconds);
        await AssertTileAsync(report, "p95", run.Summary.LatencyMs.P95, Figure.Milliseconds);
        await AssertTileAsync(report, "p99", run.Summary.LatencyMs.P99, Figure.Milliseconds);
        await AssertTileAsync(report, "error-rate", run.Summary.ErrorRate, Figure.Percent);
        await AssertTileAsync(report, "hit-rate", run.Summary.CacheHitRate!.Value, Figure.Percent);
        await AssertTileAsync(report, "received", run.Summary.BytesReceived, Figure.Bytes);
        await AssertTileAsync(report, "cpu", run.Summary.TargetCpuMicrosecondsPerRequest!.Value, Figure.Microseconds);
        await AssertTileAsync(report, "rss", run.Target!.RssBytes.Peak, Figure.Bytes);
        await AssertTileAsync(report, "handles", run.Target.OpenHandles!.End, Figure.Count);
        var details = await report.Page.Locator(".tiles").InnerTextAsync();
        Assert.Contains(Figure.Bytes(run.Summary.DecodedBodyBytes), details, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Flows_OneRun_TellChecksIterationsExtractionsAndEvents()
    {
        await using var report = await OpenAsync(Inputs.Named("flows"));

        var checks = report.Page.GetByRole(AriaRole.Region, new() { Name = "Checks", Exact = true }).Locator("tbody tr");
        await Assertions.Expect(checks).ToHaveTextAsync(["status is 200GET /api/items7500100 %held", "status is 200POST /api/items240896.8 %failed", "has an idPOST /api/items00–never made"]);
        await Assertions.Expect(checks.Nth(1).Locator(".bad")).ToHaveCountAsync(3);
        var facts = report.Page.GetByRole(AriaRole.Region, new() { Name = "Iterations and events" });
        await Assertions.Expect(facts).ToContainTextAsync("240, 48.0 /s");
        await Assertions.Expect(facts).ToContainTextAsync("p50 55.0 ms, p95 120 ms, p99 180 ms, max 212 ms");
        await Assertions.Expect(facts).ToContainTextAsync("1 cut short, 1 request skipped, 3 dropped, 2 interrupted");
        await Assertions.Expect(facts).ToContainTextAsync("6,400");
        await Assertions.Expect(report.Page.GetByRole(AriaRole.Region, new() { Name = "Extractions that found nothing" }).Locator("tbody tr")).ToHaveTextAsync(["idPOST /api/items1"]);
        await Assertions.Expect(report.Page.GetByText("VUs in an iteration").First).ToBeVisibleAsync();
        await Assertions.Expect(report.Page.GetByLabel("What was tested")).ToContainTextAsync("climb: 1 → 20 → 20 → 0 VUs, 5.00 s; waves: 10 → … → 10 (at most 62.5) /s over up to 8 connections, 4.00 s from 1.00 s on; import: 1,500 iterations over 2 connections, at most 10.0 min; yesterday: recorded arrivals over up to 10 connections, 5.00 s; steady: 50.0 /s over up to 10 connections, 5.00 s");
    }

    [Fact]
    public async Task Verdict_AbortedWithUndecidedTarget_TellsThemApartFromMissed()
    {
        await using var report = await OpenAsync(Inputs.Named("flows"));

        var verdict = report.Page.GetByLabel("Verdict");
        await Assertions.Expect(verdict.Locator("h2")).ToHaveTextAsync("3 of 7 targets are missed, 1 is undecided");
        await Assertions.Expect(verdict.Locator("td.caution")).ToHaveTextAsync("undecided72.5 msthe generator was late by up to 14 ms by its own fault");
        await Assertions.Expect(verdict.Locator(".interrupted")).ToHaveTextAsync("Aborted. The run was ended because the target http_req_failed: rate<0.001 was missed; the figures cover the 5.00 s until then.");
    }

    [Fact]
    public async Task Verdict_OnlyUndecidedTargets_IsNoFailure()
    {
        await using var report = await OpenAsync(Inputs.Of("Undecided", FlowRuns.Mended));

        await Assertions.Expect(report.Page.Locator(".verdict.neutral h2")).ToHaveTextAsync("1 of 7 targets is undecided");
    }

    /// <summary>Nothing of it stands where nothing of it was used.</summary>
    [Fact]
    public async Task Flows_PlainRun_AreNotShown()
    {
        var plain = SampleRuns.Plain;
        var counted = plain with { Iterations = new IterationSummary { Count = plain.Summary.Requests, PerSecond = 1, DurationMs = plain.Summary.LatencyMs } };

        await using var report = await OpenAsync(Inputs.Of("Plain", counted));

        var text = await report.Page.InnerTextAsync("main");
        Assert.All(["Checks", "Iterations", "events", "VUs", "Extractions", "undecided"], word => Assert.DoesNotContain(word, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tiles_Comparison_SayBothRunsAndTheGain()
    {
        await using var report = await OpenAsync(Inputs.Comparison);

        await AssertTileAsync(report, "p95", SampleRuns.Plain.Summary.LatencyMs.P95, Figure.Milliseconds, run: 0);
        await AssertTileAsync(report, "p95", SampleRuns.Tuned.Summary.LatencyMs.P95, Figure.Milliseconds, run: 1);
        await AssertTileAsync(report, "throughput", SampleRuns.Plain.Summary.RequestsPerSecond, Figure.PerSecond, run: 0);
        await AssertTileAsync(report, "throughput", SampleRuns.Tuned.Summary.RequestsPerSecond, Figure.PerSecond, run: 1);
        var gain = Metric.P95.GainOf(SampleRuns.Plain.Summary, SampleRuns.Tuned.Summary).Ratio!.Value;
        await Assertions.Expect(report.Page.Locator(".verdict h2")).ToContainTextAsync($"p95 {Figure.Times(gain)} faster");
    }

    [Fact]
    public async Task Verdict_TargetsMetAndMissed_SaysWhichAndWhy()
    {
        await using var report = await OpenAsync(Inputs.Named("run"));

        await Assertions.Expect(report.Page.Locator(".verdict h2")).ToHaveTextAsync("2 of 3 targets are missed");
        await Assertions.Expect(report.Page.Locator(".interrupted")).ToContainTextAsync("stopped before its planned end");
        var rows = report.Page.Locator(".thresholds tbody tr");
        await Assertions.Expect(rows).ToHaveCountAsync(3);
        await Assertions.Expect(rows.Nth(0)).ToContainTextAsync("p95<150ms");
        await Assertions.Expect(rows.Nth(0)).ToContainTextAsync("met" + SampleRuns.Eventful.Thresholds[0].ObservedText);
        await Assertions.Expect(rows.Nth(1)).ToContainTextAsync("missed");
        await Assertions.Expect(rows.Nth(2)).ToContainTextAsync("no response told its cache outcome");
    }

    [Fact]
    public async Task Endpoints_EveryCell_SaysWhatTheRunFileSays()
    {
        await using var report = await OpenAsync(Inputs.Comparison);

        var rows = await report.EndpointRowsAsync();

        Assert.Equal(SampleRuns.Plain.RequestsByName.Count, rows.Count);
        foreach (var (name, cells) in rows)
        {
            var (before, after) = (SampleRuns.Plain.RequestsByName[name], SampleRuns.Tuned.RequestsByName[name]);
            foreach (var (key, metric) in new[] { ("p50", Metric.P50), ("p95", Metric.P95), ("p99", Metric.P99), ("bytes", Metric.BytesPerRequest), ("cpu", Metric.CpuPerRequest), ("error-rate", Metric.Errors) })
            {
                Assert.Equal(metric.Text(before), cells[$"{key}-0"]);
                Assert.Equal(metric.Text(after), cells[$"{key}-1"]);
                Assert.Equal(metric.GainOf(before, after).Ratio is { } ratio ? Figure.Times(ratio) : Figure.Unknown, cells[$"{key}-ratio"]);
            }

            Assert.Equal(Figure.PerSecond(after.RequestsPerSecond), cells["throughput-1"]);
        }
    }

    [Fact]
    public async Task Endpoints_HeadingClicked_SortsByItAndThenTheOtherWay()
    {
        await using var report = await OpenAsync(Inputs.Named("run"));
        var heading = report.Page.Locator(".sortable th[data-column='p50']");
        var bySpeed = SampleRuns.Eventful.RequestsByName.OrderByDescending(named => named.Value.LatencyMs.P50).Select(named => named.Key).ToList();

        await heading.GetByRole(AriaRole.Button).ClickAsync();
        Assert.Equal("descending", await heading.GetAttributeAsync("aria-sort"));
        Assert.Equal(bySpeed, await report.EndpointNamesAsync());

        await heading.GetByRole(AriaRole.Button).ClickAsync();
        Assert.Equal("ascending", await heading.GetAttributeAsync("aria-sort"));
        Assert.Equal(Enumerable.Reverse(bySpeed), await report.EndpointNamesAsync());
        Assert.Equal(1, await report.Page.Locator("[aria-sort]").CountAsync());
    }

    [Theory]
    [InlineData("Enter")]
    [InlineData("Space")]
    public async Task Endpoints_KeyboardOnly_ReachesAHeadingAndSorts(string key)
    {
        await using var report = await OpenAsync(Inputs.Named("run"));
        await report.Page.Locator(".sortable th[data-column='p95'] button").FocusAsync();

        await report.Page.Keyboard.PressAsync("Shift+Tab");
        await report.Page.Keyboard.PressAsync(key);

        Assert.Equal("descending", await report.Page.Locator(".sortable th[data-column='p50']").GetAttributeAsync("aria-sort"));
        Assert.Equal(SampleRuns.Eventful.RequestsByName.OrderByDescending(named => named.Value.LatencyMs.P50).Select(named => named.Key), await report.EndpointNamesAsync());
    }

    [Fact]
    public async Task Endpoints_SortedByName_CountsAsPeopleDo()
    {
        await using var report = await OpenAsync(Inputs.Named("run"));

        await report.Page.Locator(".sortable th[data-column='name'] button").ClickAsync();

        Assert.Equal(SampleRuns.Eventful.RequestsByName.Keys.Order(StringComparer.Ordinal), await report.EndpointNamesAsync());
    }

    [Fact]
    public async Task Gains_Comparison_SayBeforeAfterAndGainTheBestFirst()
    {
        await using var report = await OpenAsync(Inputs.Comparison);

        var rows = await report.Page.Locator(".gains .track-row").AllAsync();
        var gains = new List<double>();
        foreach (var row in rows)
        {
            var name = (await row.GetAttributeAsync("data-endpoint"))!;
            var (before, after) = (SampleRuns.Plain.RequestsByName[name], SampleRuns.Tuned.RequestsByName[name]);
            Assert.Contains($"{Metric.P95.Text(before)} → {Metric.P95.Text(after)}", await row.InnerTextAsync(), StringComparison.Ordinal);
            gains.Add(Metric.P95.GainOf(before, after).Ratio!.Value);
        }

        Assert.Equal(SampleRuns.Plain.RequestsByName.Count, gains.Count);
        Assert.Equal(gains.OrderDescending(), gains);
    }

    [Fact]
    public async Task Gains_OtherFigureChosenByKeyboard_ShowsThat()
    {
        await using var report = await OpenAsync(Inputs.Comparison);
        await report.Page.Locator(".gains input[value='p95']").FocusAsync();

        await report.Page.Keyboard.PressAsync("ArrowRight");

        var row = report.Page.Locator(".gains .track-row[data-endpoint='GET /api/users']");
        await Assertions.Expect(row).ToContainTextAsync(Metric.P99.Text(SampleRuns.Tuned.RequestsByName["GET /api/users"]));
    }

    [Fact]
    public async Task PercentileCurve_DecodedInTheBrowser_AgreesWithTheRunFile()
    {
        await using var report = await OpenAsync(Inputs.Comparison);
        var curve = report.Page.Locator(".chart-holder .plot");

        await Assertions.Expect(curve).ToHaveAttributeAsync("aria-label", $"{Described("plain", SampleRuns.Plain.Summary)} {Described("tuned", SampleRuns.Tuned.Summary)}");

        await report.Page.Locator(".drop-down select").SelectOptionAsync("GET /api/users");
        await Assertions.Expect(curve).ToHaveAttributeAsync(
            "aria-label",
            $"{Described("plain", SampleRuns.Plain.RequestsByName["GET /api/users"])} {Described("tuned", SampleRuns.Tuned.RequestsByName["GET /api/users"])}");
        report.AssertQuiet();
    }

    [Fact]
    public async Task Chart_PointerOnIt_SaysTheFiguresOfThatSecond()
    {
        await using var report = await OpenAsync(Inputs.Comparison);
        await report.ChartsDrawnAsync();

        await report.Page.Locator(".chart-grid .u-over").First.HoverAsync();

        var said = await report.Page.Locator(".chart-grid .tooltip").First.InnerTextAsync();
        var second = int.Parse(said.Split(' ')[0], CultureInfo.InvariantCulture);
        Assert.Contains(Figure.Number(SampleRuns.Plain.Series[second].Requests), said, StringComparison.Ordinal);
        Assert.Contains(Figure.Number(SampleRuns.Tuned.Series[second].Requests), said, StringComparison.Ordinal);
        await report.KeepScreenshotAsync("tooltip");
    }

    [Fact]
    public async Task Theme_Toggled_ChangesColoursAndIsRemembered()
    {
        await using var report = await OpenAsync(Inputs.Named("run"), "dark");
        var toggle = report.Page.Locator(".theme-toggle");
        Assert.True(await report.IsDarkAsync());

        await toggle.ClickAsync();
        Assert.False(await report.IsDarkAsync());
        await report.Page.ReloadAsync();
        await toggle.WaitForAsync();
        Assert.False(await report.IsDarkAsync());

        await toggle.ClickAsync();
        Assert.True(await report.IsDarkAsync());
        report.AssertQuiet();
    }

    [Fact]
    public async Task HostileNames_Everywhere_AreShownAsText()
    {
        await using var report = await OpenAsync(Inputs.Named("hostile"));

        Assert.Equal(SampleRuns.HostileNames.Order(StringComparer.Ordinal), (await report.EndpointNamesAsync()).Order(StringComparer.Ordinal));
        Assert.Equal(SampleRuns.HostileNames[0], await report.Page.TitleAsync());
        Assert.Equal(0, await report.Page.Locator("#app script, #app img").CountAsync());
        report.AssertQuiet();
    }

    [Fact]
    public async Task Empty_NothingMeasured_SaysSo()
    {
        await using var report = await OpenAsync(Inputs.Named("empty"));

        await Assertions.Expect(report.Page.Locator(".verdict h2")).ToHaveTextAsync("No request was measured");
        Assert.DoesNotContain("NaN", await report.Page.InnerTextAsync("body"), StringComparison.Ordinal);
        Assert.DoesNotContain("undefined", await report.Page.InnerTextAsync("body"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Large_HalfAnHourAnd200Names_OpensAndSortsQuickly()
    {
        await using var report = await OpenAsync(Inputs.Of("Large", SampleRuns.Large()));
        await report.ChartsDrawnAsync();
        var opened = await report.Page.EvaluateAsync<double>("() => performance.now()");

        var sorting = await report.Page.EvaluateAsync<double>("""
            () => {
                const start = performance.now();
                document.querySelector(".sortable th[data-column='p99'] button").click();
                document.body.offsetHeight;
                return performance.now() - start;
            }
            """);

        Assert.Equal(200, (await report.EndpointNamesAsync()).Count);
        // Bounds that a slow shared machine keeps and an accidental quadratic would not.
        Assert.InRange(opened, 0, 8_000);
        Assert.InRange(sorting, 0, 1_000);
        await report.KeepScreenshotAsync("large", fullPage: false);
        report.AssertQuiet();
    }

    [Fact]
    public async Task Print_Comparison_MakesAPdfInLightColours()
    {
        await using var report = await OpenAsync(Inputs.Comparison, "dark");
        await report.ChartsDrawnAsync();

        var pdf = await report.Page.PdfAsync(new PagePdfOptions { Format = "A4", PrintBackground = true, Path = RepositoryRoot.Combine("artifacts", "screenshots", "comparison.pdf") });

        Assert.StartsWith("%PDF", System.Text.Encoding.ASCII.GetString(pdf.AsSpan(0, 4)), StringComparison.Ordinal);
        report.AssertQuiet();
    }

    /// <summary>
    /// The README's picture: the top of the demo's report, named by <c>HEADROOM_README_REPORT</c>; without it, of a made-up comparison,
    /// so that the picture is always there to look at.
    /// </summary>
    [Fact]
    public async Task Picture_ForTheReadme_ShowsVerdictFiguresAndGains()
    {
        var demo = Environment.GetEnvironmentVariable("HEADROOM_README_REPORT");
        await using var report = string.IsNullOrEmpty(demo)
            ? await OpenAsync(Inputs.Comparison)
            : await browser.OpenFileAsync(Path.GetFullPath(demo), 1280, ColorScheme.Light);

        await report.ChartsDrawnAsync();
        await report.KeepPictureDownToAsync(".gains", string.IsNullOrEmpty(demo) ? "readme-sample" : "readme");

        report.AssertQuiet();
    }

    private Task<OpenReport> OpenAsync(ReportInput input, string view = "light") =>
        browser.OpenAsync(input, view == "phone" ? 360 : 1280, view == "dark" ? ColorScheme.Dark : ColorScheme.Light);

    private static async Task AssertTileAsync(OpenReport report, string metric, double value, Func<double, string> format, int run = 0)
    {
        var figure = report.Page.Locator($".tile [data-metric='{metric}'][data-run='{run}']");
        Assert.Equal(format(value), await figure.TextContentAsync());
        Assert.Equal(value, double.Parse((await figure.GetAttributeAsync("data-value"))!, CultureInfo.InvariantCulture), 1e-6 * Math.Abs(value));
    }

    private static string Described(string label, RequestSummary summary)
    {
        // The last bucket stands for all its values; the run file has the exact highest one.
        var highest = LatencyHistogram.Decode(summary.LatencyHistogram!).MaxNs / 1e6;
        return $"{label}: median {Figure.Milliseconds(summary.LatencyMs.P50)}, 99th percentile {Figure.Milliseconds(summary.LatencyMs.P99)}, highest {Figure.Milliseconds(highest)}.";
    }
}
