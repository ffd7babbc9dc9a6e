using System.Text.Json.Nodes;

namespace Headroom.Cli.Tests.Trend;

public sealed class TrendCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-trend-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Trend_RunsThatBecameSlower_ShowsWhereAndLeavesOutWhatIsNoRun()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var file = Path.Combine(_folder, "run-00.json");
        await HeadroomProcess.RunAsync("bench", server.Url.ToString(), "--connections", "1", "--duration", "300ms", "--warmup", "0s", "--out", file, "--quiet");
        var run = JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!;
        for (var i = 0; i < 20; i++)
        {
            run["startedAt"] = new DateTimeOffset(2026, 1, 1 + i, 12, 0, 0, TimeSpan.Zero).ToString("O");
            run["summary"]!["latencyMs"]!["p50"] = (i < 12 ? 5 : 7) + (0.01 * (i % 3));
            await File.WriteAllTextAsync(Path.Combine(_folder, $"run-{i:00}.json"), run.ToJsonString(), TestContext.Current.CancellationToken);
        }

        await File.WriteAllTextAsync(Path.Combine(_folder, "package.json"), "{}", TestContext.Current.CancellationToken);
        File.Copy(Path.Combine(_folder, "run-03.json"), Path.Combine(_folder, "the-third.json"));
        Directory.CreateSymbolicLink(Path.Combine(_folder, "latest"), _folder);
        Directory.CreateSymbolicLink(Path.Combine(_folder, "here"), ".");
        string[] files = [Path.Combine(_folder, "r.html"), Path.Combine(_folder, "r.md")];
        var result = await HeadroomProcess.RunAsync("trend", _folder, "--html", files[0], "--markdown", files[1]);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("20 runs", result.Output, StringComparison.Ordinal);
        Assert.Contains("p50 +39.", result.Output, StringComparison.Ordinal);
        Assert.Contains("with run-12", result.Output, StringComparison.Ordinal);
        Assert.Contains("▁", result.Output, StringComparison.Ordinal);
        Assert.Contains("--seed 1", result.Output, StringComparison.Ordinal);
        Assert.Contains("left out", result.Error, StringComparison.Ordinal);
        Assert.Equal(2, result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("package.json", result.Error, StringComparison.Ordinal);
        Assert.Contains("the-third.json: is the run of 'run-03' again", result.Error, StringComparison.Ordinal);
        Assert.All(files, report => Assert.Contains("run-12", File.ReadAllText(report), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Trend_NoFolderOrNoRun_ExitsWith2()
    {
        var none = await HeadroomProcess.RunAsync("trend", Path.Combine(_folder, "none"));
        Assert.Equal(2, none.ExitCode);
        Assert.Contains("there is no folder", none.Error, StringComparison.Ordinal);
        var empty = await HeadroomProcess.RunAsync("trend", _folder);
        Assert.Equal(2, empty.ExitCode);
        Assert.Contains("has no run file", empty.Error, StringComparison.Ordinal);
    }
}
