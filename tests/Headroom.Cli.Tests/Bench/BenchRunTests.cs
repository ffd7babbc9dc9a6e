using System.Text.Json;
using Headroom.Measurements;

namespace Headroom.Cli.Tests.Bench;

public sealed class BenchRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-bench-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Bench_Url_WritesEveryReportAndAgreesWithTheServer()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("hello"));
        var result = await HeadroomProcess.RunAsync(
            "bench", server.Url.ToString(), "--connections", "4", "--duration", "1s", "--warmup", "200ms", "--target", "p95<10s", "--target", "errors<0.1%",
            "--out", In("run.json"), "--prometheus", In("run.prom"), "--markdown", In("run.md"), "--html", In("run.html"));
        Assert.Equal(0, result.ExitCode);
        var run = RunFileJson.Read(In("run.json"));
        Assert.Equal(server.Requests, run.Summary.Requests + run.WarmUp.Requests);
        Assert.Equal(2, run.Thresholds.Count(threshold => threshold.Passed));
        Assert.Contains(run.Summary.Requests.ToString("N0", System.Globalization.CultureInfo.InvariantCulture), result.Output, StringComparison.Ordinal);
        Assert.Contains("headroom_run_", await File.ReadAllTextAsync(In("run.prom"), Token), StringComparison.Ordinal);
        Assert.Contains('|', await File.ReadAllTextAsync(In("run.md"), Token));
        Assert.StartsWith("<!doctype html>", await File.ReadAllTextAsync(In("run.html"), Token), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Bench_RunFile_HasTheFieldsThatOtherProgramsRead()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("hello"));
        await HeadroomProcess.RunAsync("bench", server.Url.ToString(), "--rate", "200/s", "--duration", "1s", "--warmup", "0s", "--out", In("run.json"), "--quiet");
        using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(In("run.json"), Token));
        var root = json.RootElement;
        Assert.Equal("headroom-run/1", root.GetProperty("schema").GetString());
        foreach (var name in new[] { "plan", "environment", "startedAt", "durationSeconds", "summary", "requestsByName", "statuses", "errorsByKind", "generator", "thresholds", "warnings", "series" })
            Assert.True(root.TryGetProperty(name, out _), name);
        var summary = root.GetProperty("summary");
        foreach (var name in new[] { "requests", "requestsPerSecond", "errors", "errorRate", "bytesReceived", "latencyMs", "serviceTimeMs", "cacheHitRate" })
            Assert.True(summary.TryGetProperty(name, out _), name);
        foreach (var name in new[] { "p50", "p75", "p90", "p95", "p99", "p999", "max", "mean" })
            Assert.Equal(JsonValueKind.Number, summary.GetProperty("latencyMs").GetProperty(name).ValueKind);
        foreach (var name in new[] { "cpuSeconds", "cpuMicrosecondsPerRequest", "peakRssBytes" })
            Assert.True(root.GetProperty("generator").GetProperty(name).GetDouble() > 0, name);
        Assert.Equal(JsonValueKind.Number, root.GetProperty("generator").GetProperty("lagMs").GetProperty("p99").ValueKind);
        Assert.Equal(200, summary.GetProperty("requests").GetInt64());
    }

    [Fact]
    public async Task Bench_AddressesWithAKeyInTheQuery_RepeatItNowhere()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("hello"));
        var result = await HeadroomProcess.RunAsync(
            "bench", $"{server.Url}a?api_key=s3cret", $"{server.Url}a?api_key=other", $"{server.Url}b", "--connections", "2", "--duration", "300ms", "--warmup", "0s",
            "--out", In("run.json"), "--html", In("run.html"), "--csv-requests", In("run.csv"), "--junit", In("run.xml"));
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["GET /a", "GET /a (2)", "GET /b"], RunFileJson.Read(In("run.json")).RequestsByName.Keys.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("s3cret", result.Output + result.Error, StringComparison.Ordinal);
        foreach (var file in Directory.GetFiles(_folder))
            Assert.DoesNotContain("s3cret", await File.ReadAllTextAsync(file, Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_MissedTarget_ExitsWith1AndMarksIt()
    {
        await using var server = ScriptedServer.Always("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n");
        var result = await HeadroomProcess.RunAsync("bench", server.Url.ToString(), "--connections", "1", "--duration", "300ms", "--warmup", "0s", "--target", "errors<1%", "--target", "p99<100s");
        Assert.Equal(1, result.ExitCode);
        Assert.Matches(@"FAIL\s+errors<1%", result.Output);
        Assert.Matches(@"pass\s+p99<100s", result.Output);
    }

    [Fact]
    public async Task Bench_WithoutConnectionsOrRate_RunsSequentialAndConcurrent()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var result = await HeadroomProcess.RunAsync("bench", server.Url.ToString(), "--duration", "400ms", "--warmup", "200ms", "--out", In("run.json"));
        Assert.Equal(0, result.ExitCode);
        var run = RunFileJson.Read(In("run.json"));
        Assert.Equal(["sequential", "concurrent"], run.Phases.Select(phase => phase.Name));
        Assert.Equal([1, 50], run.Plan.Phases.Select(phase => phase.Connections));
    }

    [Fact]
    public async Task Bench_CtrlC_ReportsAndWritesWhatThereIs()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        using var process = HeadroomProcess.Start(["bench", server.Url.ToString(), "--connections", "2", "--duration", "1h", "--warmup", "0s", "--out", In("run.json")]);
        while (server.Requests < 100)
            await Task.Delay(50, Token);
        await Task.Delay(500, Token);
        HeadroomProcess.Interrupt(process);
        var result = await HeadroomProcess.FinishAsync(process);
        Assert.Equal(130, result.ExitCode);
        var run = RunFileJson.Read(In("run.json"));
        Assert.True(run.Interrupted);
        Assert.True(run.Summary.Requests >= 100);
        Assert.Contains("p99", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_OutputThatCannotBeWritten_KeepsTheOldFileAndThePrintedResult()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "needs root on Linux to mount a full file system");
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var small = Directory.CreateDirectory(In("small")).FullName;
        using (var mount = System.Diagnostics.Process.Start("mount", ["-t", "tmpfs", "-o", "size=16k", "tmpfs", small]))
        {
            await mount.WaitForExitAsync(Token);
            Assert.SkipUnless(mount.ExitCode == 0, "this machine does not allow mounting a tmpfs");
        }

        try
        {
            await File.WriteAllTextAsync(Path.Combine(small, "run.html"), "old", Token);
            var result = await HeadroomProcess.RunAsync("bench", server.Url.ToString(), "--connections", "1", "--duration", "300ms", "--warmup", "0s", "--html", Path.Combine(small, "run.html"));
            Assert.Equal(2, result.ExitCode);
            Assert.Contains("was not written", result.Error, StringComparison.Ordinal);
            Assert.Contains("p99", result.Output, StringComparison.Ordinal);
            Assert.Equal("old", await File.ReadAllTextAsync(Path.Combine(small, "run.html"), Token));
            Assert.Single(Directory.GetFiles(small));
        }
        finally
        {
            using var unmount = System.Diagnostics.Process.Start("umount", [small]);
            await unmount.WaitForExitAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task Bench_RequestOptions_ReachTheServer()
    {
        string? seen = null;
        await using var server = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is { } request)
            {
                seen = request;
                await conversation.SendAsync(ScriptedServer.Ok("x"));
            }
        });
        await File.WriteAllTextAsync(In("body.json"), "{\"a\":1}", Token);
        var result = await HeadroomProcess.RunAsync(
            "bench", new Uri(server.Url, "/items?x=1").ToString(), "--method", "PUT", "--header", "Content-Type: application/json", "--header", "X-Two:2", "--compressed",
            "--body-file", In("body.json"), "--connections", "1", "--duration", "200ms", "--warmup", "0s");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(
            $"PUT /items?x=1 HTTP/1.1\r\nHost: 127.0.0.1:{server.Address.Port}\r\nUser-Agent: headroom\r\nContent-Type: application/json\r\nX-Two: 2\r\nAccept-Encoding: br, gzip\r\nContent-Length: 7\r\n\r\n{{\"a\":1}}",
            seen);
    }

    [Fact]
    public async Task Bench_PlanFile_SendsWhatItSays()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        await File.WriteAllTextAsync(In("plan.yaml"), """
            name: two endpoints
            target: http://127.0.0.1:1
            warmup: 100ms
            requests:
              - name: list
                url: /list
                weight: 3
              - name: create
                method: POST
                url: /items
                json: { title: test, count: 2, tags: [a, b] }
            scenarios:
              steady:
                executor: constant-arrival-rate
                rate: 300
                timeUnit: 1s
                maxVUs: 10
                duration: 1s
            targets: [ "p95<10s", "p95{create}<10s" ]
            """, Token);
        var result = await HeadroomProcess.RunAsync("bench", In("plan.yaml"), "--base-url", server.Url.ToString(), "--out", In("run.json"));
        Assert.Equal(0, result.ExitCode);
        var run = RunFileJson.Read(In("run.json"));
        Assert.Equal(300, run.Summary.Requests);
        Assert.Equal(30, run.WarmUp.Requests);
        Assert.Equal("two endpoints", run.Plan.Name);
        Assert.InRange(run.RequestsByName["create"].Requests, 40, 110);
        Assert.Equal(2, run.Thresholds.Count(threshold => threshold.Passed));
    }

    [Fact]
    public async Task Bench_PlanWithoutScenarios_TakesTheUsualOnesWithTheTimesGiven()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        await File.WriteAllTextAsync(In("plan.yaml"), $"target: {server.Url}\nwarmup: 100ms\nrequests: [ /a ]\n", Token);
        var result = await HeadroomProcess.RunAsync("bench", In("plan.yaml"), "--duration", "300ms", "--out", In("run.json"));
        Assert.Equal(0, result.ExitCode);
        var run = RunFileJson.Read(In("run.json"));
        Assert.Equal(["sequential", "concurrent"], run.Phases.Select(phase => phase.Name));
        Assert.Equal((0.3, 0.1), (run.Plan.Phases[0].DurationSeconds, run.Plan.WarmUpSeconds));
    }

    [Fact]
    public async Task Bench_OutOfFileDescriptors_SaysSoAndKeepsTheResult()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "limits the process by ulimit");
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("bash",
            ["-c", $"ulimit -n 250 && exec dotnet '{HeadroomProcess.Program}' bench {server.Url} --connections 600 --duration 1s --warmup 0s --out '{In("run.json")}' --pid {Environment.ProcessId}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var result = await HeadroomProcess.FinishAsync(process);
        Assert.True(result.ExitCode == 0, result.Error);
        var run = RunFileJson.Read(In("run.json"));
        Assert.True(run.ErrorsByKind["filesExhausted"] > 0);
        Assert.Contains(run.Warnings, finding => finding.Code == "files-exhausted");
        Assert.True(run.Statuses["200"] > 0);
    }

    [Fact]
    public async Task Bench_OtherCulture_PrintsAndReadsTheSame()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        using var process = HeadroomProcess.Start(
            ["bench", server.Url.ToString(), "--rate", "12.5/s", "--duration", "0.4s", "--warmup", "0s", "--target", "p95<1.5s", "--out", In("run.json")],
            environment: new Dictionary<string, string> { ["LC_ALL"] = "tr_TR.UTF-8", ["LANG"] = "tr_TR.UTF-8", ["TZ"] = "Asia/Kathmandu" });
        var result = await HeadroomProcess.FinishAsync(process);
        Assert.Equal(0, result.ExitCode);
        var run = RunFileJson.Read(In("run.json"));
        Assert.Equal(5, run.Summary.Requests);
        Assert.Equal(TimeSpan.Zero, run.StartedAt.Offset);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string In(string name) => Path.Combine(_folder, name);
}
