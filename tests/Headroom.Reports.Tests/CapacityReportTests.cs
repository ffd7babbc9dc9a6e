using System.Globalization;
using Headroom.Measurements;
using Headroom.Reports.Tests.Browser;
using Headroom.Reports.Tests.Samples;
using Microsoft.Playwright;

namespace Headroom.Reports.Tests;

public sealed class CapacityReportTests(ReportBrowser browser)
{
    [Theory]
    [InlineData(140, "console-capacity.txt")]
    [InlineData(64, "console-capacity-64.txt")]
    public void WriteRun_Capacity_IsTheGoldenText(int width, string golden)
    {
        var text = Console(Capacities.Complete, width);
        GoldenFile.AssertEqual(golden, text);
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= width || line.Contains("docs/", StringComparison.Ordinal), line));
    }

    [Fact]
    public void Markdown_Capacity_IsTheGoldenText() => GoldenFile.AssertEqual("capacity.md", MarkdownReport.Render(Inputs.Named("capacity")));

    [Fact]
    public void WriteRun_TargetThatIsNotSeen_SaysSoAndHasNoColumnsForIt()
    {
        var text = Console(Capacities.Unseen, 140);
        Assert.Contains("not known: the target's process could not be seen; name it with --pid", text, StringComparison.Ordinal);
        Assert.DoesNotContain("pool queue", text, StringComparison.Ordinal);
        Assert.Contains("no rate that was tried meets the objectives", text, StringComparison.Ordinal);
    }

    [Fact]
    public void WriteRun_NothingRanOut_NamesWhatWasSeenAndWhatWasNot()
    {
        var run = Capacities.Complete;
        var steps = run.Capacity!.Steps.Select(step => step with { TargetGcPauseShare = null, TargetThreadPoolQueue = null }).ToArray();
        var text = Console(run with { Capacity = run.Capacity with { ExhaustedFirst = null, Steps = steps } }, 400);
        Assert.Contains("nothing that was seen: CPU, file descriptors, connections, threads, accept queue had room; not seen: garbage collection, thread pool", text, StringComparison.Ordinal);
    }

    /// <summary>The answer, the curve, a chart for each resource that is known, and a row for each step; all charts have the same rates under each other.</summary>
    [Fact]
    public async Task Page_Capacity_HasTheAnswerFirstThenTheCurveWithTheResourcesBesideIt()
    {
        await using var report = await browser.OpenAsync(Inputs.Named("capacity"), 1280, ColorScheme.Light);
        await Assertions.Expect(report.Page.Locator("main > section").First.Locator("h2")).ToHaveTextAsync("Capacity: 392 /s, with 95.0 % confidence between 378 /s and 412 /s");
        await Assertions.Expect(report.Page.Locator(".rate-chart h3")).ToHaveTextAsync(
            ["Latency of every step", "CPU, cores", "Stopped by garbage collection", "Work waiting for the thread pool", "Threads", "Connections", "Open handles", "Memory", "Managed heap"]);
        await Assertions.Expect(report.Page.Locator(".rate-chart.tall .rate-area > .rate-point.met")).ToHaveCountAsync(6);
        await Assertions.Expect(report.Page.Locator(".rate-chart.tall .rate-area > .rate-point.missed")).ToHaveCountAsync(3);
        await Assertions.Expect(report.Page.Locator(".rate-chart.tall .rate-area > .rate-point.unsure")).ToHaveCountAsync(1);
        await Assertions.Expect(report.Page.Locator(".rate-chart.tall .rate-limit")).ToHaveTextAsync("p99<200ms");
        await Assertions.Expect(report.Page.Locator(".capacity-steps tbody tr")).ToHaveCountAsync(10);
        await Assertions.Expect(report.Page.GetByText("At 380 /s, the highest rate that met the objectives")).ToBeVisibleAsync();
        var outside = await report.Page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll(".rate-area")].flatMap(area => {
                const frame = area.getBoundingClientRect();
                return [...area.querySelectorAll(":scope > .rate-point")].map(point => point.getBoundingClientRect())
                    .filter(point => point.left < frame.left - 8 || point.right > frame.right + 8 || point.top < frame.top - 8 || point.bottom > frame.bottom + 8)
                    .map(point => `${area.getAttribute("aria-label")}: ${point.left}, ${point.top}`);
            })
            """);
        Assert.Empty(outside);
        report.AssertQuiet();
    }

    [Fact]
    public async Task Page_NoRateMet_SaysSoAndDrawsWhatWasTried()
    {
        await using var report = await browser.OpenAsync(Inputs.Named("capacity unseen"), 1280, ColorScheme.Light);
        await Assertions.Expect(report.Page.Locator("main > section.fail").First.Locator("h2")).ToHaveTextAsync("Capacity: no rate that was tried meets the objectives");
        await Assertions.Expect(report.Page.Locator(".rate-chart")).ToHaveCountAsync(1);
        await Assertions.Expect(report.Page.Locator(".rate-band")).ToHaveCountAsync(0);
        report.AssertQuiet();
    }

    private static string Console(RunFile run, int width)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        ConsoleReport.WriteRun(output, run, width, colour: false);
        return output.ToString();
    }
}
