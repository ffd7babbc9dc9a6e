using Headroom.Reports.Tests.Samples;

namespace Headroom.Reports.Tests;

public sealed class MarkdownReportTests
{
    [Fact]
    public void Render_OneRun_ReadsAsJudged() => GoldenFile.AssertEqual("run.md", MarkdownReport.Render(Inputs.Of("One run with everything", SampleRuns.Eventful)));

    [Fact]
    public void Render_FlowsAndChecks_ReadsAsJudged() => GoldenFile.AssertEqual("flows.md", MarkdownReport.Render(Inputs.Of("A plan with flows", FlowRuns.Complete)));

    [Fact]
    public void Render_Comparison_ReadsAsJudged() => GoldenFile.AssertEqual("comparison.md", MarkdownReport.Render(Inputs.Comparison));

    [Fact]
    public void Render_NothingMeasured_ReadsAsJudged() => GoldenFile.AssertEqual("empty.md", MarkdownReport.Render(Inputs.Of("Empty", SampleRuns.Empty)));

    [Fact]
    public void Render_HostileNames_EveryTableKeepsItsColumns()
    {
        var markdown = MarkdownReport.Render(Inputs.Of(SampleRuns.HostileNames[0], SampleRuns.Hostile));

        GoldenFile.AssertEqual("hostile.md", markdown);
        Assert.DoesNotContain("<script", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", markdown, StringComparison.Ordinal);
        var columns = 0;
        foreach (var line in markdown.Split('\n'))
        {
            if (!line.StartsWith('|'))
            {
                columns = 0;
                continue;
            }

            var pipes = line.Replace("\\|", "", StringComparison.Ordinal).Count(c => c == '|');
            Assert.True(columns == 0 || columns == pipes, $"{pipes} pipes instead of {columns}: {line}");
            columns = pipes;
        }
    }

    [Theory]
    [InlineData("de-DE")]
    [InlineData("tr-TR")]
    public void Render_AnyCulture_IsTheSame(string culture) =>
        Assert.Equal(MarkdownReport.Render(Inputs.Comparison), InCulture.Run(culture, () => MarkdownReport.Render(Inputs.Comparison)));

    [Fact]
    public void Render_NoRun_SaysSo() => Assert.Throws<ArgumentException>(() => MarkdownReport.Render(new ReportInput("Nothing", [])));
}
