namespace Headroom.Cli.Tests.Report;

public sealed class ReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-report-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Report_StoredRuns_AreShownAloneAndSideBySide()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var run = Path.Combine(_folder, "run.json");
        await HeadroomProcess.RunAsync("bench", server.Url.ToString(), "--connections", "1", "--duration", "300ms", "--warmup", "0s", "--out", run, "--quiet");
        var alone = await HeadroomProcess.RunAsync("report", run);
        Assert.Equal(0, alone.ExitCode);
        Assert.Contains("GET /", alone.Output, StringComparison.Ordinal);
        var pair = await HeadroomProcess.RunAsync("report", run, run, "--html", Path.Combine(_folder, "pair.html"));
        Assert.Equal(0, pair.ExitCode);
        Assert.Contains("1.00×", pair.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder, "pair.html")));
    }

    [Theory]
    [InlineData("{ \"schema\": \"headroom-run/1\", \"plan\":", "run.json")]
    [InlineData("{ \"schema\": \"headroom-run/2\" }", "headroom-run/2")]
    [InlineData("not json", "run.json")]
    public async Task Report_FileThatIsNoRun_SaysWhatIsWrong(string content, string expected)
    {
        var file = Path.Combine(_folder, "run.json");
        await File.WriteAllTextAsync(file, content, TestContext.Current.CancellationToken);
        var result = await HeadroomProcess.RunAsync("report", file);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_MissingFileOrMisspeltOption_ExitsWith2()
    {
        Assert.Equal(2, (await HeadroomProcess.RunAsync("report", Path.Combine(_folder, "none.json"))).ExitCode);
        var misspelt = await HeadroomProcess.RunAsync("report", "a.json", "--htm", "x");
        Assert.Equal(2, misspelt.ExitCode);
        Assert.Contains("did you mean '--html'?", misspelt.Error, StringComparison.Ordinal);
    }
}
