using Headroom.Measurements;
using Headroom.Reports;

namespace Headroom.Cli.Tests.CommandLine;

/// <summary>Every output from both commands that have it, and what happens where one cannot be had.</summary>
public sealed class OutputTests : IDisposable
{
    private static readonly string[] FileOptions = ["--html", "--markdown", "--junit", "--csv", "--csv-requests", "--summary-export", "--prometheus"];

    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-outputs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task BenchAndReport_EveryOutput_IsTheSameFromTheRunAndFromItsFile()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var bench = await HeadroomProcess.RunAsync(
            ["bench", server.Url.ToString(), "--connections", "2", "--duration", "500ms", "--warmup", "0s", "--target", "p99<100s", "--quiet", "--out", In("run.json"), .. Files("bench")]);
        Assert.Equal((0, ""), (bench.ExitCode, bench.Error));
        var report = await HeadroomProcess.RunAsync(["report", In("run.json"), .. Files("report")]);
        Assert.Equal((0, ""), (report.ExitCode, report.Error));

        // The page calls a run as its file is called.
        Assert.Equal(await ReadAsync(Name("bench", "--html")), (await ReadAsync(Name("report", "--html"))).Replace("\"label\":\"run\"", "\"label\":\"GET /\"", StringComparison.Ordinal));
        foreach (var option in FileOptions.Except(["--html"], StringComparer.Ordinal))
            Assert.Equal(await ReadAsync(Name("bench", option)), await ReadAsync(Name("report", option)));

        var run = RunFileJson.Read(In("run.json"));
        Assert.Equal(JUnitReport.Render(run), await ReadAsync(Name("report", "--junit")));
        Assert.Equal(CsvReport.RenderSeries(run), await ReadAsync(Name("report", "--csv")));
        Assert.Equal(CsvReport.RenderRequests(run), await ReadAsync(Name("report", "--csv-requests")));
        Assert.Equal(SummaryExport.Render(run), await ReadAsync(Name("report", "--summary-export")));
        Assert.Equal(PrometheusText.Render(run), await ReadAsync(Name("report", "--prometheus")));
        Assert.Contains("<testcase classname=\"headroom.thresholds\" name=\"p99&lt;100s\"", await ReadAsync(Name("bench", "--junit")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_PlacesThatCannotBeWritten_AreAllToldBeforeAnythingIsSent()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var result = await HeadroomProcess.RunAsync(
            "bench", server.Url.ToString(), "--duration", "200ms", "--out", In("none/run.json"), "--html", _folder, "--csv", "/sys/run.csv", "--markdown", In("same"), "--junit", In("same"));
        Assert.Equal((2, "", 0), (result.ExitCode, result.Output, server.Requests));
        var lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        Assert.StartsWith($"--out: the folder of '{In("none/run.json")}' does not exist", lines[0], StringComparison.Ordinal);
        Assert.StartsWith($"--html: '{_folder}' is a folder", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("--csv: '/sys/run.csv' cannot be written: ", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("--markdown and --junit name the same file", lines[3], StringComparison.Ordinal);
    }

    /// <summary>Nobody wants a report in place of the plan, the run or the rows that it was made from.</summary>
    [Theory]
    [InlineData("--out", "plan.yaml", "bench", "plan.yaml")]
    [InlineData("--html", "users.csv", "load", "plan.yaml")]
    [InlineData("--markdown", "link", "capacity", "plan.yaml", "--slo", "p99<1s")]
    [InlineData("--out", "users.csv", "bench", "http://127.0.0.1:9/", "--body-file", "users.csv")]
    [InlineData("--html", "run.json", "report", "run.json")]
    [InlineData("--html", "run.json", "trend", ".")]
    [InlineData("--out", "run.json", "compare", "run.json", "other.json")]
    [InlineData("--out", "run.json", "compare", "--before", "run.json", "--after", "other.json")]
    [InlineData("--out", "runs/1.json", "compare", "runs", "runs")]
    [InlineData("--html", "users.csv", "compare", "--run", "--before", "http://127.0.0.1:9", "--after", "http://127.0.0.1:9", "plan.yaml")]
    [InlineData("--html", "users.csv", "ablate", "plan.yaml", "--variants", "switches.yaml")]
    [InlineData("--out", "variants.yaml", "ablate", "plan.yaml", "--variants", "variants.yaml")]
    public async Task Outputs_ThatTheCommandReads_AreRefused(string option, string file, params string[] command)
    {
        await File.WriteAllTextAsync(In("plan.yaml"), "target: http://127.0.0.1:9\nfeeders: { users: { file: users.csv } }\nrequests: [ '/${users.id}' ]\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(In("switches.yaml"), "command: serve --urls {url}\nswitches: { Cache: { arguments: --cache } }\n", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(In("runs"));
        foreach (var name in new[] { "users.csv", "run.json", "other.json", "variants.yaml", "runs/1.json" })
            await File.WriteAllTextAsync(In(name), "id\n1\n", TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(In("link"), In("plan.yaml"));
        var before = Contents();

        using var process = HeadroomProcess.Start([.. command, option, file], _folder);
        var result = await HeadroomProcess.FinishAsync(process);

        Assert.Equal((2, "", $"{option}: '{file}' is what is read here, and would be replaced; write another name"), (result.ExitCode, result.Output, result.Error.Trim()));
        Assert.Equal(before, Contents());
    }

    [Fact]
    public async Task Report_Pushgateway_GetsTheRunOfItsGroup()
    {
        var seen = "";
        await using var gateway = new ScriptedServer(async conversation =>
        {
            seen = await conversation.ReadRequestAsync();
            await conversation.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        });
        var run = await KeptRunAsync();
        var result = await HeadroomProcess.RunAsync(
            "report", In("run.json"), "--pushgateway", gateway.Url.ToString(), "--pushgateway-job", "nightly", "--pushgateway-label", "branch=feature/x", "--pushgateway-label", "instance=ci 1");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.StartsWith("PUT /metrics/job/nightly/branch@base64/ZmVhdHVyZS94/instance/ci%201 HTTP/1.1\r\n", seen, StringComparison.Ordinal);
        Assert.EndsWith(PrometheusText.Render(run), seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_PushgatewayThatIsDown_ExitsWith2AndWritesTheRest()
    {
        await KeptRunAsync();
        var port = FreePort.Next();
        var result = await HeadroomProcess.RunAsync("report", In("run.json"), "--pushgateway", $"http://127.0.0.1:{port}", "--csv", In("run.csv"));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"--pushgateway: nothing was sent to http://127.0.0.1:{port}/metrics/job/headroom: the Pushgateway could not be reached: ", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("p99", result.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(In("run.csv")));
    }

    [Theory]
    [InlineData("--pushgateway-job", "x", "--pushgateway-job says how to send to a Pushgateway, and none is named; write --pushgateway URL")]
    [InlineData("--pushgateway-label", "a=b", "--pushgateway-label says how to send")]
    [InlineData("--pushgateway-label", "ab", "--pushgateway-label is 'ab'; write NAME=VALUE, such as branch=main")]
    [InlineData("--pushgateway-label", "job=x", "'job' is given by the job's own option")]
    [InlineData("--pushgateway-label", "a-b=x", "'a-b' is not a label name")]
    [InlineData("--pushgateway", "127.0.0.1:9091", "write the scheme too: http://127.0.0.1:9091")]
    [InlineData("--pushgateway", "http://me:secret@127.0.0.1:9091", "write it without, such as http://127.0.0.1:9091")]
    [InlineData("--pushgateway", "http://127.0.0.1:9091/?a=b", "which has a query")]
    public async Task Report_PushgatewayOptionsThatAreWrong_SayWhatToWrite(string option, string value, string expected)
    {
        var result = await HeadroomProcess.RunAsync("report", In("none.json"), option, value);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_HelpText_NamesEveryOutput()
    {
        var help = (await HeadroomProcess.RunAsync("bench", "--help")).Output;
        var page = await File.ReadAllTextAsync(RepositoryRoot.Combine("docs", "outputs.md"), TestContext.Current.CancellationToken);
        Assert.All([.. FileOptions, "--pushgateway", "--pushgateway-job", "--pushgateway-label"], option =>
        {
            Assert.Contains(option, help, StringComparison.Ordinal);
            Assert.Contains(option, page, StringComparison.Ordinal);
        });
    }

    private async Task<RunFile> KeptRunAsync()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        await HeadroomProcess.RunAsync("bench", server.Url.ToString(), "--connections", "1", "--duration", "200ms", "--warmup", "0s", "--quiet", "--out", In("run.json"));
        return RunFileJson.Read(In("run.json"));
    }

    private IEnumerable<string> Files(string command) => FileOptions.SelectMany(option => new[] { option, Name(command, option) });

    private string Name(string command, string option) => In($"{command}{option}");

    private string[] Contents() => [.. Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(static file => $"{file}: {File.ReadAllText(file)}")];

    private string In(string name) => Path.Combine(_folder, name);

    private static Task<string> ReadAsync(string path) => File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
}
