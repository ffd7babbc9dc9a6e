using System.Text.Json;
using Headroom.Measurements;
using Headroom.Reports.Tests.Samples;

namespace Headroom.Reports.Tests;

public sealed class HtmlReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-html-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Render_HostileNames_NoneCanEndTheSlot()
    {
        var slot = Slot(HtmlReport.Render(new ReportInput(SampleRuns.HostileNames[0], [new LabeledRun(SampleRuns.HostileNames[0], SampleRuns.Hostile)])));

        Assert.DoesNotContain('<', slot);
        Assert.DoesNotContain('>', slot);
        Assert.DoesNotContain('&', slot);
        using var data = JsonDocument.Parse(slot);
        Assert.Equal(SampleRuns.HostileNames[0], data.RootElement.GetProperty("title").GetString());
        Assert.Equal(
            SampleRuns.HostileNames,
            data.RootElement.GetProperty("runs")[0].GetProperty("run").GetProperty("requestsByName").EnumerateObject().Select(entry => entry.Name));
    }

    [Fact]
    public void Render_OneRun_HoldsTheRunFile()
    {
        using var data = JsonDocument.Parse(Slot(HtmlReport.Render(Inputs.Of("One run", SampleRuns.Eventful))));

        var run = RunFileJson.Parse(data.RootElement.GetProperty("runs")[0].GetProperty("run").GetRawText(), "slot");
        Assert.Equal(SampleRuns.Eventful.Summary.LatencyMs, run.Summary.LatencyMs);
        Assert.Equal(SampleRuns.Eventful.Summary.LatencyHistogram, run.Summary.LatencyHistogram);
        Assert.Equal(SampleRuns.Eventful.Series.Count, run.Series.Count);
    }

    [Fact]
    public void Render_NoTime_IsOfTheEndOfTheLastRun()
    {
        using var data = JsonDocument.Parse(Slot(HtmlReport.Render(Inputs.Comparison)));

        Assert.Equal(SampleRun.Start.AddSeconds(30), data.RootElement.GetProperty("generatedAt").GetDateTimeOffset());
    }

    [Fact]
    public void Render_AnyCulture_IsTheSame() =>
        Assert.Equal(HtmlReport.Render(Inputs.Comparison), InCulture.Run("de-DE", () => HtmlReport.Render(Inputs.Comparison)));

    [Fact]
    public void Render_Page_RefersToNothingOutside()
    {
        var html = HtmlReport.Render(Inputs.Comparison);

        Assert.Contains("default-src 'none'", html, StringComparison.Ordinal);
        Assert.DoesNotMatch("(src|href)=\"(?!data:)", html);
    }

    [Fact]
    public void Render_NoRun_SaysSo() => Assert.Throws<ArgumentException>(() => HtmlReport.Render(new ReportInput("Nothing", [])));

    [Fact]
    public void Write_FolderThatDoesNotExist_SaysWhich()
    {
        var path = Path.Combine(_folder, "missing", "report.html");

        var error = Assert.ThrowsAny<IOException>(() => HtmlReport.Write(path, Inputs.Comparison));

        Assert.Contains("missing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_OldReportThere_IsReplacedAndNothingIsLeftBeside()
    {
        var path = Path.Combine(_folder, "report.html");
        File.WriteAllText(path, "old");

        HtmlReport.Write(path, Inputs.Comparison);
        MarkdownReport.Write(Path.Combine(_folder, "report.md"), Inputs.Comparison);
        PrometheusText.Write(Path.Combine(_folder, "report.prom"), SampleRuns.Tuned);

        Assert.Equal(HtmlReport.Render(Inputs.Comparison), File.ReadAllText(path));
        Assert.Equal(["report.html", "report.md", "report.prom"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private static string Slot(string html)
    {
        const string start = """<script type="application/json" id="report-data">""";
        var from = html.IndexOf(start, StringComparison.Ordinal) + start.Length;
        return html[from..html.IndexOf("</script>", from, StringComparison.Ordinal)];
    }
}
