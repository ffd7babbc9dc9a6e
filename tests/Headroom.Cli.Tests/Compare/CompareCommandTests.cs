using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Headroom.Cli.Tests.Compare;

public sealed class CompareCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-compare-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Compare_TwoLoneRuns_AreDescribedAndNeverGated()
    {
        var (before, after) = (await StoredAsync("before"), await StoredAsync("after", factor: 3));
        var result = await HeadroomProcess.RunAsync("compare", before, after, "--fail-if-worse", "5%");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("described, not judged: 1 pair of runs", result.Output, StringComparison.Ordinal);
        Assert.Contains("does not gate", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compare_EightPairsThatAreSlower_FailTheGateAndWriteEveryReport()
    {
        var (before, after) = (Directory.CreateDirectory(Path.Combine(_folder, "b")).FullName, Directory.CreateDirectory(Path.Combine(_folder, "a")).FullName);
        var run = await StoredAsync("run");
        for (var i = 1; i <= 8; i++)
        {
            Scale(run, Path.Combine(before, $"{i}.json"), 1 + (0.001 * i));
            Scale(run, Path.Combine(after, $"{i}.json"), 1.2 + (0.002 * i));
        }

        string[] files = [Path.Combine(_folder, "s.json"), Path.Combine(_folder, "r.html"), Path.Combine(_folder, "r.md")];
        var gate = await HeadroomProcess.RunAsync("compare", before, after, "--fail-if-worse", "5%", "--out", files[0], "--html", files[1], "--markdown", files[2]);

        Assert.Equal(1, gate.ExitCode);
        Assert.Contains("worse: p50 +20.", gate.Output, StringComparison.Ordinal);
        Assert.Contains("1.json → 1.json", gate.Output, StringComparison.Ordinal);
        Assert.All(files, file => Assert.True(File.Exists(file)));
        Assert.Contains("❌ worse", await File.ReadAllTextAsync(files[2], TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(0, (await HeadroomProcess.RunAsync("compare", before, after)).ExitCode);
        Assert.Equal(0, (await HeadroomProcess.RunAsync("compare", before, after, "--fail-if-worse", "30%")).ExitCode);

        // The session is judged again, by another threshold, to the same figures.
        var again = await HeadroomProcess.RunAsync("compare", files[0], "--fail-if-worse", "10%");
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("worse: p50 +20.", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compare_OtherPlan_IsRefusedWithWhatDiffers()
    {
        var (one, other) = (await StoredAsync("one"), await StoredAsync("other", path: "/other"));
        var result = await HeadroomProcess.RunAsync("compare", one, other);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("cannot be compared", result.Error, StringComparison.Ordinal);
        Assert.Contains("plan: ", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Theory]
    [InlineData("No runs are given", "compare")]
    [InlineData("1 run file makes no pair", "compare", "a.json")]
    [InlineData("add --run", "compare", "a.json", "b.json", "--pairs", "8")]
    [InlineData("--pairs is '5'; allowed: a whole number from 6 to 200", "compare", "--run", "--pairs", "5")]
    [InlineData("--before is missing", "compare", "--run", "plan.yaml")]
    [InlineData("--run takes one plan", "compare", "--run", "--before", "x", "--after", "y")]
    [InlineData("is '5'; allowed: a share in percent", "compare", "a.json", "b.json", "--fail-if-worse", "5")]
    [InlineData("--ready is 'health'; write a path that begins with /", "compare", "--run", "--ready", "health")]
    [InlineData("did you mean '--fail-if-worse'?", "compare", "a.json", "b.json", "--fail-if-wors", "5%")]
    public async Task Compare_WrongUse_SaysWhatToWrite(string expected, params string[] arguments)
    {
        var result = await HeadroomProcess.RunAsync(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CompareRun_TwoCommands_AreStartedMeasuredInBlocksAndEnded()
    {
        var session = Path.Combine(_folder, "session.json");
        var result = await HeadroomProcess.RunAsync(
            "compare", "--run", "--before", ReferenceApi(), "--after", ReferenceApi(), Plan(), "--pairs", "6", "--warmup", "200ms", "--ready", "/api/v2/health", "--seed", "7", "--out", session);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("--seed 7", result.Output, StringComparison.Ordinal);
        Assert.Contains("allocated/request", result.Output, StringComparison.Ordinal);
        var runs = JsonNode.Parse(await File.ReadAllTextAsync(session, TestContext.Current.CancellationToken))!["runs"]!.AsArray();
        Assert.Equal(18, runs.Count);
        Assert.All(Enumerable.Range(1, 6), block => Assert.Equal(
            ["after", "before", "control"], runs.Where(run => (int)run!["block"]! == block).Select(run => (string)run!["variant"]!).Order(StringComparer.Ordinal)));
        Assert.True(runs.Select(run => (string)run!["variant"]!).Chunk(3).Select(block => string.Join(' ', block)).Distinct(StringComparer.Ordinal).Count() > 1);
        Assert.All(runs.Select(run => new Uri((string)run!["run"]!["plan"]!["target"]!)).Distinct(), address => Assert.True(IsClosed(address)));
    }

    [Fact]
    public async Task CompareRun_InTurns_MakesOneRunOfTheTurnsOfEachVariant()
    {
        var session = Path.Combine(_folder, "session.json");
        var result = await HeadroomProcess.RunAsync(
            "compare", "--run", "--before", ReferenceApi(), "--after", ReferenceApi(), Plan(), "--pairs", "6", "--turns", "3", "--duration", "600ms", "--warmup", "200ms", "--ready", "/api/v2/health", "--no-control", "--out", session);

        Assert.True(result.ExitCode == 0, result.Error);
        var runs = JsonNode.Parse(await File.ReadAllTextAsync(session, TestContext.Current.CancellationToken))!["runs"]!.AsArray();
        Assert.Equal(12, runs.Count);
        Assert.All(runs, run =>
        {
            // What one turn alone could not have: its own 200 ms.
            Assert.True((double)run!["run"]!["durationSeconds"]! >= 0.55);
            Assert.True((long)run["run"]!["summary"]!["requests"]! > 0);
            Assert.Empty(run["run"]!["series"]?.AsArray() ?? []);
        });
        Assert.Equal([1, 2], runs.Select(run => (int)run!["position"]!).Distinct().Order());
    }

    [Fact]
    public async Task CompareRun_TurnsOfALoadThatChanges_AreRefused()
    {
        var plan = Path.Combine(_folder, "ramp.yaml");
        await File.WriteAllTextAsync(plan, "name: ramp\nrequests: [ / ]\nscenarios: { s: { executor: ramping-vus, stages: [ { duration: 1s, target: 2 } ] } }\n", TestContext.Current.CancellationToken);
        var result = await HeadroomProcess.RunAsync("compare", "--run", "--before", "true", "--after", "true", plan, "--turns", "4");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--turns is 4; only a load that is the same at all times can be cut", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CompareRun_Interrupted_EndsWhatItStarted()
    {
        using var process = HeadroomProcess.Start(
            ["compare", "--run", "--before", ReferenceApi(), "--after", ReferenceApi(), Plan(), "--warmup", "30s", "--ready", "/api/v2/health", "--no-control"], environment: new Dictionary<string, string> { ["HEADROOM_TEST_MARK"] = _folder });
        while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.StartsWith("warming up", StringComparison.Ordinal))
        {
        }

        Assert.NotEmpty(Marked());
        HeadroomProcess.Interrupt(process);
        var result = await HeadroomProcess.FinishAsync(process);

        Assert.Equal(130, result.ExitCode);
        Assert.Contains("nothing to compare", result.Error, StringComparison.Ordinal);
        Assert.Empty(Marked());
    }

    [Fact]
    public async Task CompareRun_CommandThatEndsOrNeverAnswers_IsToldWithItsOutput()
    {
        var ends = await HeadroomProcess.RunAsync("compare", "--run", "--before", "echo out of memory; exit 3", "--after", "true", Plan());
        Assert.Equal(2, ends.ExitCode);
        Assert.Contains("'before' ended with exit code 3", ends.Error, StringComparison.Ordinal);
        Assert.Contains("out of memory", ends.Error, StringComparison.Ordinal);
        var silent = await HeadroomProcess.RunAsync("compare", "--run", "--before", "sleep 60", "--after", "true", Plan(), "--start-timeout", "1s");
        Assert.Equal(2, silent.ExitCode);
        Assert.Contains("neither {port} nor {url}", silent.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CompareRun_AddressWhereNobodyAnswers_IsUnreachable()
    {
        var result = await HeadroomProcess.RunAsync("compare", "--run", "--before", "http://127.0.0.1:9", "--after", "http://127.0.0.1:9", Plan(), "--start-timeout", "1s");
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("'before' did not answer at http://127.0.0.1:9/ within 1 s", result.Error, StringComparison.Ordinal);
    }

    /// <summary>It ends while the other side is measured, so the next turn finds nobody there; what is told is that it ended.</summary>
    [Fact]
    public async Task CompareRun_SideThatEndsWhileTheOtherIsMeasured_IsToldWithItsOutput()
    {
        var result = await RunWithSideThatEndsAsync("block 1", "3s", "--seed", "1");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("'after' ended with exit code 3", result.Error, StringComparison.Ordinal);
        Assert.Contains("out of memory", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CompareRun_SideThatEndsInALaterBlock_KeepsAndJudgesTheBlocksBefore()
    {
        var file = Path.Combine(_folder, "session.json");
        var result = await RunWithSideThatEndsAsync("block 3", "500ms", "--out", file);
        Assert.Equal(2, result.ExitCode);
        Assert.Matches("Ended after [23] of 6 blocks: this is what those say.", result.Error);
        Assert.Contains("'after' ended with exit code 3", result.Error, StringComparison.Ordinal);
        Assert.Contains("described, not judged", result.Output, StringComparison.Ordinal);
        var session = JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))!;
        Assert.True((bool)session["interrupted"]!);
        Assert.True(session["runs"]!.AsArray().Count is 4 or 6);
        Assert.Equal(0, (await HeadroomProcess.RunAsync("compare", file)).ExitCode); // Judged again by somebody whom nobody interrupts.
    }

    /// <summary>Six blocks against two reference APIs, of which the second is killed once a line of progress begins with <paramref name="moment"/>.</summary>
    private async Task<HeadroomProcess.Result> RunWithSideThatEndsAsync(string moment, string duration, params string[] more)
    {
        var gone = Path.Combine(_folder, "gone");
        var plan = Path.Combine(_folder, "end.yaml");
        await File.WriteAllTextAsync(plan, $"name: end\nrequests: [ /api/v2/health ]\nscenarios: {{ s: {{ executor: constant-vus, vus: 1, duration: {duration} }} }}\n", TestContext.Current.CancellationToken);
        var ends = $"{ReferenceApi()} & while [ ! -e {gone} ]; do sleep 0.05; done; kill -9 $!; wait $!; echo out of memory; exit 3";
        using var process = HeadroomProcess.Start(
            ["compare", "--run", "--before", ReferenceApi(), "--after", ends, plan, "--pairs", "6", "--turns", "1", "--warmup", "0s", "--ready", "/api/v2/health", "--no-control", .. more]);
        while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.StartsWith(moment, StringComparison.Ordinal))
        {
        }

        await File.WriteAllTextAsync(gone, "", TestContext.Current.CancellationToken);
        return await HeadroomProcess.FinishAsync(process);
    }

    private string Plan()
    {
        var plan = Path.Combine(_folder, "plan.yaml");
        File.WriteAllText(plan, "name: health\nrequests: [ /api/v2/health ]\nscenarios: { s: { executor: constant-vus, vus: 2, duration: 300ms } }\n");
        return plan;
    }

    private string ReferenceApi() =>
        $"dotnet {Path.Combine(Path.GetDirectoryName(HeadroomProcess.Program)!, "demo", "ReferenceApi.dll")} --plain --urls {{url}} --data {_folder}";

    private async Task<string> StoredAsync(string name, double factor = 1, string path = "/")
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("x"));
        var file = Path.Combine(_folder, name + ".json");
        var result = await HeadroomProcess.RunAsync("bench", new Uri(server.Url, path).ToString(), "--connections", "1", "--duration", "300ms", "--warmup", "0s", "--out", file, "--quiet");
        Assert.True(result.ExitCode == 0, result.Error);
        Scale(file, file, factor);
        return file;
    }

    /// <summary>The run with its latency and throughput made worse by a factor.</summary>
    private static void Scale(string from, string to, double factor)
    {
        var run = JsonNode.Parse(File.ReadAllText(from))!;
        var summary = run["summary"]!;
        summary["latencyMs"]!["p50"] = 5 * factor;
        summary["requestsPerSecond"] = 1000 / factor;
        run.AsObject().Remove("target");
        summary.AsObject().Remove("targetCpuMicrosecondsPerRequest");
        File.WriteAllText(to, run.ToJsonString());
    }

    private static bool IsClosed(Uri address)
    {
        try
        {
            using var client = new TcpClient(address.Host, address.Port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    /// <summary>Processes that were started by the session: they have inherited its environment.</summary>
    private List<string> Marked() =>
        [.. Directory.EnumerateDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _)).Where(folder =>
        {
            try
            {
                return File.ReadAllText(Path.Combine(folder, "environ")).Contains($"HEADROOM_TEST_MARK={_folder}", StringComparison.Ordinal);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        })];
}
