using System.Globalization;
using Headroom.Measurements;
using Headroom.Reports.Tests.Csv;
using Headroom.Reports.Tests.Samples;

namespace Headroom.Reports.Tests;

public sealed class CsvReportTests
{
    [Fact]
    public void RenderSeries_JudgedRun_ReadsAsJudged() => GoldenFile.AssertEqual("series.csv", CsvReport.RenderSeries(LoadRuns.Judged));

    [Fact]
    public void RenderRequests_JudgedRun_ReadsAsJudged() => GoldenFile.AssertEqual("requests.csv", CsvReport.RenderRequests(LoadRuns.Judged));

    [Fact]
    public void RenderSeries_Run_HasARowASecondWithItsFigures()
    {
        var rows = CsvRows.Read(CsvReport.RenderSeries(LoadRuns.Judged));
        var run = LoadRuns.Judged;
        Assert.Equal(run.Series.Count, rows.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            Assert.Equal(run.Series[i].Requests, long.Parse(rows[i]["requests"], CultureInfo.InvariantCulture));
            Assert.Equal(run.Series[i].LatencyMs.P95, double.Parse(rows[i]["p95_ms"], CultureInfo.InvariantCulture), 1e-6);
            Assert.Equal(run.Series[i].Vus, long.Parse(rows[i]["vus"], CultureInfo.InvariantCulture));
            Assert.Equal("", rows[i]["target_rss_bytes"]);
        }
    }

    [Fact]
    public void RenderSeries_SecondWithoutRequests_HasNoPercentiles()
    {
        var run = SampleRuns.OneSecond;
        var row = Assert.Single(CsvRows.Read(CsvReport.RenderSeries(run with { Series = [run.Series[0] with { Requests = 0, LatencyMs = new LatencySummary() }] })));
        Assert.Equal(("0", "", ""), (row["requests"], row["p50_ms"], row["max_ms"]));
    }

    [Fact]
    public void RenderRequests_Run_SaysOfWhatEachRowIs()
    {
        var rows = CsvRows.Read(CsvReport.RenderRequests(LoadRuns.Judged));
        Assert.Equal(["run", "request", "request", "tag"], rows.Select(row => row["of"]));
        Assert.Equal(["mixed", "GET /api/items", "POST /api/items", "area:write"], rows.Select(row => row["name"]));
        Assert.Equal(LoadRuns.Judged.Summary.Requests, long.Parse(rows[0]["requests"], CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Render_HostileNames_StayInTheirCellAndAreNoFormulas()
    {
        foreach (var csv in new[] { CsvReport.RenderSeries(LoadRuns.Hostile), CsvReport.RenderRequests(LoadRuns.Hostile) })
        {
            var rows = CsvRows.Read(csv);
            Assert.Equal(rows.Count + 1, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
            Assert.DoesNotContain("\n", csv.Replace("\r\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.All(rows.SelectMany(row => row.Values), cell => Assert.False(cell.Length > 0 && "=+-@\t\r＝＋－＠".Contains(cell[0], StringComparison.Ordinal), cell));
        }

        var names = CsvRows.Read(CsvReport.RenderRequests(LoadRuns.Hostile)).Select(row => row["name"]).ToList();
        Assert.Contains("'=1+1", names);
        Assert.Contains("'@SUM(A1)", names);
        Assert.Contains("a,b", names);
        Assert.Contains("quote \" backslash \\ dollar $& ${x} {{y}}", names);
    }

    [Fact]
    public void Render_EmptyRun_IsTheHeadingAndTheSumAlone()
    {
        Assert.Empty(CsvRows.Read(CsvReport.RenderSeries(SampleRuns.Empty)));
        var row = Assert.Single(CsvRows.Read(CsvReport.RenderRequests(SampleRuns.Empty)));
        Assert.Equal(("0", ""), (row["requests"], row["p99_ms"]));
    }

    [Theory]
    [InlineData("de-DE")]
    [InlineData("tr-TR")]
    public void Render_AnyCulture_IsTheSame(string culture)
    {
        Assert.Equal(CsvReport.RenderSeries(LoadRuns.Judged), InCulture.Run(culture, () => CsvReport.RenderSeries(LoadRuns.Judged)));
        Assert.Equal(CsvReport.RenderRequests(LoadRuns.Judged), InCulture.Run(culture, () => CsvReport.RenderRequests(LoadRuns.Judged)));
    }

    [Fact]
    public void Render_EveryColumn_StandsInTheDocumentation()
    {
        var page = File.ReadAllText(RepositoryRoot.Combine("docs", "outputs.md"));
        var columns = (CsvReport.RenderSeries(SampleRuns.OneSecond).Split("\r\n")[0] + "," + CsvReport.RenderRequests(SampleRuns.OneSecond).Split("\r\n")[0]).Split(',');
        Assert.All(columns, column => Assert.Contains($"`{column}`", page, StringComparison.Ordinal));
    }
}
