using System.Diagnostics;
using System.Globalization;
using Headroom.Measurements;

namespace Headroom.Cli.Tests.Capacity;

public sealed class CapacityCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headroom-capacity-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A rate limiter whose limit is known, over real sockets; its errors do not depend on how quick this machine is.</summary>
    [Fact]
    public async Task Capacity_ServerWithAKnownLimit_FindsItAndJudgesTheGate()
    {
        const double LimitPerSecond = 40;
        await using var server = new ScriptedServer(Limited(LimitPerSecond));
        var file = Path.Combine(_folder, "run.json");
        var result = await HeadroomProcess.RunAsync(
            "capacity", server.Url.ToString(), "--slo", "errors<1%", "--from", "30/s", "--step", "2s", "--precision", "40%", "--max-time", "60s", "--current", "10/s", "--min", "80/s", "--out", file);
        Assert.True(result.ExitCode == 1, result.Error + result.Output);
        var capacity = RunFileJson.Read(file).Capacity!;
        Assert.InRange(capacity.RatePerSecond, LimitPerSecond * 0.6, LimitPerSecond * 1.7);
        Assert.Equal(capacity.RatePerSecond / 10, capacity.Headroom!.Value, 1e-6);
        Assert.Contains("capacity>=80/s", result.Output, StringComparison.Ordinal);
        Assert.Contains("of today's 10.0 /s", result.Output, StringComparison.Ordinal);
        Assert.Contains("latency against rate", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Capacity_HighestRateMet_SaysAtLeast()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("hello"));
        var result = await HeadroomProcess.RunAsync("capacity", server.Url.ToString(), "--slo", "errors<1%", "--from", "20/s", "--max", "40/s", "--min", "40/s", "--quiet");
        Assert.True(result.ExitCode == 0, result.Error + result.Output);
        Assert.Contains("at least 40.0 /s", result.Output, StringComparison.Ordinal);
        Assert.Equal("", result.Error);
    }

    [Fact]
    public async Task Capacity_Interrupted_KeepsTheStepsSoFar()
    {
        await using var server = ScriptedServer.Always(ScriptedServer.Ok("hello"));
        var file = Path.Combine(_folder, "run.json");
        using var process = HeadroomProcess.Start(["capacity", server.Url.ToString(), "--slo", "errors<1%", "--from", "20/s", "--out", file]);
        Assert.Contains("met", await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        HeadroomProcess.Interrupt(process);
        var result = await HeadroomProcess.FinishAsync(process);
        Assert.True(result.ExitCode == 130, result.Error + result.Output);
        var run = RunFileJson.Read(file);
        Assert.Equal(CapacityEnd.Interrupted, run.Capacity!.EndedBy);
        Assert.True(run.Interrupted);
        Assert.NotEmpty(run.Capacity.Steps);
    }

    [Fact]
    public async Task Capacity_InterruptedBeforeAStepHadEnded_SaysThatThereIsNothing()
    {
        var asked = new TaskCompletionSource();
        await using var server = new ScriptedServer(async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null)
                asked.TrySetResult();
        });
        using var process = HeadroomProcess.Start(["capacity", server.Url.ToString(), "--slo", "errors<1%"]);
        await asked.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        HeadroomProcess.Interrupt(process);
        var result = await HeadroomProcess.FinishAsync(process);
        Assert.Equal((130, "interrupted before the first step had ended: there is nothing to print or write"), (result.ExitCode, result.Error.Trim()));
    }

    [Fact]
    public async Task Capacity_Help_DoesNotOfferWhatIsRefused()
    {
        var help = (await HeadroomProcess.RunAsync("capacity", "--help")).Output;
        Assert.Contains("--max-in-flight", help, StringComparison.Ordinal);
        Assert.All(["--rate ", "--connections ", "--duration ", "--warmup ", "--target "], option => Assert.DoesNotContain(option, help, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Capacity_TargetIsKilled_EndsWithWhatItKnowsByThen()
    {
        var port = FreePort.Next();
        using var server = await StartServerAsync(port);
        var file = Path.Combine(_folder, "run.json");
        using var process = HeadroomProcess.Start(["capacity", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/"), "--slo", "p99<20s", "--slo", "errors<1%", "--out", file]);
        Assert.Contains("met", await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        server.Kill();
        var result = await HeadroomProcess.FinishAsync(process);

        Assert.True(result.ExitCode == 1, result.Error + result.Output);
        Assert.Contains("the target went away: connections to it are refused", result.Output, StringComparison.Ordinal);
        Assert.Contains("capacity-target-gone", result.Output, StringComparison.Ordinal);
        var capacity = RunFileJson.Read(file).Capacity!;
        Assert.Equal((CapacityEnd.TargetGone, CapacityOutcome.Met), (capacity.EndedBy, capacity.Steps[0].Outcome));
    }

    [Fact]
    public async Task Capacity_NothingListens_IsUnreachable()
    {
        var result = await HeadroomProcess.RunAsync("capacity", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort.Next()}/"), "--slo", "p99<1s");
        Assert.Equal(3, result.ExitCode);
    }

    [Theory]
    [InlineData("no objective is given; write what has to hold")]
    [InlineData("unknown metric 'p9'", "--slo", "p9<1ms")]
    [InlineData("objective 'rps>5/s' is about how much is sent", "--slo", "rps>5/s")]
    [InlineData("--precision is '0.5%'; allowed: a share in percent from 1% to 100%", "--slo", "p99<1s", "--precision", "0.5%")]
    [InlineData("the first rate, 50/s, is above the highest, 20/s; write a lower --from or a higher --max", "--slo", "p99<1s", "--from", "50/s", "--max", "20/s")]
    [InlineData("--rate does not go with headroom capacity, which decides that itself; write --from instead", "--slo", "p99<1s", "--rate", "50/s")]
    public async Task Capacity_Mistake_SaysWhatToWrite(string expected, params string[] options)
    {
        var result = await HeadroomProcess.RunAsync(["capacity", "http://127.0.0.1:1/", .. options]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    /// <summary>A server as a process of its own (tests/CapacityServer), which ends with its standard input at the latest.</summary>
    private static async Task<Process> StartServerAsync(int port)
    {
        var program = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(HeadroomProcess.Program)!, "..", "..", "CapacityServer", Path.GetFileName(Path.GetDirectoryName(HeadroomProcess.Program))!, "CapacityServer.dll"));
        var server = Process.Start(new ProcessStartInfo("dotnet", [program, "pool", port.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        Assert.StartsWith("ready", await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        return server;
    }

    private static Func<ScriptedServer.Conversation, Task> Limited(double perSecond)
    {
        var (gate, tokens, filledAt) = (new Lock(), 1.0, DateTime.UtcNow);
        return async conversation =>
        {
            while (await conversation.ReadRequestAsync() is not null)
            {
                bool allowed;
                lock (gate)
                {
                    var now = DateTime.UtcNow;
                    tokens = Math.Min(4, tokens + ((now - filledAt).TotalSeconds * perSecond));
                    filledAt = now;
                    allowed = tokens >= 1;
                    tokens -= allowed ? 1 : 0;
                }

                await conversation.SendAsync(allowed ? ScriptedServer.Ok("x") : "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 1\r\n\r\nx");
            }
        };
    }
}
