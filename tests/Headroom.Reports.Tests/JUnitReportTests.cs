using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Headroom.Measurements;
using Headroom.Reports.Tests.JUnit;
using Headroom.Reports.Tests.Samples;

namespace Headroom.Reports.Tests;

public sealed class JUnitReportTests
{
    public static TheoryData<string> Runs => new("judged", "eventful", "hostile", "hostile load", "empty", "one second");

    [Fact]
    public void Render_JudgedRun_ReadsAsJudged() => GoldenFile.AssertEqual("junit.xml", JUnitReport.Render(LoadRuns.Judged));

    [Theory]
    [MemberData(nameof(Runs))]
    public void Render_AnyRun_IsInTheSchemaThatCiSystemsRead(string name)
    {
        var problems = JUnitSchema.Problems(JUnitReport.Render(Named(name)));
        Assert.Empty(problems);
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Render_AnyRun_CountsItsCases(string name)
    {
        var suite = Suite(Named(name));
        var cases = suite.Elements("testcase").ToList();
        Assert.Equal(cases.Count, (int)suite.Attribute("tests")!);
        Assert.Equal(cases.Count(one => one.Element("failure") is not null), (int)suite.Attribute("failures")!);
        Assert.Equal(cases.Count(one => one.Element("skipped") is not null), (int)suite.Attribute("skipped")!);
    }

    [Fact]
    public void Render_Targets_FailPassAndSkip()
    {
        var cases = Suite(LoadRuns.Judged).Elements("testcase").Where(one => (string)one.Attribute("classname")! == "headroom.thresholds").ToDictionary(one => (string)one.Attribute("name")!);

        Assert.Equal(["system-out"], cases["p95<150ms"].Elements().Select(element => element.Name.LocalName));
        Assert.Equal("observed 184.5 ms; the target is p99{POST /api/items}<50ms", (string)cases["p99{POST /api/items}<50ms"].Element("failure")!.Attribute("message")!);
        Assert.Equal("nothing observed; the target is hit-rate>85% (no response told its cache outcome)", (string)cases["hit-rate>85%"].Element("failure")!.Attribute("message")!);
        Assert.Null(cases["p99<60ms"].Element("failure"));
        Assert.StartsWith("undecided: observed 72.5 ms", (string)cases["p99<60ms"].Element("skipped")!.Attribute("message")!, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_Checks_FailWithTheirCounts()
    {
        var cases = Suite(LoadRuns.Judged).Elements("testcase").Where(one => (string)one.Attribute("classname")! == "headroom.checks").ToDictionary(one => (string)one.Attribute("name")!);

        Assert.Null(cases["GET /api/items: status is 200"].Element("failure"));
        Assert.Equal("failed for 8, held for 240 of 248 responses (96.8 %)", (string)cases["POST /api/items: status is 200"].Element("failure")!.Attribute("message")!);
        Assert.NotNull(cases["POST /api/items: has an id"].Element("skipped"));
    }

    [Theory]
    [InlineData(true, null, 10, "stopped")]
    [InlineData(false, "p95<1ms", 10, "'p95<1ms' was missed")]
    [InlineData(false, null, 0, "no request ended")]
    [InlineData(false, null, 10, null)]
    public void Render_RunThatDidNotComeToItsEnd_Fails(bool interrupted, string? abortedBy, long requests, string? expected)
    {
        var run = SampleRuns.OneSecond;
        var message = (string?)Suite(run with { Interrupted = interrupted, AbortedBy = abortedBy, Summary = run.Summary with { Requests = requests } })
            .Elements("testcase").First().Element("failure")?.Attribute("message");
        if (expected is null)
            Assert.Null(message);
        else
            Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_StartInAnotherZone_IsWrittenInUtc()
    {
        var run = SampleRuns.OneSecond with { StartedAt = new DateTimeOffset(2026, 3, 1, 2, 30, 0, TimeSpan.FromHours(5.75)) };
        Assert.Equal("2026-02-28T20:45:00", (string)Suite(run).Attribute("timestamp")!);
    }

    [Theory]
    [InlineData("de-DE")]
    [InlineData("tr-TR")]
    public void Render_AnyCulture_IsTheSame(string culture) =>
        Assert.Equal(JUnitReport.Render(LoadRuns.Judged), InCulture.Run(culture, () => JUnitReport.Render(LoadRuns.Judged)));

    /// <summary>Any UTF-16 at all, halves of pairs included.</summary>
    [Fact]
    public void Render_AnyName_IsWellFormed()
    {
        var seed = Seed.Printed(TestContext.Current.TestOutputHelper!);
        var random = new Random(seed);
        for (var i = 0; i < 300; i++)
        {
            var name = new string([.. Enumerable.Range(0, random.Next(12)).Select(_ => (char)random.Next(random.Next(2) == 0 ? 0x100 : 0x10000))]);
            var run = SampleRuns.Empty with { Checks = [new CheckSummary { Name = name, Request = name, Passes = 0, Fails = 1 }] };
            Assert.Empty(JUnitSchema.Problems(JUnitReport.Render(run)));
        }
    }

    [Fact]
    public void Write_File_IsTheTextInUtf8WithoutMark()
    {
        var path = Path.GetTempFileName();
        try
        {
            JUnitReport.Write(path, LoadRuns.Judged);
            Assert.Equal((byte)'<', File.ReadAllBytes(path)[0]);
            using var reader = XmlReader.Create(path);
            Assert.Equal("testsuites", XDocument.Load(reader).Root!.Name.LocalName);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static XElement Suite(RunFile run) => XDocument.Parse(JUnitReport.Render(run)).Root!.Element("testsuite")!;

    private static RunFile Named(string name) => name switch
    {
        "judged" => LoadRuns.Judged,
        "eventful" => SampleRuns.Eventful,
        "hostile" => SampleRuns.Hostile,
        "hostile load" => LoadRuns.Hostile,
        "empty" => SampleRuns.Empty,
        _ => SampleRuns.OneSecond,
    };
}
